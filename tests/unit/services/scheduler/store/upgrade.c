/* upgrade.c - what an installation of the first release has in its tables is there after the migrations. */

#include "db/migrations.h"
#include "services/scheduler/store/job_store.h"
#include "services/scheduler/store/lease_store.h"
#include "services/scheduler/store/waiting_store.h"
#include "tests/unit/test.h"

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
