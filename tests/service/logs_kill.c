/* A collector is killed at any moment, again and again, and between any two steps of archiving: no byte that was acknowledged is lost. */

#include "services/logs/archive_store.h"
#include "tests/service/logs_rows.h"
#include "tests/unit/test.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#define KILLS 8
#define LOG   (40 << 20) // Bytes; of them some are written

static char *log_of_test (void)
{
    return make_log (LOG);
}

// Takes the log up where it is, and tells on its standard output what was acknowledged.
_Noreturn static void append_until_killed (world_t *self, unsigned seed)
{
    log_info_t info = {0};
    log_offset_t answer;
    char *log = log_of_test ();
    world_start (self);
    fault_t fault = world_ask (self, MSG_log_show, &(log_show_t){.job = self->job}, &info);
    if (fault && fault != NOT_FOUND)
        _exit (1);
    for (int64_t at = info.size; at < LOG;) {
        seed = seed * 1664525 + 1013904223;
        size_t part = seed >> (seed % 3 ? 12 : 20), left = (size_t) (LOG - at);
        arena_reset (self->arena);
        if (append_as (self, 1, 1, at, log + at, part < left ? part : left, &answer) != OK ||
            write (STDOUT_FILENO, &answer.offset, sizeof (answer.offset)) != sizeof (answer.offset))
            _exit (1);
        at = answer.offset;
    }
    for (;;) // All is there: archiving goes on until the end comes
        clock_turn (self->clock, SECONDS (1));
}

// This program, started by the test below: a collector in a process of its own.
TEST (a_collector_that_will_be_killed)
{
    const char *args = getenv ("OPENCICD_TEST_COLLECTOR"); // FOLDER ENGINE JOB SEED
    char folder[128], engine[256], job[MAX_ID + 1];
    unsigned seed;
    if (!args)
        return;
    if (sscanf (args, "%127s %255s %64s %u", folder, engine, job, &seed) != 4)
        _exit (1);
    world_t world = {.own = arena_new (), .arena = arena_new (), .clock = clock_by_hand (WORLD_BEGINS)};
    turn_init (&world.turn, world.arena, "test", WORLD_BEGINS);
    world.engine = engine;
    world.job = job;
    world.blobs = arena_printf (world.own, "dir:%s/blobs", folder);
    append_until_killed (&world, seed);
}

static pid_t collector_start (world_t *self, int answers, int told)
{
    pid_t child;
    posix_spawn_file_actions_t actions;
    char *const args[] = {"service-logs_kill", "a_collector_that_will_be_killed", NULL};
    char *const environment[] = {(char *) arena_printf (self->own, "OPENCICD_TEST_COLLECTOR=%s %s %s %d",
                                                        self->folder, self->engine, self->job, answers),
                                 NULL};
    CHECK (posix_spawn_file_actions_init (&actions) == 0);
    CHECK (posix_spawn_file_actions_adddup2 (&actions, told, STDOUT_FILENO) == 0);
    CHECK (posix_spawn (&child, "/proc/self/exe", &actions, NULL, args, environment) == 0);
    posix_spawn_file_actions_destroy (&actions);
    return child;
}

// What was acknowledged before it was killed, after so many answers.
static int64_t kill_one (world_t *self, int answers)
{
    int pipes[2];
    int64_t last = 0, offset;
    CHECK (pipe2 (pipes, O_CLOEXEC) == 0);
    pid_t child = collector_start (self, answers, pipes[1]);
    close (pipes[1]);
    for (int i = 0; i < answers && read (pipes[0], &offset, sizeof (offset)) == sizeof (offset); i++)
        last = offset;
    CHECK (kill (child, SIGKILL) == 0);
    while (read (pipes[0], &offset, sizeof (offset)) == sizeof (offset))
        last = offset;
    int status;
    CHECK (waitpid (child, &status, 0) == child && WIFSIGNALED (status));
    close (pipes[0]);
    return last;
}

TEST_ON_ENGINES (acknowledged_bytes_outlive_every_kill)
{
    char *log = log_of_test ();
    int64_t acknowledged = 0;
    world_stop (world);
    for (int i = 0; i < KILLS; i++) {
        int64_t last = kill_one (world, 1 + i * 3);
        acknowledged = last > acknowledged ? last : acknowledged;
    }
    world_start (world);
    int64_t stored = show_log (world).size;
    CHECK (acknowledged > 0 && stored >= acknowledged);
    check_whole (world, log, (size_t) stored);
    for (int64_t at = stored; at < stored + 3000000; at += MAX_CHUNK)
        append (world, 1, at, log + at, MAX_CHUNK);
    size_t all = (size_t) show_log (world).size;
    CHECK_INT (seal (world, (int64_t) all, sum_of (world, log, all)), OK);
    wait_for (world, chunks, 0);
    check_whole (world, log, all);
    free (log);
}

// What a collector leaves behind that ended after it put a blob and before it said so.
TEST_ON_ENGINES (a_blob_that_no_segment_took_goes_and_the_log_is_archived_again)
{
    size_t size = 600000;
    char *log = make_log (size);
    change_rows (world, "delete from logs where job <> $1"); // Of other tests
    append_all (world, log, size, MAX_CHUNK);
    const char *blob = arena_printf (world->own, "logs/%s-left", world->job);
    CHECK_INT (blob_put (world->blob, &world->turn, blob, "half", 4), OK);
    change_rows (
        world, "insert into log_garbage (blob, due_at) values ('logs/' || $1 || '-left', 1900003600000000)");
    world_restart (world);
    CHECK_INT (seal (world, 0, ""), OK);
    wait_for (world, chunks, 0);
    CHECK_INT (count_blobs (world), 2);
    int64_t until = test_until_us ();
    while (count_blobs (world) > 1) {
        CHECK (clock_monotonic_us () < until);
        clock_turn (world->clock, SECONDS (60));
        show_log (world);
    }
    check_whole (world, log, size);
    free (log);
}
