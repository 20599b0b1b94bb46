/* What a handler has read may have changed by the time it has the writer's lock: then it goes by what is there now.
 *
 * The test has that lock, and somebody asks; while he waits, the test changes what he has read, as another replica would. How long he needs
 * until he waits is not known: where he comes too late, the same is played again with more patience. */

#include "tests/service/scheduler/fake_values.h"
#include "tests/service/scheduler/world.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>

#define ONE "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"

#define MOST_TIMES 20
#define LOOK_MS    5
#define LOOKS      400 // At most 2 s: then he does not come

typedef struct {
    db_t *db;
    turn_t turn;
    const char *const *changes; // Ends with NULL
    int wait_ms;
    fault_t fault;
} rival_t;

// PostgreSQL tells that somebody waits; SQLite does not, and time has to do.
static void wait_for_one_that_waits (rival_t *self)
{
    static const char waits[] =
        "select count (*) from pg_locks where not granted and pid in (select pid from pg_stat_activity"
        " where datname = current_database ())";
    const rows_t *rows;
    bool there = false;
    if (!db_is_postgres (self->db))
        poll (NULL, 0, self->wait_ms);
    else
        for (int i = 0; i < LOOKS && !there && db_query (self->db, &self->turn, waits, &rows) == OK; i++) {
            there = rows_i64 (rows, 0, 0) > 0;
            poll (NULL, 0, LOOK_MS);
        }
}

static void *change_and_commit (void *data)
{
    rival_t *self = data;
    wait_for_one_that_waits (self);
    self->fault = OK;
    for (const char *const *sql = self->changes; *sql && !self->fault; sql++)
        self->fault = db_exec (self->db, &self->turn, *sql);
    if (!self->fault)
        self->fault = db_commit (self->db, &self->turn);
    return NULL;
}

// On a busy machine the scheduler may still write of its own: then he comes again
static bool takes_the_lock (rival_t *self)
{
    for (int i = 0; i < MOST_TIMES; i++) {
        fault_t fault = db_begin (self->db, &self->turn);
        if (!fault)
            fault = db_exec (self->db, &self->turn,
                             "update counters set value = value + 1 where name = 'events'");
        if (!fault)
            fault = db_wait (self->db, &self->turn);
        if (!fault)
            return true;
        db_rollback (self->db);
    }
    return false;
}

static fault_t ask_while (world_t *world, uint16_t number, const void *ask, void *answer,
                          const char *const *changes, int wait_ms)
{
    pthread_t thread;
    arena_t *arena = arena_new ();
    rival_t rival = {.changes = changes, .wait_ms = wait_ms};
    turn_init (&rival.turn, arena, "rival", WORLD_BEGINS);
    world_sleep (world, 0); // Nothing else is to be done by the scheduler
    CHECK_INT (db_open (&rival.db, world_engine (world), &rival.turn), OK);
    CHECK (takes_the_lock (&rival));
    CHECK (pthread_create (&thread, NULL, change_and_commit, &rival) == 0);
    fault_t fault = world_ask (world, number, ask, answer);
    pthread_join (thread, NULL);
    if (rival.fault) // What he wanted to change may be locked by something that waits for him: a try lost
        db_rollback (rival.db);
    if (rival.fault && rival.fault != UNAVAILABLE)
        test_fail (__FILE__, __LINE__, "the rival: %s", rival.turn.detail ? rival.turn.detail : "");
    db_close (&rival.db);
    arena_destroy (&arena);
    return fault;
}

static const int patience_ms[] = {15, 60, 250, 1000, 2000};
#define TRIES (sizeof patience_ms / sizeof *patience_ms)

static fake_agent_t agent_with_job (world_t *world, const char *name)
{
    trigger (world);
    fake_agent_t made = agent (world, name, "linux");
    CHECK (take (world, &made));
    begins (world, &made);
    return made;
}

static const char *name_of_try (world_t *world, size_t i)
{
    return arena_printf (world->arena, "agent%zu", i);
}

// ---- reports of jobs and agents ----

static fault_t says_how_far (world_t *world, const fake_agent_t *ada, const char *const *changes, int wait_ms)
{
    job_orders_t orders;
    step_row_t step = {.number = 1, .name = "make", .state = step_running};
    world->caller = (caller_t){.role = ROLE_JOB, .subject = ada->offer.job, .attempt = ada->offer.attempt};
    const job_status_t ask = {.job = ada->offer.job,
                              .attempt = ada->offer.attempt,
                              .state = job_running,
                              .steps = {&step, 1},
                              .reason = "",
                              .log_sha256 = ""};
    fault_t fault = ask_while (world, MSG_job_status, &ask, &orders, changes, wait_ms);
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    return fault;
}

