/* While a gate is shut this program starts no process, however its threads and whoever shuts it meet. */

#include "common/os/process_gate.h"

#include "common/base/clock.h"
#include "common/os/process.h"
#include "common/os/process_tree.h"
#include "tests/unit/test.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    arena_t *arena;
    turn_t turn;
    process_gate_t *gate, *other; // The program's, and the same page as the other side has it
} world_t;

static world_t world_new (void)
{
    world_t self = {.arena = arena_new ()};
    int fd;
    turn_init (&self.turn, self.arena, "test", 0);
    CHECK_INT (process_gate_new (&self.gate, &self.turn, &fd), OK);
    CHECK_INT (process_gate_map (&self.other, &self.turn, fd), OK);
    CHECK (ftruncate (fd, 0) != 0); // It is sealed
    close (fd);
    process_gate_use (self.gate);
    return self;
}

static void world_end (world_t *self)
{
    process_gate_use (NULL);
    process_gate_destroy (&self->gate);
    process_gate_destroy (&self->other);
    arena_destroy (&self->arena);
}

static const process_spec_t nothing = {.argv = (const char *const[]){"true", NULL}};

TEST (nothing_starts_while_the_gate_is_shut)
{
    world_t world = world_new ();
    process_t *process;
    CHECK (process_gate_shut (world.other, 0));
    CHECK (process_gate_is_shut ());
    for (int i = 0; i < 100; i++)
        CHECK_INT (process_start (&process, &world.turn, &nothing), UNAVAILABLE);
    CHECK (!process_gate_is_busy (world.other));
    process_gate_open (world.other);
    CHECK_INT (process_start (&process, &world.turn, &nothing), OK);
    process_destroy (&process);
    world_end (&world);
}

static void *open_later (void *gate)
{
    poll (NULL, 0, 30);
    process_gate_open (gate);
    return NULL;
}

TEST (what_is_run_to_its_end_starts_once_the_gate_is_open)
{
    world_t world = world_new ();
    pthread_t thread;
    process_output_t output;
    CHECK (process_gate_shut (world.other, 0));
    pthread_create (&thread, NULL, open_later, world.other);
    CHECK_INT (process_run (&world.turn, &nothing, SECONDS (60), 100, &output), OK);
    CHECK_INT (output.end.status, 0);
    pthread_join (thread, NULL);
    world_end (&world);
}

TEST (what_waits_for_the_gate_still_has_its_time_and_can_be_stopped)
{
    world_t world = world_new ();
    int read_end, write_end;
    process_output_t output;
    process_spec_t spec = nothing;
    CHECK (process_gate_shut (world.other, 0));
    CHECK_INT (process_run (&world.turn, &spec, MILLISECONDS (30), 100, &output), TIMEOUT);
    CHECK_INT (process_pipe (&world.turn, &read_end, &write_end), OK);
    CHECK_INT (write (write_end, "x", 1), 1);
    spec.stop = read_end;
    CHECK_INT (process_run (&world.turn, &spec, SECONDS (600), 100, &output), UNAVAILABLE);
    close (read_end);
    close (write_end);
    world_end (&world);
}

// Gives the signal that stopped it or let it go on.
static int change_of (pid_t pid)
{
    siginfo_t info = {.si_pid = 0};
    CHECK_INT (waitid (P_PID, (id_t) pid, &info, WSTOPPED | WCONTINUED), 0);
    return info.si_code;
}

TEST (a_start_that_outlasts_the_wait_of_who_shuts_the_gate_is_stopped_where_it_ends)
{
    world_t world = world_new ();
    const process_spec_t endless = {.argv = (const char *const[]){"sleep", "1000", NULL}};
    process_t *process;
    CHECK (process_gate_enter ());
    CHECK (!process_gate_shut (world.other, MILLISECONDS (5)));
    process_gate_use (NULL);
    CHECK_INT (process_start (&process, &world.turn, &endless), OK);
    process_gate_use (world.gate);
    process_gate_leave (process_pid (process));
    CHECK_INT (change_of (process_pid (process)), CLD_STOPPED);
    CHECK (!process_gate_is_busy (world.other));
    process_gate_open (world.other);
    process_destroy (&process);
    world_end (&world);
}

static atomic_bool go_on;
static atomic_int started, wrong;
static atomic_int period; // Odd while the gate is shut for certain

static void *start_again_and_again (void *arena)
{
    turn_t turn;
    process_t *process;
    process_end_t end;
    turn_init (&turn, arena, "test", 0);
    while (atomic_load (&go_on)) {
        int before = atomic_load (&period);
        if (process_start (&process, &turn, &nothing) != OK) {
            sched_yield ();
            continue;
        }
        atomic_fetch_add (&started, 1);
        if (before % 2 && atomic_load (&period) == before)
            atomic_fetch_add (&wrong, 1);
        if (process_wait (process, SECONDS (60), &end) != OK)
            atomic_fetch_add (&wrong, 1);
        process_destroy (&process);
    }
    return NULL;
}

static void wait_for (atomic_int *count, int more)
{
    for (int before = atomic_load (count); atomic_load (count) < before + more;)
        sched_yield ();
}

TEST (threads_that_start_processes_start_none_once_the_gate_was_shut)
{
    world_t world = world_new ();
    pthread_t threads[2];
    process_tree_pause_t pause = {.begun = true};
    arena_t *arenas[2] = {arena_new (), arena_new ()};
    atomic_store (&go_on, true);
    for (int i = 0; i < 2; i++)
        pthread_create (&threads[i], NULL, start_again_and_again, arenas[i]);
    for (int round = 0; round < 50; round++) {
        wait_for (&started, 2);
        CHECK (process_gate_shut (world.other, SECONDS (60)));
        atomic_fetch_add (&period, 1);
        for (int i = 0; i < 100; i++) // Not until one was refused: both may wait for what was stopped
            sched_yield ();
        atomic_fetch_add (&period, 1);
        process_gate_open (world.other);
        process_tree_resume (getpid (), &pause); // What ended its start while it was shut was stopped
    }
    atomic_store (&go_on, false);
    for (int i = 0; i < 2; i++) {
        pthread_join (threads[i], NULL);
        arena_destroy (&arenas[i]);
    }
    CHECK_INT (atomic_load (&wrong), 0);
    world_end (&world);
}
