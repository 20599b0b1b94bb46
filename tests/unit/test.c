/* test.c - runs the tests that registered themselves and closes with `N passed, N failed`.
 *
 * Each has a deadline. One that hangs is named with what it was at. Behind it, as behind any test that failed, the program begins anew,
 * by exec: threads and locks of it are gone, and the others still run and are counted. */

#include "tests/unit/test.h"

#include <execinfo.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define MAX_TESTS 4096
#define FRAMES    40 // Of a test that hangs
#ifdef __SANITIZE_THREAD__
#define TEST_SECONDS 240 // One test on a busy machine
#else
#define TEST_SECONDS 120
#endif
#define WAIT_SECONDS 60 // One wait of it

_Atomic (const char *) test_place = "no check";

static struct {
    const char *name;
    const char *file;
    void (*run) (void);
} tests[MAX_TESTS];
static int count;
static jmp_buf leave;
static pthread_t main_thread;

static struct {
    char **argv;
    const char *part;
    bool loud;
    unsigned seconds;           // Deadline of a test
    volatile sig_atomic_t test; // What is running; -1 between tests
    int passed, failed;
} run = {.test = -1};

void test_add (const char *name, const char *file, void (*test) (void))
{
    if (count == MAX_TESTS)
        abort ();
    tests[count].name = name;
    tests[count].file = file;
    tests[count++].run = test;
}

void test_fail (const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    printf ("  %s:%d: ", file, line);
    vprintf (format, args);
    printf ("\n");
    va_end (args);
    if (!pthread_equal (pthread_self (), main_thread)) { // Whose stack the jump would leave is another's
        printf ("  a check failed in another thread than the test's\n");
        abort ();
    }
    longjmp (leave, 1);
}

void test_same_text (const char *file, int line, const char *what, const char *got, const char *want)
{
    if (!got || !want ? got != want : strcmp (got, want) != 0)
        test_fail (file, line, "%s is\n    \"%s\", not\n    \"%s\"", what, got ? got : "(null)",
                   want ? want : "(null)");
}

void test_same_number (const char *file, int line, const char *what, int64_t got, int64_t want)
{
    if (got != want)
        test_fail (file, line, "%s is %lld, not %lld", what, (long long) got, (long long) want);
}

/* ---- a test that hangs or falls */

// In a signal handler: nothing here takes a lock or memory.
static void name_the_test (const char *how)
{
    char line[512];
    int size = snprintf (line, sizeof (line), "  %s; its last check was %s\nFAIL %s (%s)\n", how,
                         atomic_load_explicit (&test_place, memory_order_relaxed), tests[run.test].name,
                         tests[run.test].file);
    if (size > (int) sizeof (line) - 1)
        size = (int) sizeof (line) - 1;
    if (write (STDOUT_FILENO, line, (size_t) size) < 0)
        _exit (1);
}

// The process stays, with the number that its parent waits for.
static void begin_after (int test)
{
    char after[64];
    snprintf (after, sizeof (after), "%d %d %d", test + 1, run.passed, run.failed);
    char *argv[] = {run.argv[0],
                    "--after",
                    after,
                    run.loud ? "-v" : (char *) run.part,
                    run.loud ? (char *) run.part : NULL,
                    NULL};
    execv ("/proc/self/exe", argv);
    _exit (1);
}

static void at_deadline (int signal)
{
    if (!pthread_equal (pthread_self (), main_thread)) { // What hangs is seen from there
        pthread_kill (main_thread, signal);
        return;
    }
    if (run.test < 0)
        return;
    char how[64];
    snprintf (how, sizeof (how), "it hangs: %u s are over", run.seconds);
    name_the_test (how);
    void *frames[FRAMES];
    backtrace_symbols_fd (frames, backtrace (frames, FRAMES), STDOUT_FILENO);
    run.failed++;
    begin_after (run.test);
}

// An assertion of ours failed: it ends the program as ever.
static void at_abort (int signal)
{
    (void) signal;
    if (run.test >= 0)
        name_the_test ("it aborted");
}

static void watch_over_tests (void)
{
    void *frame;
    (void) !backtrace (&frame, 1); // Loads its library now, not in a handler
    const char *seconds = getenv ("OPENCICD_TEST_SECONDS");
    run.seconds = seconds ? (unsigned) strtoul (seconds, NULL, 10) : TEST_SECONDS;
    sigaction (SIGALRM, &(struct sigaction){.sa_handler = at_deadline}, NULL);
    sigaction (SIGABRT, &(struct sigaction){.sa_handler = at_abort, .sa_flags = (int) SA_RESETHAND}, NULL);
    sigset_t deadline;
    sigemptyset (&deadline);
    sigaddset (&deadline, SIGALRM); // Blocked where a handler began this program anew
    pthread_sigmask (SIG_UNBLOCK, &deadline, NULL);
}

/* ---- all tests */

static bool run_one (int index)
{
    if (setjmp (leave))
        return false;
    tests[index].run ();
    return true;
}

static double now (void)
{
    struct timespec time;
    clock_gettime (CLOCK_MONOTONIC, &time);
    return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

// Of this program and of the processes that it has waited for. By the clock a test that waits and one that computes look alike.
static double computed (void)
{
    double seconds = 0;
    for (int who = RUSAGE_CHILDREN; who <= RUSAGE_SELF; who++) {
        struct rusage used;
        getrusage (who, &used);
        seconds += (double) (used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                   (double) (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    }
    return seconds;
}

int64_t test_until_us (void)
{
    return (int64_t) (now () * 1e6) + WAIT_SECONDS * INT64_C (1000000);
}

static void run_test (int index)
{
    double began = now (), before = computed ();
    atomic_store_explicit (&test_place, "none", memory_order_relaxed);
    run.test = index;
    alarm (run.seconds);
    bool ok = run_one (index);
    alarm (0);
    run.test = -1;
    run.passed += ok;
    run.failed += !ok;
    if (run.loud || !ok)
        printf ("%s %s (%s) %.2f s, %.2f s of a processor\n", ok ? "ok  " : "FAIL", tests[index].name,
                tests[index].file, now () - began, computed () - before);
    if (!ok)
        begin_after (index);
}

// [--after "FIRST PASSED FAILED"] [-v] [part of a name]; the first is where the one began that hung.
static int read_arguments (char **argv)
{
    int first = 0;
    run.argv = argv++;
    if (*argv && strcmp (*argv, "--after") == 0) {
        if (!argv[1] || sscanf (argv[1], "%d %d %d", &first, &run.passed, &run.failed) != 3)
            exit (2);
        argv += 2;
    }
    run.loud = *argv && strcmp (*argv, "-v") == 0;
    argv += run.loud;
    run.part = *argv ? *argv : "";
    return first;
}

int main (int argc, char **argv)
{
    (void) argc;
    int first = read_arguments (argv);
    main_thread = pthread_self ();
    sigaction (SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL); // As every program of ours does
    setvbuf (stdout, NULL, _IOLBF, 0);
    watch_over_tests ();
    for (int i = first; i < count; i++)
        if (strstr (tests[i].name, run.part))
            run_test (i);
    printf ("%d passed, %d failed\n", run.passed, run.failed);
    return run.failed || !run.passed;
}

uint32_t test_any (uint64_t *seed, uint32_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t) (*seed >> 33) % below;
}
