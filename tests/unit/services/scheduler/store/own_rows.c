/* own_rows.c - what is written of one job, attempt, agent, run or project leaves all others as they are. */

#include "tests/unit/services/own_rows.h"

#include "db/migrations.h"
#include "services/scheduler/store/agent_store.h"
#include "services/scheduler/store/concurrency_store.h"
#include "services/scheduler/store/deployment_store.h"
#include "services/scheduler/store/failure_store.h"
#include "services/scheduler/store/job_store.h"
#include "services/scheduler/store/lease_store.h"
#include "services/scheduler/store/node_store.h"
#include "services/scheduler/store/pin_store.h"
#include "services/scheduler/store/project_store.h"
#include "services/scheduler/store/removed_store.h"
#include "services/scheduler/store/run_store.h"
#include "services/scheduler/store/schedule_store.h"
#include "services/scheduler/store/seal_store.h"
#include "services/scheduler/store/trial_store.h"
#include "services/scheduler/store/waiting_store.h"
#include "tests/unit/test.h"

// Of each kind some that differ in one part of their key, or in what a statement asks for beside it.
static const char *const rows[] = {
    "insert into projects (id, name, url, created_at, sync_at, running, runs)"
    " values ('p1', 'one', 'u', 1, 5, 2, 2), ('p2', 'two', 'u', 1, 5, 2, 2), ('p3', 'three', 'u', 1, 0, 2, 2)",
    "insert into removed_projects (id, url, trusted, due_at) values ('p8', 'u', 0, 1), ('p9', 'u', 0, 1)",
    "insert into runs (id, project_id, number, workflow, name, title, event, ref, sha, actor, state, created_at,"
    " started_at) values ('r1', 'p1', 1, 'w', 'n', 't', 'e', '', '', '', 'running', 1, 0),"
    " ('r2', 'p1', 2, 'w', 'n', 't', 'e', '', '', '', 'finished', 1, 0),"
    " ('r3', 'p2', 1, 'w', 'n', 't', 'e', '', '', '', 'finished', 1, 7)",
    "insert into run_texts (run_id, source, github, inputs) values ('r1', '', '', ''), ('r2', '', '', '')",
    "insert into run_files (run_id, name, source) values ('r1', 'f', ''), ('r2', 'f', '')",
    "insert into nodes (run_id, key, position, state, needs, runs_when_cancelled, cells_left) values"
    " ('r1', 'a', 0, 'running', '', 0, 1), ('r1', 'b', 1, 'running', '', 0, 1), ('r2', 'a', 0, 'running', '', 0, 1)",
    "insert into jobs (id, run_id, project_id, key, position, cell, name, title, state, needs, labels, created_at,"
    " attempt, agent_id) values ('j1', 'r1', 'p1', 'a', 0, 0, 'n', 't', 'assigned', '', 'l', 1, 2, 'a1'),"
    " ('j2', 'r1', 'p1', 'b', 1, 0, 'n', 't', 'assigned', '', 'l', 1, 2, 'a2'),"
    " ('j3', 'r2', 'p1', 'a', 0, 0, 'n', 't', 'assigned', '', 'l', 1, 2, 'a3'),"
    " ('j4', 'r1', 'p1', 'c', 2, 0, 'n', 't', 'finished', '', 'l', 1, 2, 'a2'),"
    " ('j5', 'r1', 'p1', 'd', 3, 0, 'n', 't', 'queued', '', 'l', 1, 2, ''),"
    " ('j6', 'r2', 'p1', 'd', 3, 0, 'n', 't', 'queued', '', 'l', 1, 2, '')",
    "insert into attempts (job_id, attempt, agent_id, agent_name, started_at) values ('j1', 1, 'a1', '', 1),"
    " ('j2', 1, 'a1', '', 1)",
    "insert into agents (id, name, labels, state, url, push_key, job_id, os, arch, version, ephemeral,"
    " registered_at, seen_at, silent_at, idle_at, removed, revoke_at) values"
    " ('a1', 'one', 'l', 'busy', '', '', 'j1', '', '', '', 0, 1, 1, 1, 1, 0, 0),"
    " ('a2', 'two', 'l', 'busy', '', '', 'j2', '', '', '', 0, 1, 1, 1, 1, 0, 0),"
    " ('a8', 'a8', 'l', 'offline', '', '', '', '', '', '', 0, 1, 1, 1, 1, 1, 1),"
    " ('a9', 'a9', 'l', 'offline', '', '', '', '', '', '', 0, 1, 1, 1, 1, 1, 1)",
    "insert into leases (agent_id, job_id, attempt, leased_at, expires_at, kill_at) values"
    " ('a1', 'j1', 2, 1, 1, 1), ('a2', 'j2', 2, 1, 1, 1)",
    "insert into seals (job_id, attempt, due_at) values ('j1', 1, 1), ('j1', 2, 1), ('j2', 1, 1)",
    "insert into failures (job_id, attempt, run_id, project_id, due_at) values ('j1', 1, 'r1', 'p1', 1),"
    " ('j1', 2, 'r1', 'p1', 1), ('j2', 1, 'r1', 'p1', 1), ('j2', 2, 'r1', 'p1', 0)",
    "insert into concurrency (project_id, name, owner, held, since) values ('p1', 'g', 'j1', 1, 1),"
    " ('p1', 'g', 'j2', 0, 2), ('p1', 'g', 'j3', 0, 3), ('p1', 'h', 'j1', 0, 1), ('p1', 'h', 'j2', 0, 2),"
    " ('p2', 'g', 'j1', 0, 1), ('p2', 'g', 'j2', 0, 2)",
    "insert into schedules (project_id, cron, timezone, next_at, due_at, suspended) values"
    " ('p1', 'c', '', 1, 5, 0), ('p1', 'd', '', 1, 5, 0), ('p1', 'c', 'z', 1, 5, 0), ('p2', 'c', '', 1, 5, 0),"
    " ('p1', 's', '', 1, 0, 1), ('p1', 's', 'z', 1, 0, 1), ('p2', 's', '', 1, 0, 1)",
    "insert into action_pins (project_id, reference, locked_to, job_id, locked_at) values"
    " ('p1', 'x', 'c', 'j1', 1), ('p1', 'y', 'c', 'j1', 1), ('p2', 'x', 'c', 'j1', 1)",
    "insert into trials (id, project_id, created_at, due_at) values ('t1', 'p1', 1, 1), ('t2', 'p1', 1, 1)",
    "insert into trial_runs (run_id, trial_id) values ('r1', 't1'), ('r2', 't2')",
    "insert into queues (labels, priority, project_id, size, since) values ('l', 0, 'p1', 2, 1),"
    " ('l', 0, 'p2', 1, 1), ('l', 1, 'p1', 1, 1), ('m', 0, 'p1', 1, 1)",
    "insert into waiting (labels, priority, project_id, queued_at, position, job_id) values"
    " ('l', 0, 'p1', 1, 3000, 'j5'), ('l', 0, 'p1', 1, 3000, 'j6'), ('l', 0, 'p2', 1, 3000, 'j7'),"
    " ('l', 1, 'p1', 1, 3000, 'j8'), ('m', 0, 'p1', 1, 3000, 'j9')",
    "insert into removed_runs (id, due_at) values ('r7', 1), ('r8', 1)",
    "insert into deployments (job_id, run_attempt, run_id, project_id, environment, state, due_at, created_at) values"
    " ('j1', 1, 'r1', 'p1', 'e', 'waiting', 5, 1), ('j1', 2, 'r1', 'p1', 'e', 'asked', 5, 1),"
    " ('j1', 3, 'r1', 'p1', 'e', 'asked', 5, 1), ('j2', 2, 'r1', 'p1', 'e', 'asked', 5, 1),"
    " ('j4', 1, 'r1', 'p1', 'e', 'open', 0, 1)",
    NULL,
};

