/* What is over goes: logs that are old, logs past the room for all, logs of removed runs; rows first, then blobs. */

#include "tests/service/logs_rows.h"
#include "tests/unit/test.h"

TEST_ON_ENGINES (logs_that_are_old_go_with_their_blobs)
{
    size_t size = 600000;
    char *log = make_log (size);
    const char *old = world->job;
    world->retention_days = 30;
    world_restart (world);
    append_all (world, log, size, MAX_CHUNK);
    CHECK_INT (seal (world, 0, ""), OK);
    wait_for (world, chunks, 0);
    clock_turn (world->clock, SECONDS (86400) * 29);
    world->job = id_new (world->own, 'j', 9);
    append (world, 1, 0, "young\n", 6);
    CHECK_INT (count_blobs (world), 1);
    world->job = old;
    log_offset_t answer;
    CHECK_INT (append_as (world, 2, 1, 0, log, 300000, &answer), OK); // Another attempt
    clock_turn (world->clock, SECONDS (86400) * 2);
    wait_for (world, rows_left, 1);
    // Readers of what is forgotten have a minute for its blobs
    CHECK (ask_number (world, "select min (due_at) from log_garbage where blob <> $1") >
           clock_now_us (world->clock) + SECONDS (30));
    CHECK (ask_number (world, chunks) > 0);
    CHECK_INT (ask_number (world, segments), 0);
    int64_t until = test_until_us ();
    while (count_blobs (world) > 0) {
        CHECK (clock_monotonic_us () < until);
        clock_turn (world->clock, SECONDS (60));
        arena_reset (world->arena);
        read_log (world, (log_read_t){0});
    }
    free (log);
}

static void wait_for_blobs (world_t *self, int wanted)
{
    int64_t until = test_until_us ();
    while (count_blobs (self) != wanted) {
        CHECK (clock_monotonic_us () < until);
        clock_turn (self->clock, SECONDS (10));
        arena_reset (self->arena);
        read_log (self, (log_read_t){.lines = 1});
    }
}

static fault_t purge_as (world_t *self, role_t role, const char **jobs, size_t count)
{
    done_t done;
    log_purge_t ask = {.jobs = {jobs, count}};
    self->turn.caller = (caller_t){.role = role, .subject = "test"};
    self->turn.deadline_us = clock_now_us (self->clock) + SECONDS (30);
    return bus_client_call (self->client, &self->turn, MSG_log_purge, &ask, &done);
}

TEST_ON_ENGINES (the_logs_of_removed_jobs_go_with_all_attempts_and_no_other)
{
    const char *jobs[20];
    log_offset_t answer;
    size_t size = 600000;
    char *log = make_log (size);
    change_rows (world, "delete from logs where job <> $1"); // Of the tests before
    for (int i = 0; i < 20; i++)
        jobs[i] = id_new (world->own, 'j', i);
    const char *kept = world->job;
    append_all (world, log, size, MAX_CHUNK);
    CHECK_INT (seal (world, 0, ""), OK);
    wait_for (world, chunks, 0);
    world->job = jobs[19];
    append_all (world, log, size, MAX_CHUNK);
    CHECK_INT (append_as (world, 2, 1, 0, log, 300000, &answer), OK);
    CHECK_INT (seal (world, 0, ""), OK);
    wait_for (world, segments, 1);
    CHECK_INT (count_blobs (world), 2);
    CHECK_INT (purge_as (world, ROLE_ADMIN, jobs, 20), FORBIDDEN);
    CHECK_INT (ask_number (world, rows_left), 2);
    CHECK_INT (purge_as (world, ROLE_SERVICE, jobs, 20), OK);
    CHECK_INT (purge_as (world, ROLE_SERVICE, jobs, 20), OK); // Asked again
    CHECK_INT (ask_number (world, rows_left), 0);
    CHECK_INT (ask_number (world, chunks) + ask_number (world, segments), 0);
    CHECK_INT (ask_number (world, "select count (*) from log_marks where job = $1"), 0);
    wait_for_blobs (world, 1);
    world->job = kept;
    check_whole (world, log, size);
    free (log);
}

TEST_ON_ENGINES (the_blobs_of_a_removed_log_wait_for_those_who_read_them)
{
    size_t size = 600000;
    char *log = make_log (size);
    change_rows (world, "delete from logs where job <> $1");
    append_all (world, log, size, MAX_CHUNK);
    CHECK_INT (seal (world, 0, ""), OK);
    wait_for (world, chunks, 0);
    const char *jobs[] = {world->job};
    change_rows (world, "delete from log_garbage where blob <> $1");
    CHECK_INT (purge_as (world, ROLE_SERVICE, jobs, 1), OK);
    CHECK_INT (ask_number (world, rows_left), 0);
    int64_t due = ask_number (world, "select min (due_at) from log_garbage where blob <> $1");
    CHECK (due >= clock_now_us (world->clock) + SECONDS (60));
    wait_for_blobs (world, 0);
    CHECK (clock_now_us (world->clock) >= due);
    free (log);
}

