/* A tree of processes is paused and goes on, whatever its members did to leave it, and nobody else is touched. */

#include "common/os/process_tree.h"

#include "common/base/clock.h"
#include "common/os/process.h"
#include "tests/unit/test.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char state_of (pid_t pid)
{
    char path[64], text[512];
    snprintf (path, sizeof path, "/proc/%d/stat", (int) pid);
    FILE *file = fopen (path, "r");
    size_t size = file ? fread (text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose (file);
    text[size] = 0;
    const char *end = strrchr (text, ')');
    return end ? end[2] : 'X';
}

// Until its state is one of those, or none of them.
static bool becomes (pid_t pid, const char *states, bool wanted)
{
    int64_t until = test_until_us ();
    while ((strchr (states, state_of (pid)) != NULL) != wanted && clock_monotonic_us () < until)
        sched_yield ();
    return (strchr (states, state_of (pid)) != NULL) == wanted;
}

// Four processes: the leader, a child, one in a session of its own, and one that stopped itself. Each is known by its pid.
static process_t *start (turn_t *turn, pid_t pids[4])
{
    static const char script[] =
        "sleep 100 & a=$!; setsid sleep 100 & b=$!; sleep 100 & c=$!; kill -STOP $c; "
        "echo $$ $a $b $c; wait";
    process_t *process;
    char line[128];
    int read_end, write_end, got[4];
    CHECK_INT (process_pipe (turn, &read_end, &write_end), OK);
    const process_spec_t spec = {.argv = (const char *const[]){"sh", "-c", script, NULL}, .out = write_end};
    CHECK_INT (process_start (&process, turn, &spec), OK);
    close (write_end);
    ssize_t size = read (read_end, line, sizeof line - 1);
    close (read_end);
    CHECK (size > 0);
    line[size > 0 ? size : 0] = 0;
    CHECK_INT (sscanf (line, "%d %d %d %d", got, got + 1, got + 2, got + 3), 4);
    for (size_t i = 0; i < 4; i++)
        pids[i] = got[i];
    CHECK (becomes (pids[3], "T", true));
    return process;
}

static void end (process_t **process, const pid_t pids[4])
{
    for (size_t i = 1; i < 4; i++)
        kill (pids[i], SIGKILL);
    process_destroy (process);
}

TEST (a_whole_tree_is_paused_and_resumed_except_what_was_stopped_before)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 0);
    pid_t pids[4], others[4];
    process_t *process = start (&turn, pids), *other = start (&turn, others);
    process_tree_pause_t pause = {.begun = false};
    pid_t root = process_pid (process);
    for (int i = 0; i < 2;
         i++) // Again while it is paused: what it stopped itself is not taken for what was stopped before
        process_tree_pause (root, &pause);
    for (size_t i = 1; i < 4; i++)
        CHECK (becomes (pids[i], "T", true));
    CHECK (!strchr ("T", state_of (root))); // The root goes on
    for (size_t i = 0; i < 3; i++)
        CHECK (!strchr ("T", state_of (others[i])));
    process_tree_resume (root, &pause);
    for (size_t i = 1; i < 3; i++)
        CHECK (becomes (pids[i], "T", false));
    CHECK_INT (state_of (pids[3]), 'T');
    end (&process, pids);
    end (&other, others);
    arena_destroy (&arena);
}

TEST (what_a_paused_tree_gets_later_is_paused_by_the_next_call)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 0);
    process_tree_pause_t pause = {.begun = false};
    process_tree_pause (getpid (), &pause);
    pid_t pids[4];
    process_t *process = start (&turn, pids);
    process_tree_pause (getpid (), &pause);
    for (size_t i = 0; i < 4; i++)
        CHECK (becomes (pids[i], "T", true));
    process_tree_resume (getpid (), &pause);
    for (size_t i = 0; i < 3; i++)
        CHECK (becomes (pids[i], "T", false));
    end (&process, pids);
    arena_destroy (&arena);
}