static bool flag;
static const lease_t lease = {.job_id = "j1", .agent_id = "a1", .attempt = 2, .expires_at = 9, .kill_at = 9};
static const lease_t no_lease = {.job_id = "j2", .agent_id = "a1", .expires_at = 9};
static const seal_t attempt_seal = {.job_id = "j1", .attempt = 1};
static const failure_row_t failure = {.job_id = "j1", .attempt = 1, .facts = {"x", 1}};
static const failure_row_t looked_at = {.job_id = "j2", .attempt = 2};
static const schedule_row_t due = {"p1", "c", "", 9, 5}, suspended = {"p1", "s", "", 9, 0},
                            other_due = {"p1", "c", "", 9, 6};
static const node_row_t node = {
    .run_id = "r1", .key = "a", .outcome = "x", .definition = "", .needs_context = ""};
static const action_pin_t pin = {.reference = "x", .commit = "d", .moved_to = "", .job = "j2"};
static const waiting_t waits = {
    .job_id = "j5", .labels = "l", .project_id = "p1", .queued_at = 1, .position = 3000};
static const waiting_t waits_not = {
    .job_id = "j1", .labels = "l", .project_id = "p1", .queued_at = 1, .position = 3000};
static const agent_row_t agent = {
    .agent = {.id = "a1", .url = "u", .os = "", .arch = "", .version = "", .not_isolated = ""},
    .labels = "m"};