// Three logs of 6,000 bytes in a room of 15,000, and one that is not sealed.
TEST_ON_ENGINES (past_the_room_for_all_logs_the_oldest_that_are_sealed_go)
{
    const char *jobs[4];
    char *log = make_log (6000);
    change_rows (world, "delete from logs where job <> $1"); // Of the tests before
    for (int i = 0; i < 4; i++) {
        world->job = jobs[i] = id_new (world->own, 'j', i);
        append (world, 1, 0, log, 6000);
        if (i > 0)
            CHECK_INT (seal (world, 0, ""), OK);
        clock_turn (world->clock, SECONDS (1));
    }
    world->max_bytes = 15000;
    world_restart (world);
    world->job = jobs[1];
    wait_for (world, rows_left, 0);
    for (int i = 0; i < 4; i++) {
        world->job = jobs[i];
        CHECK_INT (ask_number (world, rows_left), i != 1);
    }
    free (log);
}

static fault_t seal_of (world_t *self, role_t role, const char *project)
{
    log_offset_t answer;
    log_seal_t ask = {.job = self->job, .attempt = 1, .size = 6000, .project = project};
    char *log = make_log (6000);
    ask.sha256 = sum_of (self, log, 6000);
    free (log);
    caller_t caller = {.role = role, .subject = self->job, .attempt = role == ROLE_JOB};
    self->turn.caller = caller;
    self->turn.deadline_us = clock_now_us (self->clock) + SECONDS (30);
    return bus_client_call (self->client, &self->turn, MSG_log_seal, &ask, &answer);
}

// Of 6,000 bytes each, a second apart.
static const char *sealed_log (world_t *self, int number, role_t role, const char *project)
{
    char *log = make_log (6000);
    self->job = id_new (self->own, 'j', number);
    append (self, 1, 0, log, 6000);
    CHECK_INT (seal_of (self, role, project), OK);
    clock_turn (self->clock, SECONDS (1));
    free (log);
    return self->job;
}

TEST_ON_ENGINES (a_project_past_its_room_loses_its_own_oldest_logs_and_no_other_project_any)
{
    const char *jobs[24], *others[3];
    change_rows (world, "delete from logs where job <> $1"); // Of the tests before
    others[0] = sealed_log (world, 100, ROLE_SERVICE, "pa");
    others[1] = sealed_log (world, 101, ROLE_JOB, "pb"); // What a job says of its project is not believed
    for (int i = 0; i < 24; i++)                         // More than one step forgets
        jobs[i] = sealed_log (world, i, ROLE_SERVICE, "pb");
    others[2] = sealed_log (world, 102, ROLE_SERVICE, "pc");
    world->project_bytes = 12000;
    world_restart (world);
    for (int i = 0; i < 22; i++) {
        world->job = jobs[i];
        wait_for (world, rows_left, 0);
    }
    for (int i = 0; i < 3; i++) { // Several walks
        clock_turn (world->clock, SECONDS (600));
        world->job = jobs[22 + i % 2];
        CHECK_INT (ask_number (world, rows_left), 1);
        world->job = others[i];
        CHECK_INT (ask_number (world, rows_left), 1);
    }
}

TEST_ON_ENGINES (within_the_room_for_all_logs_none_goes)
{
    char *log = make_log (6000);
    change_rows (world, "delete from logs where job <> $1");
    world->max_bytes = 6000;
    world_restart (world);
    append (world, 1, 0, log, 6000);
    CHECK_INT (seal (world, 0, ""), OK);
    for (int i = 0; i < 10; i++) { // Several walks
        clock_turn (world->clock, SECONDS (300));
        check_whole (world, log, 6000);
    }
    free (log);
}

// A blob that cannot be deleted: its folder is a link to itself.
TEST_ON_ENGINES (blobs_that_cannot_be_deleted_hold_up_no_other_and_are_tried_again)
{
    static const char left[] = "select count (*) from log_garbage where blob like 'stuck/%' || $1";
    size_t size = 600000;
    char *log = make_log (size);
    const char *stuck = arena_printf (world->own, "%s/blobs/stuck", world->folder);
    change_rows (world, "delete from logs where job <> $1");
    append_all (world, log, size, MAX_CHUNK);
    CHECK_INT (seal (world, 0, ""), OK);
    wait_for (world, chunks, 0);
    CHECK (symlink ("stuck", stuck) == 0);
    // More than one step looks at, all due before the others
    change_rows (world, "with recursive n (i) as (select 1 union all select i + 1 from n where i < 100)"
                        " insert into log_garbage (blob, due_at) select 'stuck/' || i || $1, 0 from n");
    const char *jobs[] = {world->job};
    CHECK_INT (purge_as (world, ROLE_SERVICE, jobs, 1), OK);
    wait_for_blobs (world, 0);
    CHECK_INT (ask_number (world, left), 100);
    CHECK (remove (stuck) == 0);
    wait_by (world, 600, left, 0); // They are tried again after ten minutes
    free (log);
}
