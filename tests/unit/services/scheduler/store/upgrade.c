/* upgrade.c - what an installation of the first release has in its tables is there after the migrations. */

#include "common/base/clock.h"
#include "common/base/id.h"
#include "db/migrations.h"
#include "services/scheduler/store/job_store.h"
#include "services/scheduler/store/lease_store.h"
#include "services/scheduler/store/offered_store.h"
#include "services/scheduler/store/waiting_store.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#define BEFORE_OFFERED 16 // Migrations

static const char *const rows[] = {
    "insert into jobs (id, run_id, project_id, key, position, cell, name, title, state, attempt, needs, agent_id,"
    " started_at, created_at) values ('j1', 'r1', '', 'k', 0, 0, 'n', 't', 'running', 2, '', 'a1', 70, 1)",
    "insert into attempts (job_id, attempt, agent_id, agent_name, result, started_at, finished_at)"
    " values ('j1', 1, 'a2', 'bob', 'failure', 50, 60)",
    "insert into attempts (job_id, attempt, agent_id, agent_name, started_at) values ('j1', 2, 'a1', 'ada', 70)",
    "insert into leases (job_id, agent_id, attempt, begun, orders, leased_at, expires_at, kill_at)"
    " values ('j1', 'a1', 2, 1, 'cancel', 70, 80, 90)",
    "insert into waiting (job_id, labels, priority, project_id, queued_at, place) values"
    " ('j3', 'linux', 0, 'p1', 20, 1), ('j2', 'linux', 0, 'p1', 20, 0), ('j4', 'linux', 0, 'p1', 10, 5)",
};

static const char *const offered[] = {
    "insert into agents (id, name, labels, state, url, push_key, os, arch, version, ephemeral, registered_at, seen_at,"
    " silent_at, idle_at, removed) values ('a1', 'ada', 'linux\nself-hosted\nx64', 'idle', '', '', '', '', '', 0, 0, 0, 0, 0, 0),"
    " ('a2', 'bob', 'linux\nself-hosted\nx64', 'busy', '', '', '', '', '', 0, 0, 0, 0, 0, 0),"
    " ('a3', 'eve', 'g', 'busy', '', '', '', '', '', 0, 0, 0, 0, 0, 0), ('a4', 'any', '', 'idle', '', '', '', '', '', 0, 0, 0, 0, 0, 0),"
    " ('a5', 'gone', 'gone', 'offline', '', '', '', '', '', 0, 0, 0, 0, 0, 1)",
    ("insert into queues (labels, priority, project_id, size, since) values ('linux', 0, 'p1', 1, 1), ('', 0, 'p1', 1, 1),"
     " ('gpu\nlinux', 0, 'p1', 1, 1), ('x64', 0, 'p2', 1, 1), ('arm64', 0, 'p1', 1, 1)"),
    "insert into projects (id, name, url, created_at) values ('p1', 'one', '', 0), ('p2', 'two', '', 0)",
};

static void check_missing (db_t *db, turn_t *turn, const char *labels, const char *missing)
{
    bool any;
    const char *found;
    CHECK_INT (offered_store_missing (db, turn, labels, &any, &found), OK);
    CHECK (any);
    CHECK_STR (found ? found : "", missing);
}