static const agent_freed_t freed = {"a1", agent_idle, 9, true}, freed_removed = {"a8", agent_idle, 9, true};
static const run_row_t run = {.run = {.id = "r1", .attempt = 3}, .version = 9};
static const project_row_t project = {.project = {.id = "p1", .state_reason = "x"}};

static job_row_t job (void)
{
    return (job_row_t){.job = {.id = "j1",
                               .state = job_finished,
                               .attempt = 9,
                               .reason = "x",
                               .outputs = "{}",
                               .name = "x",
                               .matrix = "",
                               .agent_id = "a9",
                               .agent_name = "",
                               .log_sha256 = "",
                               .priority = 9},
                       .labels = "",
                       .strategy = "",
                       .concurrency = "",
                       .tries = 9,
                       .steps = {"x", 1}};
}

ACT (lease_save, lease_store_save (db, turn, &lease))
ACT (lease_save_another, lease_store_save (db, turn, &no_lease))
ACT (lease_remove, lease_store_remove (db, turn, "j1", "a1"))
ACT (lease_remove_another, lease_store_remove (db, turn, "j2", "a1"))
ACT (seal_add, seal_store_add (db, turn, "j2", 2, 9))
ACT (seal_asked, seal_store_asked (db, turn, &attempt_seal, 9))
ACT (seal_remove, seal_store_remove (db, turn, "j1", 1))
ACT (failure_asked, failure_store_asked (db, turn, &failure, 9))
ACT (failure_asked_late, failure_store_asked (db, turn, &looked_at, 9))
ACT (failure_save, failure_store_save (db, turn, &failure, "x"))
ACT (group_remove, concurrency_store_remove (db, turn, "p1", "g", "j1", &flag))
ACT (group_clear, concurrency_store_clear (db, turn, "p1", "g", "j3"))
ACT (group_hold, concurrency_store_hold (db, turn, "p1", "g", "j2"))
ACT (schedule_save, schedule_store_save (db, turn, &due))
ACT (schedule_asked, schedule_store_asked (db, turn, &due))
ACT (schedule_done, schedule_store_done (db, turn, &due, &flag))
ACT (schedule_done_before, schedule_store_done (db, turn, &other_due, &flag))
ACT (schedule_lift, schedule_store_lift (db, turn, &suspended))
ACT (schedule_lift_none, schedule_store_lift (db, turn, &due))
ACT (schedule_remove, schedule_store_remove (db, turn, &due))
ACT (schedule_remove_all, schedule_store_remove_all (db, turn, "p1"))
ACT (node_expanded, node_store_expanded (db, turn, &node))
ACT (node_finish, node_store_finish (db, turn, &node))
ACT (node_reset, node_store_reset (db, turn, "r1", "a"))
ACT (pin_set, pin_store_set (db, turn, "p1", &pin))
ACT (pin_remove_all, pin_store_remove_all (db, turn, "p1"))
ACT (trial_asked, trial_store_asked (db, turn, "t1", 9))
ACT (trial_release, trial_store_release (db, turn, "r1"))
ACT (trial_clear, trial_store_clear (db, turn, "t1"))
ACT (waiting_remove, waiting_store_remove (db, turn, &waits))
ACT (waiting_remove_none, waiting_store_remove (db, turn, &waits_not))
ACT (agent_describe, agent_store_describe (db, turn, &agent))
ACT (agent_state, agent_store_state (db, turn, "a1", agent_idle, ""))
ACT (agent_state_removed, agent_store_state (db, turn, "a8", agent_idle, ""))
ACT (agent_free, agent_store_free (db, turn, &freed))
ACT (agent_free_removed, agent_store_free (db, turn, &freed_removed))
ACT (agent_failed, agent_store_failed (db, turn, "a1", 1, 9))
ACT (agent_seen, agent_store_seen (db, turn, &agent))
ACT (agent_hide, agent_store_hide (db, turn, "a1"))
ACT (agent_revoking, agent_store_revoking (db, turn, "a8", 9))
ACT (agent_revoking_none, agent_store_revoking (db, turn, "a1", 9))
ACT (agent_remove, agent_store_remove (db, turn, "a8"))
ACT (agent_remove_none, agent_store_remove (db, turn, "a1"))
ACT (run_save, run_store_save (db, turn, &run))
ACT (run_started, run_store_started (db, turn, "r1"))
ACT (run_started_before, run_store_started (db, turn, "r3"))
ACT (project_state, project_store_set_state (db, turn, &project))
ACT (project_asked, project_store_asked (db, turn, "p1", 9))
ACT (project_asked_none, project_store_asked (db, turn, "p3", 9))
ACT (project_count, project_store_count (db, turn, "p1", 1, 1))
ACT (project_branch, project_store_set_branch (db, turn, "p1", "b"))
ACT (project_sha, project_store_set_schedules_sha (db, turn, "p1", "s"))
ACT (project_remove, project_store_remove (db, turn, "p1"))
ACT (project_removed_asked, project_store_removed_asked (db, turn, "p8", 9))
ACT (project_cleared, project_store_cleared (db, turn, "p8"))
ACT (job_fill,
     job_store_fill (db, turn, &(job_row_t){job ().job, .labels = "", .strategy = "", .concurrency = ""}))
