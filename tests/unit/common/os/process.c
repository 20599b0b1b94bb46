/* process.c - children: their streams, their ends, their groups. */

#include "common/os/process.h"
#include "common/base/buffer.h"
#include "common/base/clock.h"
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    arena_t *arena;
    turn_t turn;
} world_t;

static world_t world_new (void)
{
    world_t world = {.arena = arena_new ()};
    turn_init (&world.turn, world.arena, "test", 1);
    return world;
}

#define SHELL(script) ((const char *const[]){"sh", "-c", script, NULL})

TEST (what_a_process_prints_and_its_status_are_collected)
{
    static const struct {
        const char *script, *out, *err;
        int status, signal;
    } cases[] = {
        {"echo hello; echo sorry >&2; exit 3", "hello\n", "sorry\n", 3, 0},
        {"kill -9 $$", "", "", 137, 9},
        {"cat", "", "", 0, 0}, // Its input is /dev/null
        {"sleep 100 & echo left", "left\n", "", 0, 0},
        {"cd /; pwd; echo $A $B", "/\nx\n", "", 0, 0},
    };
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        world_t world = world_new ();
        process_output_t output;
        process_spec_t spec = {.argv = SHELL (cases[i].script),
                               .environment = (const char *const[]){"PATH=/usr/bin:/bin", "A=x", NULL}};
        CHECK_INT (process_run (&world.turn, &spec, SECONDS (20), 1000, &output), OK);
        CHECK_STR (output.out, cases[i].out);
        CHECK_STR (output.err, cases[i].err);
        CHECK_INT (output.end.status, cases[i].status);
        CHECK_INT (output.end.signal, cases[i].signal);
        arena_destroy (&world.arena);
    }
}

TEST (a_process_runs_in_its_folder)
{
    world_t world = world_new ();
    process_output_t output;
    CHECK_INT (process_run (&world.turn, &(process_spec_t){.argv = SHELL ("pwd"), .folder = "/usr"},
                            SECONDS (20), 100, &output),
               OK);
    CHECK_STR (output.out, "/usr\n");
    arena_destroy (&world.arena);
}

// A machine without room for a process says so in another way: the failure shows which it was.
static void check_missing (process_spec_t spec, const char *missing)
{
    world_t world = world_new ();
    process_t *process;
    fault_t fault = process_start (&process, &world.turn, &spec);
    if (fault != NOT_FOUND || process || !strstr (world.turn.detail, missing))
        test_fail (__FILE__, __LINE__, "%s is missing: %s, \"%s\"", missing, fault_name (fault),
                   world.turn.detail ? world.turn.detail : "it was started");
    arena_destroy (&world.arena);
}

TEST (what_cannot_start_says_what_is_missing)
{
    check_missing ((process_spec_t){.argv = (const char *const[]){"no-such-program", NULL}},
                   "no-such-program");
    check_missing ((process_spec_t){.argv = SHELL ("true"), .folder = "/no/such/folder"}, "/no/such/folder");
}

