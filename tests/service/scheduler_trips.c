/* What a job costs: how often the scheduler waits for PostgreSQL from its submission to its end. */

#include "common/base/metrics.h"
#include "tests/service/scheduler/world.h"

#include <pthread.h>
#include <stdio.h>

#define TRIPS_OF_A_JOB 9  // Submitted, leased, begun, finished, with all answers
#define TOGETHER       16 // Jobs
#define TRIPS_OF_ENDS  12 // Of them all, their commits included

static int64_t trips (void)
{
    return metric_read (metrics_counter ("opencicd_db_round_trips_total", NULL, NULL, ""));
}

static void run_one (world_t *world, fake_agent_t *agent)
{
    job_t job;
    MUST (world, job_submit, &job, .name = "hello", .steps = "[{\"run\":\"true\"}]",
          .runs_on = {(const char *[]){"linux"}, 1});
    CHECK_STR (takes (world, agent), "hello");
    ends (world, agent, result_success);
}

TEST_ON_ENGINES (a_job_costs_few_round_trips_to_the_database)
{
    fake_agent_t ada = agent (world, "ada", "linux");
    for (int i = 0; i < 3; i++) // Statements are prepared
        run_one (world, &ada);
    int64_t before = trips ();
    run_one (world, &ada);
    int64_t cost = trips () - before;
    if (cost > TRIPS_OF_A_JOB)
        test_fail (__FILE__, __LINE__, "%lld round trips", (long long) cost);
}

// A final status on its way: its answer comes once its log is sealed.
typedef struct {
    world_t *world;
    const fake_agent_t *agent;
    result_t result;
    pthread_t thread;
    fault_t fault;
} ending_t;

static void *end_in_thread (void *data)
{
    ending_t *self = data;
    arena_t *arena = arena_new ();
    turn_t turn;
    job_orders_t orders;
    const job_offer_t *job = &self->agent->offer;
    turn_init (&turn, arena, "ending", clock_now_us (self->world->clock));
    turn.caller = (caller_t){.role = ROLE_JOB, .subject = job->job, .attempt = job->attempt};
    turn.deadline_us = turn.now_us + SECONDS (3600);
    const job_status_t ask = {.job = job->job,
                              .attempt = job->attempt,
                              .state = job_finished,
                              .result = self->result,
                              .log_sha256 = A_SUM};
    self->fault = bus_client_call (self->world->client, &turn, MSG_job_status, &ask, &orders);
    arena_destroy (&arena);
    return NULL;
}

static void *submit_in_thread (void *data)
{
    world_t *world = data;
    arena_t *arena = arena_new ();
    turn_t turn;
    job_t job;
    turn_init (&turn, arena, "submitting", clock_now_us (world->clock));
    turn.caller = (caller_t){.role = ROLE_ADMIN, .subject = "admin"};
    turn.deadline_us = turn.now_us + SECONDS (3600);
    const job_submit_t ask = {.name = "nobody takes it",
                              .project = "",
                              .steps = "[{\"run\":\"true\"}]",
                              .env = "",
                              .runs_on = {(const char *[]){"arm"}, 1}};
    CHECK_INT (bus_client_call (world->client, &turn, MSG_job_submit, &ask, &job), OK);
    arena_destroy (&arena);
    return NULL;
}

static void wait_for_number (world_t *world, const char *sql, int64_t least)
{
    int64_t until = test_until_us ();
    while (world_number (world, sql) < least)
        CHECK (clock_monotonic_us () < until);
}

// While somebody else has the lock of all writers: what comes meanwhile is one batch. Returns its round trips.
static int64_t end_together (world_t *world, ending_t *endings, size_t count)
{
    db_t *db;
    pthread_t other;
    const rows_t *rows;
    world_hold_seals (world, true);
    for (size_t i = 0; i < count; i++) {
        endings[i].world = world;
        CHECK (pthread_create (&endings[i].thread, NULL, end_in_thread, &endings[i]) == 0);
        wait_for_count (world, world_seals_waiting, (int) i + 1);
    }
    CHECK_INT (db_open (&db, world_engine (world), &world->turn), OK);
    CHECK_INT (db_begin (db, &world->turn), OK);
    CHECK_INT (
        db_query (db, &world->turn, "select value from counters where name = 'events' " DB_FOR_UPDATE, &rows),
        OK);
    CHECK (pthread_create (&other, NULL, submit_in_thread, world) == 0);
    if (db_is_postgres (db))
        wait_for_number (world, "select count (*) from pg_stat_activity where wait_event_type = 'Lock'", 1);
    int named = world_seals_named (world);
    world_hold_seals (world, false);
    wait_for_count (world, world_seals_named, named + (int) count);
    int64_t before = trips ();
    db_close (&db);
    pthread_join (other, NULL);
    for (size_t i = 0; i < count; i++) {
        pthread_join (endings[i].thread, NULL);
        CHECK_INT (endings[i].fault, OK);
    }
    return trips () - before;
}

TEST_ON_ENGINES (jobs_that_end_together_are_read_together)
{
    fake_agent_t agents[TOGETHER];
    ending_t endings[TOGETHER];
    world_file (world, "ci.yml",
                "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n");
    project (world);
    for (size_t i = 0; i < TOGETHER; i++) {
        char name[16];
        snprintf (name, sizeof name, "agent-%zu", i);
        agents[i] = agent (world, name, "linux");
        trigger (world);
        CHECK_STR (takes (world, &agents[i]), "a");
        begins (world, &agents[i]);
        endings[i] = (ending_t){.agent = &agents[i], .result = result_success};
    }
    int64_t cost = end_together (world, endings, TOGETHER);
    if (cost > TRIPS_OF_ENDS)
        test_fail (__FILE__, __LINE__, "%lld round trips", (long long) cost);
    CHECK_INT (world_number (world, "select count (*) from jobs where result = 'success'"), TOGETHER);
    CHECK_INT (world_number (world, "select count (*) from leases"), 0);
    CHECK_INT (world_number (world, "select sum (running) from projects"), 0);
}

// What was read for the second one before the first one was handled does not hold any more.
TEST_ON_ENGINES (a_job_that_ends_right_after_another_stopped_it_ends_for_that_reason)
{
    world_file (
        world, "ci.yml",
        "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    strategy:\n      matrix: {n: [1, 2]}\n"
        "    steps: [{run: make}]\n");
    project (world);
    run_t run = trigger (world);
    fake_agent_t ada = agent (world, "ada", "linux"), bob = agent (world, "bob", "linux");
    CHECK_STR (takes (world, &ada), "a (1)");
    CHECK_STR (takes (world, &bob), "a (2)");
    begins (world, &ada);
    begins (world, &bob);
    ending_t endings[] = {{.agent = &ada, .result = result_failure},
                          {.agent = &bob, .result = result_cancelled}};
    end_together (world, endings, 2);
    run = run_of (world, run.id);
    CHECK_STR (job_of (&run, "a (2)")->reason, "a (1) failed (fail-fast)");
    CHECK_STR (run_text (world, run.id), "finished failure");
}