ACT (job_reset, job_store_reset (db, turn, "j1"))
ACT (job_running_now, job_store_running (db, turn, "j1", 2, &flag))
ACT (job_running_before, job_store_running (db, turn, "j1", 1, &flag))
ACT (job_running_ended, job_store_running (db, turn, "j4", 2, &flag))
ACT (job_steps, job_store_steps (db, turn, "j1", (bytes_t){"x", 1}))
ACT (job_run_priority, job_store_priority_of_run (db, turn, "r1", 5))
ACT (run_add_removed, removed_store_add (db, turn, "r2", &flag))
ACT (run_add_removed_running, removed_store_add (db, turn, "r1", &flag))
ACT (run_asked, removed_store_asked (db, turn, "r7", 9))
ACT (run_clear, removed_store_clear (db, turn, "r1"))

static const deployment_row_t deployment = {
    .shown = {.job_id = "j1", .run_attempt = 2, .state = deployment_open, .decided_by = "", .comment = ""}};
static const deployment_row_t decided = {
    .shown = {.job_id = "j4", .run_attempt = 1, .state = deployment_open, .decided_by = "", .comment = ""}};

ACT (deployment_save, deployment_store_save (db, turn, &deployment))
ACT (deployment_close, deployment_store_close (db, turn, "j1", 2))
ACT (deployment_close_none, deployment_store_close (db, turn, "j4", 1))
ACT (deployment_asked_for, deployment_store_asked (db, turn, &deployment, 9))
ACT (deployment_asked_for_none, deployment_store_asked (db, turn, &decided, 9))
ACT (deployment_add, deployment_store_add (db, turn, "j4", 2))
ACT (deployment_add_again, deployment_store_add (db, turn, "j1", 2))

#define JOB_ACT(function)                                     \
    static fault_t job_by_##function (db_t *db, turn_t *turn) \
    {                                                         \
        job_row_t row = job ();                               \
        return job_store_##function (db, turn, &row);         \
    }