static void check_progress (world_t *world, const char *const *changes)
{
    fault_t fault = OK;
    world_file (world, "ci.yml", ONE);
    project (world);
    for (size_t i = 0; i < TRIES && fault == OK; i++) {
        const fake_agent_t ada = agent_with_job (world, name_of_try (world, i));
        fault = says_how_far (world, &ada, changes, patience_ms[i]);
    }
    CHECK_INT (fault, CONFLICT);
    CHECK (strstr (world->turn.detail, "is over"));
}

TEST_ON_ENGINES (progress_of_an_attempt_that_ended_meanwhile_is_refused)
{
    // Both: where the lock was waited for in vain the report is handled anew, from what is there then
    static const char *const changes[] = {"delete from leases", "update jobs set state = 'queued'", NULL};
    check_progress (world, changes);
}

TEST_ON_ENGINES (progress_of_an_attempt_that_was_followed_by_another_meanwhile_is_refused)
{
    static const char *const changes[] = {"update leases set attempt = attempt + 1", NULL};
    check_progress (world, changes);
}

#define HALF_OVER 16 // Seconds: from then on a report renews the lease

// Where the beat is handled anew, from what is there then, the agent is found without its job, and the next tick ends the lease: what may not
// be there is one that was renewed.
TEST_ON_ENGINES (a_beat_renews_no_lease_of_an_attempt_that_began_meanwhile)
{
    static const char *const changes[] = {"update leases set attempt = attempt + 1, expires_at = 7", NULL};
    world_file (world, "ci.yml", ONE);
    project (world);
    for (size_t i = 0; i < TRIES && patience_ms[i] < 1000; i++) {
        job_orders_t orders;
        world_sql (world, "delete from leases"); // Of the try before
        const fake_agent_t ada = agent_with_job (world, name_of_try (world, i));
        world_turn (world, HALF_OVER);
        world->caller = (caller_t){.role = ROLE_AGENT, .subject = ada.id};
        const agent_heartbeat_t ask = {
            .agent = ada.id, .job = ada.offer.job, .attempt = ada.offer.attempt, .url = ""};
        CHECK_INT (ask_while (world, MSG_agent_heartbeat, &ask, &orders, changes, patience_ms[i]), OK);
        world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
        CHECK_INT (world_number (world, "select count (*) from leases where expires_at <> 7"), 0);
    }
}

// ---- environments ----

TEST_ON_ENGINES (a_job_that_somebody_decided_about_meanwhile_is_not_decided_about_again)
{
    static const char *approvers[] = {"ada"};
    static const char *const changes[] = {"update deployments set state = 'closed', decided_by = 'eve'",
                                          NULL};
    const environment_t environment = {.name = "production", .approvers = {approvers, 1}};
    done_t done;
    world_environment (world, &environment);
    world_file (
        world, "ci.yml",
        "on: workflow_dispatch\njobs: {deploy: {runs-on: linux, environment: production, steps: [{run: x}]}}");
    project (world);
    const run_t run = trigger (world);
    const char *const waiting = "select count (*) from deployments where state = 'waiting' and due_at = 0";
    for (int i = 0; i < 2000 && !world_number (world, waiting); i++)
        clock_turn (world->clock, MILLISECONDS (1));
    const run_t shown = run_of (world, run.id);
    const deployment_look_t ask = {.job = job_of (&shown, "deploy")->id, .run_attempt = 1};
    world->caller = (caller_t){.role = ROLE_SERVICE, .subject = "scheduler"};
    CHECK_INT (ask_while (world, MSG_deployment_look, &ask, &done, changes, 60), OK);
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    CHECK_INT (world_number (world, "select count (*) from deployments where state = 'closed'"), 1);
    CHECK_JOB (world, run.id, "deploy", "pending");
}

// ---- called workflows ----

#define A_COMMIT     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OTHER_COMMIT "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

TEST_ON_ENGINES (a_repository_that_another_run_locked_to_another_commit_meanwhile_is_not_run)
{
    run_t run;
    world_called (world, A_COMMIT, ".github/workflows/ci.yml",
                  "on: workflow_call\njobs: {s: {runs-on: linux, steps: [{run: make}]}}\n", NULL);
    world_file (world, "ci.yml",
                "on: workflow_dispatch\njobs:\n  call: {uses: org/shared/.github/workflows/ci.yml@v1}\n");
    project (world);
    static const char *const changes[] = {
        "insert into action_pins (project_id, reference, locked_to, job_id, locked_at)"
        " select id, 'org/shared@v1', '" OTHER_COMMIT "', '', 1 from projects where name = 'demo'",
        NULL};
    const run_trigger_t ask = {.project = "demo"};
    CHECK_INT (ask_while (world, MSG_run_trigger, &ask, &run, changes, 60), INVALID);
    CHECK (strstr (world->turn.detail, "was moved from " OTHER_COMMIT));
    CHECK_INT (count_runs (world), 0);
}
