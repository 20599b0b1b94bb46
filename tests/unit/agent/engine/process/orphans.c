/* Processes of a job whose agent was killed are found by their environment, and nobody else is. */

#include "agent/engine/process/orphans.h"
#include "common/base/clock.h"
#include "common/os/process.h"
#include "tests/unit/test.h"

#include <string.h>

static process_t *start (turn_t *turn, const char *variable)
{
    process_t *process;
    const char *argv[] = {"sleep", "100", NULL};
    const char *environment[] = {"PATH=/usr/bin:/bin", variable, NULL};
    CHECK_INT (process_start (&process, turn, &(process_spec_t){.argv = argv, .environment = environment}),
               OK);
    return process;
}

TEST (processes_with_the_tracking_id_are_killed_and_no_others)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 0);
    const char *mine =
        tracking_id (arena, arena_printf (arena, "/a folder of process %d", (int) clock_monotonic_us ()));
    process_t *orphan = start (&turn, arena_printf (arena, "RUNNER_TRACKING_ID=%s", mine));
    process_t *other = start (&turn, arena_printf (arena, "RUNNER_TRACKING_ID=%sx", mine));
    process_end_t end;
    // Between its start and its exec a process has our environment.
    int64_t until_us = test_until_us ();
    size_t killed = 0;
    while (killed == 0 && clock_monotonic_us () < until_us)
        killed = orphans_kill (mine);
    CHECK (killed >= 1);
    CHECK_INT (process_wait (orphan, SECONDS (20), &end), OK);
    CHECK_INT (end.signal, 9);
    CHECK_INT (process_wait (other, 0, &end), TIMEOUT);
    process_destroy (&orphan);
    process_destroy (&other);
    arena_destroy (&arena);
}