JOB_ACT (save)
JOB_ACT (lease)
JOB_ACT (unlease)
JOB_ACT (begun)
JOB_ACT (ended)
JOB_ACT (priority)
JOB_ACT (end)

static fault_t jobs_clear (db_t *db, turn_t *turn)
{
    const char *ids[] = {"j1"};
    return removed_store_clear_jobs (db, turn, &(strs_t){ids, 1});
}

#define A_SCHEDULE       "project_id = 'p1' and cron = 'c' and timezone = ''"
#define JOB_CHANGES(act) OF (job_by_##act, "jobs", "id = 'j1'")

static const own_rows_t cases[] = {
    OF (lease_save, "leases", "agent_id = 'a1'"),
    OF (lease_save_another, "leases", NULL),
    OF (lease_remove, "leases", "agent_id = 'a1'"),
    OF (lease_remove_another, "leases", NULL),
    OF (seal_add, "seals", "job_id = 'j2' and attempt = 2"),
    OF (seal_asked, "seals", "job_id = 'j1' and attempt = 1"),
    OF (seal_remove, "seals", "job_id = 'j1' and attempt = 1"),
    OF (failure_asked, "failures", "job_id = 'j1' and attempt = 1"),
    OF (failure_asked_late, "failures", NULL),
    OF (failure_save, "failures", "job_id = 'j1' and attempt = 1"),
    OF (group_remove, "concurrency", "project_id = 'p1' and name = 'g' and owner = 'j1'"),
    OF (group_clear, "concurrency", "project_id = 'p1' and name = 'g' and owner = 'j2'"),
    OF (group_hold, "concurrency", "project_id = 'p1' and name = 'g' and owner = 'j2'"),
    OF (schedule_save, "schedules", A_SCHEDULE),
    OF (schedule_asked, "schedules", A_SCHEDULE),
    OF (schedule_done, "schedules", A_SCHEDULE),
    OF (schedule_done_before, "schedules", NULL),
    OF (schedule_lift, "schedules", "project_id = 'p1' and cron = 's' and timezone = ''"),
    OF (schedule_lift_none, "schedules", NULL),
    OF (schedule_remove, "schedules", A_SCHEDULE),
    OF (schedule_remove_all, "schedules", "project_id = 'p1'"),
    OF (node_expanded, "nodes", "run_id = 'r1' and key = 'a'"),
    OF (node_finish, "nodes", "run_id = 'r1' and key = 'a'"),
    OF (node_reset, "nodes", "run_id = 'r1' and key = 'a'"),
    OF (pin_set, "action_pins", "project_id = 'p1' and reference = 'x'"),
    OF (pin_remove_all, "action_pins", "project_id = 'p1'"),
    OF (trial_asked, "trials", "id = 't1'"),
    OF (trial_release, "trials", "id = 't1'"),
    OF (trial_release, "trial_runs", "run_id = 'r1'"),
    OF (trial_clear, "trials", "id = 't1'"),
    OF (waiting_remove, "waiting", "job_id = 'j5'"),
    OF (waiting_remove, "queues", "labels = 'l' and priority = 0 and project_id = 'p1'"),
    OF (waiting_remove_none, "waiting", NULL),
    OF (waiting_remove_none, "queues", NULL),
    OF (agent_describe, "agents", "id = 'a1'"),
    OF (agent_state, "agents", "id = 'a1'"),
    OF (agent_state_removed, "agents", NULL),
    OF (agent_free, "agents", "id = 'a1'"),
    OF (agent_free_removed, "agents", NULL),
    OF (agent_failed, "agents", "id = 'a1'"),
    OF (agent_seen, "agents", "id = 'a1'"),
    OF (agent_hide, "agents", "id = 'a1'"),
    OF (agent_revoking, "agents", "id = 'a8'"),
    OF (agent_revoking_none, "agents", NULL),
    OF (agent_remove, "agents", "id = 'a8'"),
    OF (agent_remove_none, "agents", NULL),
    OF (run_save, "runs", "id = 'r1'"),
    OF (run_started, "runs", "id = 'r1'"),
    OF (run_started_before, "runs", NULL),
    OF (run_add_removed, "runs", "id = 'r2'"),
    OF (run_add_removed, "removed_runs", "id = 'r2'"),
    OF (run_add_removed_running, "runs", NULL),
    OF (run_add_removed_running, "removed_runs", NULL),
    OF (run_asked, "removed_runs", "id = 'r7'"),
    OF (run_clear, "nodes", "run_id = 'r1'"),
    OF (run_clear, "run_texts", "run_id = 'r1'"),
    OF (run_clear, "run_files", "run_id = 'r1'"),
    OF (project_state, "projects", "id = 'p1'"),
    OF (project_asked, "projects", "id = 'p1'"),
    OF (project_asked_none, "projects", NULL),
    OF (project_count, "projects", "id = 'p1'"),
    OF (project_branch, "projects", "id = 'p1'"),
    OF (project_sha, "projects", "id = 'p1'"),
    OF (project_remove, "projects", "id = 'p1'"),
    OF (project_remove, "removed_projects", "id = 'p1'"),
    OF (project_removed_asked, "removed_projects", "id = 'p8'"),
    OF (project_cleared, "removed_projects", "id = 'p8'"),
    JOB_CHANGES (save),
    JOB_CHANGES (lease),
    JOB_CHANGES (unlease),
    JOB_CHANGES (begun),
    JOB_CHANGES (ended),
    JOB_CHANGES (priority),
    JOB_CHANGES (end),
    OF (job_fill, "jobs", "id = 'j1'"),
    OF (job_reset, "jobs", "id = 'j1'"),
    OF (job_reset, "attempts", "job_id = 'j1' and attempt = 2"),
    OF (job_running_now, "jobs", "id = 'j1'"),
    OF (job_running_before, "jobs", NULL),
    OF (job_running_ended, "jobs", NULL),
    OF (job_steps, "jobs", "id = 'j1'"),
    OF (job_run_priority, "jobs", "run_id = 'r1' and state = 'queued'"),
    OF (jobs_clear, "jobs", "id = 'j1'"),
    OF (jobs_clear, "attempts", "job_id = 'j1'"),
    OF (jobs_clear, "seals", "job_id = 'j1'"),
    OF (jobs_clear, "failures", "job_id = 'j1'"),
    OF (jobs_clear, "deployments", "job_id = 'j1'"),
    OF (deployment_save, "deployments", "job_id = 'j1' and run_attempt = 2"),
    OF (deployment_close, "deployments", "job_id = 'j1' and run_attempt <= 2"),
    OF (deployment_close_none, "deployments", NULL),
    OF (deployment_asked_for, "deployments", "job_id = 'j1' and run_attempt = 2"),
    OF (deployment_asked_for_none, "deployments", NULL),
    OF (deployment_add, "deployments", "job_id = 'j4' and run_attempt = 2"),
    OF (deployment_add_again, "deployments", NULL),
};

