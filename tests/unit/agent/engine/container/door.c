/* door.c - the first process of a container, without a container: how it meets the agent, what it runs, and how it ends. */

#include "agent/engine/container/door.h"

#include "common/base/clock.h"
#include "common/os/process.h"
#include "common/os/process_gate.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    arena_t *arena;
    turn_t turn;
    char folder[200];
    door_t door;
    process_t *first;
    sandbox_link_t *link;
    give_t user;
} world_t;

static void begin (world_t *self)
{
    *self = (world_t){.arena = arena_new ()};
    turn_init (&self->turn, self->arena, "test", 0);
    test_folder (self->folder, sizeof (self->folder));
    CHECK_INT (door_open (&self->door, &self->turn, arena_printf (self->arena, "%s/containers", self->folder),
                          OPENCICD_INSIDE, 1),
               OK);
    const process_spec_t spec = {
        .argv =
            (const char *const[]){arena_printf (self->arena, "%s/opencicd-inside", self->door.folder),
                                  arena_printf (self->arena, "%s/socket", self->door.folder), "0", "0", NULL},
        .err = PROCESS_OURS};
    CHECK_INT (process_start (&self->first, &self->turn, &spec), OK);
    CHECK_INT (door_wait (&self->door, &self->turn, -1, 20000, &self->link, &self->user), OK);
    door_close (&self->door);
}

static void end (world_t *self)
{
    process_end_t how;
    sandbox_link_destroy (&self->link);
    CHECK_INT (process_wait (self->first, SECONDS (20), &how), OK);
    CHECK_INT (how.status, 0);
    process_destroy (&self->first);
    test_folder_remove (self->folder);
    arena_destroy (&self->arena);
}

static process_t *start (world_t *self, const char *script, int out)
{
    process_t *process;
    const process_spec_t spec = {.argv = (const char *const[]){"/bin/sh", "-c", script, NULL},
                                 .environment = (const char *const[]){"PATH=/usr/bin:/bin", "A=b c", NULL},
                                 .folder = "/usr",
                                 .sandbox = self->link,
                                 .out = out};
    CHECK_INT (process_start (&process, &self->turn, &spec), OK);
    return process;
}

TEST (a_process_in_a_container_has_our_pipe_its_own_folder_and_variables_and_a_status)
{
    world_t world;
    int ends[2];
    char text[200] = "";
    process_end_t how;
    begin (&world);
    CHECK_INT (world.user.user, geteuid ());
    CHECK_INT (process_pipe (&world.turn, &ends[0], &ends[1]), OK);
    process_t *process = start (&world, "echo $PWD $A; exit 7", ends[1]);
    CHECK_INT (process_wait (process, SECONDS (20), &how), OK);
    CHECK_INT (how.status, 7);
    CHECK (read (ends[0], text, sizeof (text) - 1) > 0);
    CHECK_STR (text, "/usr b c\n");
    process_destroy (&process);
    close (ends[0]);
    close (ends[1]);
    end (&world);
}

TEST (a_signal_reaches_the_group_of_a_process_that_we_cannot_see)
{
    world_t world;
    process_end_t how;
    begin (&world);
    process_t *process = start (&world, "sleep 100 & wait", 0);
    CHECK_INT (process_pid (process), 0);
    process_signal (process, SIGTERM);
    CHECK_INT (process_wait (process, SECONDS (20), &how), OK);
    CHECK_INT (how.signal, SIGTERM);
    process_destroy (&process);
    end (&world);
}

// "T" of a stopped process in /proc; 0 where there is none.
static char state_of (pid_t pid)
{
    char path[64], text[200] = "";
    snprintf (path, sizeof (path), "/proc/%d/stat", (int) pid);
    FILE *file = fopen (path, "r");
    if (!file)
        return 0;
    (void) !fread (text, 1, sizeof (text) - 1, file);
    fclose (file);
    const char *end = strrchr (text, ')');
    return end ? end[2] : 0;
}

static bool becomes (pid_t pid, bool stopped)
{
    int64_t until = test_until_us ();
    while ((state_of (pid) == 'T') != stopped && clock_monotonic_us () < until)
        poll (NULL, 0, 2);
    return (state_of (pid) == 'T') == stopped;
}

TEST (a_container_pauses_while_the_gate_of_its_agent_is_shut)
{
    world_t world;
    process_gate_t *gate;
    int page, ends[2];
    char text[40] = "";
    turn_t turn;
    arena_t *arena = arena_new ();
    turn_init (&turn, arena, "test", 0);
    CHECK_INT (process_gate_new (&gate, &turn, &page), OK);
    process_gate_lend (page);
    begin (&world);
    CHECK_INT (process_pipe (&turn, &ends[0], &ends[1]), OK);
    process_t *process = start (&world, "echo $$; exec sleep 100", ends[1]);
    CHECK (read (ends[0], text, sizeof (text) - 1) > 0);
    pid_t pid = (pid_t) strtol (text, NULL, 10);
    for (int i = 0; i < 2; i++) {
        (void) process_gate_shut (gate, 0);
        CHECK (becomes (pid, true));
        process_gate_open (gate);
        CHECK (becomes (pid, false));
    }
    process_destroy (&process);
    end (&world);
    process_gate_lend (-1);
    process_gate_destroy (&gate);
    close (page);
    close (ends[0]);
    close (ends[1]);
    arena_destroy (&arena);
}

TEST (what_runs_in_a_container_ends_with_the_agent)
{
    world_t world;
    int ends[2];
    char text[40] = "";
    begin (&world);
    CHECK_INT (process_pipe (&world.turn, &ends[0], &ends[1]), OK);
    process_t *process = start (&world, "(setsid sh -c 'echo $$; exec sleep 100') & wait", ends[1]);
    CHECK (read (ends[0], text, sizeof (text) - 1) > 0);
    pid_t pid = (pid_t) strtol (text, NULL, 10);
    CHECK_INT (kill (pid, 0), 0);
    process_signal (process, SIGKILL);
    process_release (&process);
    end (&world);
    int64_t until = test_until_us ();
    while (kill (pid, 0) == 0 && state_of (pid) != 'Z' && clock_monotonic_us () < until)
        poll (NULL, 0, 2);
    CHECK (kill (pid, 0) != 0 || state_of (pid) == 'Z');
    close (ends[0]);
    close (ends[1]);
}

TEST (a_container_that_does_not_come_is_not_waited_for_without_end)
{
    world_t world = {.arena = arena_new ()};
    int ends[2];
    turn_init (&world.turn, world.arena, "test", 0);
    test_folder (world.folder, sizeof (world.folder));
    CHECK_INT (door_open (&world.door, &world.turn, world.folder, OPENCICD_INSIDE, 3), OK);
    CHECK_INT (door_wait (&world.door, &world.turn, -1, 20, &world.link, &world.user), UNAVAILABLE);
    CHECK_STR (world.turn.detail, "the container was started, and has not reached the agent");
    CHECK_INT (pipe (ends), 0);
    CHECK (write (ends[1], "x", 1) == 1);
    CHECK_INT (door_wait (&world.door, &world.turn, ends[0], 60000, &world.link, &world.user), UNAVAILABLE);
    CHECK_STR (world.turn.detail, "stopped");
    door_close (&world.door);
    CHECK (access (arena_printf (world.arena, "%s/3", world.folder), F_OK) != 0);
    close (ends[0]);
    close (ends[1]);
    test_folder_remove (world.folder);
    arena_destroy (&world.arena);
}