TEST (a_process_inherits_no_descriptor_and_no_blocked_signal)
{
    world_t world = world_new ();
    int leak = open ("/dev/null", O_RDONLY); // Without O_CLOEXEC
    sigset_t block, old;
    sigemptyset (&block);
    sigaddset (&block, SIGTERM);
    sigprocmask (SIG_BLOCK, &block, &old);
    sigaction (SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    process_output_t output;
    // Signals 32 and 33 are the C library's own: only the lower 28 are looked at
    process_spec_t spec = {.argv =
                               SHELL ("ls /proc/self/fd | wc -l;"
                                      "sed -n 's/^Sig[BI][lg].*\\(.\\{7\\}\\)$/\\1/p' /proc/self/status")};
    CHECK_INT (process_run (&world.turn, &spec, SECONDS (20), 1000, &output), OK);
    sigaction (SIGPIPE, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    sigprocmask (SIG_SETMASK, &old, NULL);
    close (leak);
    CHECK_STR (output.out, "4\n0000000\n0000000\n"); // 4: ls itself opens one
    arena_destroy (&world.arena);
}

TEST (too_much_output_or_time_ends_it)
{
    world_t world = world_new ();
    process_output_t output;
    CHECK_INT (
        process_run (&world.turn, &(process_spec_t){.argv = SHELL ("yes")}, SECONDS (20), 1000, &output),
        TOO_LARGE);
    CHECK_INT (process_run (&world.turn, &(process_spec_t){.argv = SHELL ("sleep 100")}, MILLISECONDS (50),
                            1000, &output),
               TIMEOUT);
    CHECK_INT (process_run (&world.turn, &(process_spec_t){.argv = SHELL ("yes >&2 & echo ok")}, SECONDS (20),
                            1000, &output),
               OK);
    CHECK_STR (output.out, "ok\n");
    CHECK (strlen (output.err) <= PROCESS_MAX_ERR);
    arena_destroy (&world.arena);
}

TEST (silence_ends_a_process_that_has_all_the_time)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 0);
    const char *argv[] = {"sh", "-c", "echo begun; sleep 3600", NULL};
    process_spec_t spec = {.argv = argv, .silence_us = MILLISECONDS (300)};
    process_output_t output;
    CHECK_INT (process_run (&turn, &spec, NEVER, 1000, &output), TIMEOUT);
    CHECK_STR (output.out, "begun\n");
    arena_destroy (&arena);
}

static void hear (void *context, const char *bytes, size_t size)
{
    buffer_add (context, bytes, size);
}

TEST (a_listener_gets_standard_error_as_it_comes_and_whole)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 0);
    buffer_t *heard = buffer_new (1 << 20);
    const char *argv[] = {"sh", "-c", "echo no; echo a >&2; head -c 100000 /dev/zero | tr '\\0' x >&2", NULL};
    process_spec_t spec = {.argv = argv, .on_stderr = hear, .context = heard};
    process_output_t output;
    CHECK_INT (process_run (&turn, &spec, SECONDS (60), 1000, &output), OK);
    CHECK_INT (buffer_size (heard), 100002); // More than is kept
    CHECK (strncmp (buffer_text (heard), "a\nxx", 4) == 0);
    buffer_destroy (&heard);
    arena_destroy (&arena);
}

TEST (a_destroyed_process_leaves_nobody_of_its_group)
{
    world_t world = world_new ();
    process_t *process;
    process_end_t end;
    CHECK_INT (process_start (&process, &world.turn, &(process_spec_t){.argv = SHELL ("sleep 100 & exit 7")}),
               OK);
    pid_t group = process_pid (process);
    CHECK_INT (process_wait (process, SECONDS (20), &end), OK);
    CHECK_INT (process_wait (process, 0, &end), OK); // Its end can be read again
    CHECK_INT (end.status, 7);
    CHECK_INT (kill (-group, 0), 0);
    process_destroy (&process);
    int64_t until_us = test_until_us ();
    while (kill (-group, 0) == 0 && clock_monotonic_us () < until_us)
        sched_yield ();
    CHECK (kill (-group, 0) != 0 && errno == ESRCH);
    arena_destroy (&world.arena);
}

TEST (a_signal_reaches_the_group_and_its_exit_status_shows_it)
{
    world_t world = world_new ();
    process_t *process;
    process_end_t end;
    CHECK_INT (process_start (&process, &world.turn, &(process_spec_t){.argv = SHELL ("exec sleep 100")}),
               OK);
    CHECK_INT (process_wait (process, 0, &end), TIMEOUT);
    process_signal (process, SIGTERM);
    CHECK_INT (process_wait (process, SECONDS (20), &end), OK);
    CHECK_INT (end.signal, SIGTERM);
    CHECK_INT (end.status, 128 + SIGTERM);
    process_destroy (&process);
    arena_destroy (&world.arena);
}
