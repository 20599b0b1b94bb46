/* What the guard of an agent does with the processes of a job whose time is over, and with those that the agent is about to start. */

#include "agent/guard.h"

#include "agent/guard/terms.h"
#include "common/base/clock.h"
#include "common/os/process.h"
#include "common/os/process_gate.h"
#include "tests/unit/test.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    arena_t *arena;
    turn_t turn;
    process_gate_t *gate;
    int terms, watched;
    pthread_t thread;
    bool unfinished;
} world_t;

static void *watch (void *self_)
{
    world_t *self = self_;
    self->unfinished = guard_watch (self->watched, getpid (), self->gate);
    return NULL;
}

static void world_begin (world_t *self)
{
    int fd;
    *self = (world_t){.arena = arena_new ()};
    turn_init (&self->turn, self->arena, "test", 0);
    CHECK_INT (process_gate_new (&self->gate, &self->turn, &fd), OK);
    close (fd);
    process_gate_use (self->gate);
    CHECK_INT (process_pipe (&self->turn, &self->watched, &self->terms), OK);
    fcntl (self->watched, F_SETFL, O_NONBLOCK);
    CHECK_INT (pthread_create (&self->thread, NULL, watch, self), 0);
}

// Gives whether a job had not ended.
static bool world_end (world_t *self)
{
    close (self->terms);
    pthread_join (self->thread, NULL);
    close (self->watched);
    process_gate_use (NULL);
    process_gate_destroy (&self->gate);
    arena_destroy (&self->arena);
    return self->unfinished;
}

static void say (const world_t *self, uint64_t number, int64_t until_us)
{
    const guard_term_t term = {number, until_us};
    CHECK_INT (write (self->terms, &term, sizeof term), sizeof term);
}

static const process_spec_t busy = {.argv = (const char *const[]){"sh", "-c", "while :; do :; done", NULL}};

static process_t *start (world_t *self)
{
    process_t *process;
    CHECK_INT (process_start (&process, &self->turn, &busy), OK);
    return process;
}

static char state_of (const process_t *process)
{
    char path[64], text[512];
    snprintf (path, sizeof path, "/proc/%d/stat", (int) process_pid (process));
    FILE *file = fopen (path, "r");
    size_t size = file ? fread (text, 1, sizeof text - 1, file) : 0;
    if (file)
        fclose (file);
    text[size] = 0;
    const char *end = strrchr (text, ')');
    return end ? end[2] : 'X';
}

static void wait_for_state (const process_t *process, char state, bool wanted)
{
    int64_t until = test_until_us ();
    while ((state_of (process) == state) != wanted && clock_monotonic_us () < until)
        sched_yield ();
    CHECK_INT (state_of (process) == state, wanted);
}

TEST (nothing_starts_from_the_end_of_a_term_until_it_is_prolonged)
{
    world_t world;
    world_begin (&world);
    process_t *process = start (&world), *other;
    say (&world, 1, clock_boottime_us () + MILLISECONDS (20));
    // Starts one after the other meet the end of the term at any of their moments
    fault_t fault;
    while ((fault = process_start (&other, &world.turn, &busy)) == OK)
        process_destroy (&other);
    CHECK_INT (fault, UNAVAILABLE);
    wait_for_state (process, 'T', true);
    for (int i = 0; i < 50; i++)
        CHECK_INT (process_start (&other, &world.turn, &busy), UNAVAILABLE);
    say (&world, 1, clock_boottime_us () + SECONDS (600));
    wait_for_state (process, 'T', false);
    other = start (&world);
    CHECK (state_of (other) != 'T');
    process_destroy (&other);
    say (&world, 1, clock_boottime_us ()); // What was said before it, and arrives late, does not shorten it
    for (int64_t until = clock_boottime_us () + MILLISECONDS (200); clock_boottime_us () < until;)
        CHECK (state_of (process) != 'T');
    process_destroy (&process);
    say (&world, 1, NEVER);
    CHECK (!world_end (&world));
}

TEST (a_start_that_was_under_way_when_the_guard_gave_up_to_wait_is_paused_and_goes_on)
{
    world_t world;
    world_begin (&world);
    CHECK (process_gate_enter ()); // As in an agent that is frozen here
    say (&world, 1, 0);
    while (!process_gate_is_shut ())
        sched_yield ();
    process_gate_use (NULL);
    process_t *process = start (&world);
    process_gate_use (world.gate);
    process_gate_leave (process_pid (process));
    wait_for_state (process, 'T', true);
    say (&world, 1, clock_boottime_us () + SECONDS (600));
    wait_for_state (process, 'T', false);
    process_destroy (&process);
    CHECK (world_end (&world));
}

TEST (a_job_that_must_end_at_once_is_killed_and_the_next_one_is_not)
{
    world_t world;
    process_end_t end;
    world_begin (&world);
    process_t *process = start (&world);
    say (&world, 1, clock_boottime_us () + SECONDS (600));
    say (&world, 1, GUARD_KILL);
    CHECK_INT (process_wait (process, SECONDS (60), &end), OK);
    CHECK_INT (end.signal, SIGKILL);
    process_destroy (&process);
    CHECK_INT (process_start (&process, &world.turn, &busy), UNAVAILABLE); // Of that job
    say (&world, 1, NEVER);
    say (&world, 1, GUARD_KILL); // Too late
    say (&world, 2, clock_boottime_us () + SECONDS (600));
    while (process_gate_is_shut ())
        sched_yield ();
    process = start (&world);
    say (&world, 1, GUARD_KILL);
    CHECK_INT (process_wait (process, MILLISECONDS (30), &end), TIMEOUT);
    process_destroy (&process);
    CHECK (world_end (&world));
}

// The agent ends a job that must end at once by itself, too: then the guard hears of both while it looks for that job's processes.
TEST (the_first_process_of_the_next_job_is_never_killed_for_the_job_before)
{
    world_t world;
    process_end_t end;
    process_t *process;
    world_begin (&world);
    for (uint64_t number = 1; number < 200; number += 2) {
        say (&world, number, clock_boottime_us () + SECONDS (600));
        say (&world, number, GUARD_KILL);
        sched_yield ();
        say (&world, number, NEVER);
        say (&world, number + 1, clock_boottime_us () + SECONDS (600));
        while (process_start (&process, &world.turn, &busy) != OK)
            sched_yield ();
        CHECK_INT (process_wait (process, MILLISECONDS (10), &end), TIMEOUT);
        process_destroy (&process);
        say (&world, number + 1, NEVER);
    }
    CHECK (!world_end (&world));
}