static void check_offered (db_t *db, turn_t *turn)
{
    size_t count;
    const migration_t *list = migrations_of ("scheduler", &count);
    CHECK_INT (db_migrate (db, turn, "scheduler", list, BEFORE_OFFERED), OK);
    for (size_t i = 0; i < sizeof offered / sizeof *offered; i++)
        CHECK_INT (db_exec (db, turn, offered[i]), OK);
    CHECK_INT (db_migrate (db, turn, "scheduler", list, count), OK);

    strs_t unknown;
    CHECK_INT (offered_store_unknown (db, turn, &unknown), OK);
    CHECK_INT (unknown.count, 0);
    check_missing (db, turn, "g\nlinux\nself-hosted\nx64", "");
    check_missing (db, turn, "gone", "gone");
    check_missing (db, turn, "hosted\nlinux", "hosted");

    const rows_t *found; // What ada may be given, and what is not known to ask for more than she offers
    waitings_t queues;
    static const char *const ada = "a1", *const order[] = {"", "gpu\nlinux", "linux", "x64"};
    CHECK_INT (
        waiting_store_fitting_later (db, turn, &(strs_t){0}, &(strs_t){(const char *[]){ada}, 1}, &found),
        OK);
    CHECK_INT (db_wait (db, turn), OK);
    waiting_store_read_queues (turn, found, 0, &queues);
    CHECK_INT (queues.count, 4);
    for (size_t i = 0; i < 4; i++) {
        bool is_there = false;
        for (size_t k = 0; k < queues.count; k++)
            is_there |= strcmp (queues.items[k].labels, order[i]) == 0;
        CHECK (is_there);
    }
}

TEST (what_agents_offer_and_what_waits_for_it_is_found_after_an_upgrade)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    db_t *db;
    turn_init (&turn, arena, "test", 100);
    CHECK_INT (db_open (&db, "sqlite::memory:", &turn), OK);
    check_offered (db, &turn);
    db_close (&db);
    const char *server = getenv ("OPENCICD_TEST_POSTGRES");
    if (server) {
        const char *schema = id_new (arena, 's', clock_now_us (clock_system ()));
        CHECK_INT (db_open (&db, server, &turn), OK);
        CHECK_INT (db_exec (db, &turn, arena_printf (arena, "create schema %s", schema)), OK);
        CHECK_INT (db_exec (db, &turn, arena_printf (arena, "set search_path = %s", schema)), OK);
        check_offered (db, &turn);
        CHECK_INT (db_exec (db, &turn, arena_printf (arena, "drop schema %s cascade", schema)), OK);
        db_close (&db);
    }
    arena_destroy (&arena);
}

TEST (leases_attempts_and_waiting_jobs_survive_an_upgrade)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    db_t *db;
    size_t count;
    const migration_t *list = migrations_of ("scheduler", &count);
    turn_init (&turn, arena, "test", 100);
    CHECK_INT (db_open (&db, "sqlite::memory:", &turn), OK);
    CHECK_INT (db_migrate (db, &turn, "scheduler", list, 1), OK);
    for (size_t i = 0; i < sizeof (rows) / sizeof (rows[0]); i++)
        CHECK_INT (db_exec (db, &turn, rows[i]), OK);
    CHECK_INT (db_migrate (db, &turn, "scheduler", list, count), OK);

    lease_t lease;
    CHECK_INT (lease_store_of_job (db, &turn, "j1", &lease), OK);
    CHECK_STR (lease.agent_id, "a1");
    CHECK (lease.attempt == 2 && lease.begun && lease.order == order_cancel);
    CHECK (lease.leased_at == 70 && lease.expires_at == 80 && lease.kill_at == 90);

    job_row_t job;
    attempt_items_t attempts;
    CHECK_INT (job_store_find (db, &turn, "j1", &job), OK);
    CHECK_INT (job_store_attempts (db, &turn, &job, &attempts), OK);
    CHECK_INT (attempts.count, 2);
    CHECK (attempts.items[0].attempt == 1 && attempts.items[0].result == result_failure);
    CHECK (attempts.items[1].attempt == 2 && attempts.items[1].result == result_none);
    CHECK_STR (attempts.items[1].agent_id, "a1");

    waitings_t waiting;
    waiting_t queue = {.labels = "linux", .project_id = "p1"};
    const waitings_t queues = {&queue, 1};
    static const char *const order[] = {"j4", "j2", "j3"};
    CHECK_INT (waiting_store_oldest (db, &turn, &queues, 10, &waiting), OK);
    CHECK_INT (waiting.count, 3);
    for (size_t i = 0; i < 3; i++)
        CHECK_STR (waiting.items[i].job_id, order[i]);
    db_close (&db);
    arena_destroy (&arena);
}