TEST (what_is_written_of_one_job_agent_run_or_project_leaves_all_others_as_they_are)
{
    own_rows_check ("scheduler", rows, cases, sizeof cases / sizeof *cases);
}

// The agent of a job that has ended has another by now.
TEST (a_lease_is_found_by_its_job_and_not_by_what_its_agent_had_before)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    db_t *db;
    lease_t found;
    size_t count;
    turn_init (&turn, arena, "test", 1000);
    CHECK_INT (db_open (&db, "sqlite::memory:", &turn), OK);
    const migration_t *list = migrations_of ("scheduler", &count);
    CHECK_INT (db_migrate (db, &turn, "scheduler", list, count), OK);
    for (size_t i = 0; rows[i]; i++)
        CHECK_INT (db_exec (db, &turn, rows[i]), OK);
    CHECK_INT (lease_store_of_job (db, &turn, "j2", &found), OK);
    CHECK_STR (found.job_id, "j2");
    CHECK_INT (lease_store_of_job (db, &turn, "j4", &found), OK);
    CHECK_STR (found.job_id, "");
    const rows_t *asked;
    CHECK_INT (lease_store_with_agent_later (db, &turn, "j4", &asked), OK);
    CHECK_INT (db_wait (db, &turn), OK);
    CHECK_INT (rows_count (asked), 0);
    db_close (&db);
    arena_destroy (&arena);
}
