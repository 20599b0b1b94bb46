/* test.c - runs the tests that registered themselves and closes with `N passed, N failed`. */

#include "tests/unit/test.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_TESTS 4096

static struct {
    const char *name;
    const char *file;
    void (*run) (void);
} tests[MAX_TESTS];
static int count;
static jmp_buf leave;

void test_add (const char *name, const char *file, void (*run) (void))
{
    if (count == MAX_TESTS)
        abort ();
    tests[count].name = name;
    tests[count].file = file;
    tests[count++].run = run;
}

void test_fail (const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    printf ("  %s:%d: ", file, line);
    vprintf (format, args);
    printf ("\n");
    va_end (args);
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

static bool run_one (int index)
{
    if (setjmp (leave))
        return false;
    tests[index].run ();
    return true;
}

int main (int argc, char **argv)
{
    bool loud = argc > 1 && strcmp (argv[1], "-v") == 0;
    const char *part = argc > 1 + loud ? argv[1 + loud] : "";
    int passed = 0, failed = 0;
    sigaction (SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL); // As every program of ours does
    setvbuf (stdout, NULL, _IOLBF, 0);
    for (int i = 0; i < count; i++) {
        if (!strstr (tests[i].name, part))
            continue;
        bool ok = run_one (i);
        ok ? passed++ : failed++;
        if (loud || !ok)
            printf ("%s %s (%s)\n", ok ? "ok  " : "FAIL", tests[i].name, tests[i].file);
    }
    printf ("%d passed, %d failed\n", passed, failed);
    fflush (stdout);
    if (failed)
        _exit (1); // A test that was left may have left threads, for which a plain end would wait
    return !passed;
}
