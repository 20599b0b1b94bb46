/* own_reads.c - what is read of one job, attempt, run, project, agent or group does not depend on what others have. */

#include "tests/unit/services/own_rows.h"

#include "services/scheduler/store/agent_store.h"
#include "services/scheduler/store/concurrency_store.h"
#include "services/scheduler/store/deployment_store.h"
#include "services/scheduler/store/event_store.h"
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
#include "tests/unit/test.h"

#include <stdarg.h>
#include <stdio.h>

#define RUNS                                                                                                      \
    "insert into runs (id, project_id, number, workflow, name, title, event, ref, sha, actor, state, created_at," \
    " result) values "
#define A_RUN(id, project, number, workflow, state, result) \
    "('" id "', '" project "', " number ", '" workflow      \
    "', 'n', 't', 'e', 'refs/heads/main', '', '', '" state "', 1, '" result "')"
#define JOBS                                                                                                        \
    "insert into jobs (id, run_id, project_id, key, position, cell, name, title, state, needs, labels, created_at," \
    " attempt, agent_id, outputs) values "
#define A_JOB(id, run, key, position, state, agent)                                                         \
    "('" id "', '" run "', 'p1', '" key "', " position ", 0, 'n', 't', '" state "', '', 'l', 1, 2, '" agent \
    "', '" id "')"
#define AGENTS                                                                                          \
    "insert into agents (id, name, labels, state, url, push_key, job_id, os, arch, version, ephemeral," \
    " registered_at, seen_at, silent_at, idle_at, removed, revoke_at) values "
#define AN_AGENT(id, state, silent, removed, revoke)                                                  \
    "('" id "', '" id "', 'l', '" state "', '', '', '', '', '', '', 0, 1, 1, " silent ", 1, " removed \
    ", " revoke ")"
#define DEPLOYMENTS                                                                                             \
    "insert into deployments (job_id, run_attempt, run_id, project_id, environment, state, due_at, created_at)" \
    " values "

static const char *const rows[] = {
    "insert into projects (id, name, url, created_at, default_branch, trusted, sync_at) values"
    " ('p1', 'one', 'u', 1, 'main', 1, 5), ('p2', 'two', 'v', 1, 'main', 0, 0)",
    RUNS A_RUN ("r1", "p1", "1", "w", "running", "none"),
    RUNS A_RUN ("r2", "p1", "2", "w", "finished", "failure"),
    JOBS A_JOB ("j1", "r1", "a", "0", "queued", "a1"),
    "insert into attempts (job_id, attempt, agent_id, agent_name, started_at) values ('j1', 1, 'a1', '', 1)",
    "insert into nodes (run_id, key, position, state, needs, runs_when_cancelled, cells_left, outcome) values"
    " ('r1', 'a', 0, 'finished', '', 0, 1, 'own')",
    AGENTS AN_AGENT ("a1", "idle", "500", "0", "0"),
    "insert into leases (agent_id, job_id, attempt, leased_at, expires_at, kill_at) values"
    " ('a1', 'j1', 2, 500, 500, 500)",
    "insert into seals (job_id, attempt, due_at) values ('j1', 1, 500)",
    "insert into failures (job_id, attempt, run_id, project_id, due_at) values ('j1', 2, 'r1', 'p1', 500)",
    "insert into concurrency (project_id, name, owner, held, since) values ('p1', 'g', 'j1', 1, 1),"
    " ('p1', 'g', 'r1', 0, 2)",
    "insert into schedules (project_id, cron, timezone, next_at, due_at, suspended) values"
    " ('p1', 'c', '', 500, 500, 0)",
    "insert into action_pins (project_id, reference, locked_to, job_id, locked_at) values"
    " ('p1', 'x', 'own', 'j1', 1)",
    "insert into trials (id, project_id, created_at, due_at) values ('t1', 'p1', 1, 500)",
    "insert into trial_runs (run_id, trial_id) values ('r1', 't1')",
    DEPLOYMENTS "('j1', 1, 'r1', 'p1', 'own', 'waiting', 500, 1)",
    "insert into events (id, type, project_id, run_id, job_id, agent_id, state, result, at) values"
    " (1, 'job.state', 'p1', 'r1', 'j1', '', '', '', 1)",
    NULL,
};

// Of each kind some that differ in one thing; what is not due, gone, ended, or of others.
static const char *const others[] = {
    "insert into projects (id, name, url, created_at, default_branch, trusted, sync_at) values"
    " ('p3', 'three', 'w', 1, 'main', 1, 5000)",
    RUNS A_RUN ("r3", "p2", "1", "w", "running", "none") ", " A_RUN ("r4", "p2", "2", "w", "finished",
                                                                     "success"),
    RUNS A_RUN ("r5", "p1", "3", "v", "finished", "success"),
    JOBS A_JOB ("j2", "r1", "b", "1", "finished", "a2") ", " A_JOB ("j3", "r2", "a", "0", "queued", "a3"),
    "insert into attempts (job_id, attempt, agent_id, agent_name, started_at) values ('j2', 1, 'a1', '', 1)",
    "insert into nodes (run_id, key, position, state, needs, runs_when_cancelled, cells_left, outcome) values"
    " ('r2', 'a', 0, 'finished', '', 0, 1, 'other'), ('r1', 'b', 1, 'finished', '', 0, 1, 'other')",
    AGENTS AN_AGENT ("a2", "idle", "5000", "0", "0") ", " AN_AGENT ("a3", "offline", "500", "0", "0"),
    AGENTS AN_AGENT ("a4", "offline", "500", "1", "5000"),
    "insert into leases (agent_id, job_id, attempt, leased_at, expires_at, kill_at) values"
    " ('a2', 'j2', 2, 5000, 5000, 5000)",
    "insert into seals (job_id, attempt, due_at) values ('j1', 2, 5000), ('j2', 1, 5000)",
    "insert into failures (job_id, attempt, run_id, project_id, due_at) values ('j1', 1, 'r1', 'p1', 0),"
    " ('j2', 2, 'r1', 'p1', 0)",
    "insert into concurrency (project_id, name, owner, held, since) values ('p2', 'g', 'j8', 1, 1),"
    " ('p1', 'h', 'j9', 1, 1)",
    "insert into schedules (project_id, cron, timezone, next_at, due_at, suspended) values"
    " ('p2', 'c', '', 5000, 0, 0), ('p3', 'c', '', 500, 0, 1)",
    "insert into action_pins (project_id, reference, locked_to, job_id, locked_at) values"
    " ('p2', 'x', 'other', 'j1', 1), ('p2', 'y', 'other', 'j1', 1)",
    "insert into trials (id, project_id, created_at, due_at) values ('t2', 'p1', 1, 5000), ('t3', 'p2', 1, 5000)",
    "insert into trial_runs (run_id, trial_id) values ('r2', 't2')",
    DEPLOYMENTS
    "('j1', 2, 'r2', 'p1', 'other', 'closed', 0, 1), ('j2', 1, 'r2', 'p1', 'other', 'open', 5000, 1)",
    "insert into events (id, type, project_id, run_id, job_id, agent_id, state, result, at) values"
    " (2, 'job.state', 'p2', 'r3', 'j1', '', '', '', 1), (3, 'job.state', 'p1', 'r2', 'j1', '', '', '', 1)",
    NULL,
};

static const char *say (turn_t *turn, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

static const char *say (turn_t *turn, const char *format, ...)
{
    char text[400];
    va_list list;
    va_start (list, format);
    vsnprintf (text, sizeof text, format, list);
    va_end (list);
    return arena_strdup (turn->arena, text);
}

static void must (turn_t *turn, fault_t fault)
{
    own_reads_must (turn, "it", fault);
}

// ---- runs and their jobs ----

static const char *jobs (db_t *db, turn_t *turn)
{
    job_rows_t outputs, queued;
    must (turn, job_store_outputs (db, turn, "r1", 0, "a", &outputs));
    must (turn, job_store_queued (db, turn, "r1", &queued));
    return say (turn, "%zu %s, %zu %s", outputs.count, outputs.items[0].job.outputs, queued.count,
                queued.items[0].job.id);
}

static const char *page_of_jobs (db_t *db, turn_t *turn, job_filter_t filter)
{
    job_rows_t found;
    const char *text = "", *next;
    filter.before = "";
    filter.limit = 100;
    must (turn, job_store_page (db, turn, &filter, &found, &next));
    for (size_t i = 0; i < found.count; i++)
        text = say (turn, "%s%s ", text, found.items[i].job.id);
    return text;
}

static const char *jobs_listed (db_t *db, turn_t *turn)
{
    return say (turn, "%s, %s",
                page_of_jobs (db, turn, (job_filter_t){.state = "queued", .run = "r1", .agent = ""}),
                page_of_jobs (db, turn, (job_filter_t){.state = "", .run = "", .agent = "a1"}));
}

static const char *attempts (db_t *db, turn_t *turn)
{
    attempt_items_t found;
    const job_row_t row = {.job = {.id = "j1", .agent_id = ""}};
    must (turn, job_store_attempts (db, turn, &row, &found));
    return say (turn, "%zu %u", found.count, found.items[0].attempt);
}

static const char *outcome (db_t *db, turn_t *turn)
{
    const char *text;
    must (turn, node_store_outcome (db, turn, "r1", "a", &text));
    return text;
}

static const char *run_removed (db_t *db, turn_t *turn)
{
    strs_t found, over;
    must (turn, removed_store_jobs (db, turn, "r2", &found));
    must (turn, removed_store_over (db, turn, &(over_t){.project = "p1", .upto_number = 2}, &over));
    return say (turn, "%zu %s", over.count, over.items[0]);
}

static const char *failing (db_t *db, turn_t *turn)
{
    run_items_t found;
    const char *text = "";
    must (turn, run_store_failing (db, turn, NULL, 0, 10, &found));
    for (size_t i = 0; i < found.count; i++)
        text = say (turn, "%s%s ", text, found.items[i].id);
    return text;
}

static const char *events (db_t *db, turn_t *turn)
{
    events_t of_run = {.cursor = 0}, of_project = {.cursor = 0};
    int64_t first;
    must (turn, event_store_read (db, turn, "", "r1", &first, &of_run));
    must (turn, event_store_read (db, turn, "p1", "r1", &first, &of_project));
    return say (turn, "%zu %zu", of_run.items.count, of_project.items.count);
}

// ---- agents and leases ----

static const char *lease_of (db_t *db, turn_t *turn)
{
    lease_t job, agent, none;
    must (turn, lease_store_of_job (db, turn, "j1", &job));
    must (turn, lease_store_of_agent (db, turn, "a1", &agent));
    must (turn, lease_store_of_agent (db, turn, "a9", &none));
    return say (turn, "%s %s %s", job.agent_id, agent.job_id, none.job_id);
}

static const char *leases_due (db_t *db, turn_t *turn)
{
    leases_t expired, overdue, not_begun;
    must (turn, lease_store_expired (db, turn, 1000, &expired));
    must (turn, lease_store_overdue (db, turn, 1000, &overdue));
    must (turn, lease_store_not_begun (db, turn, 1000, &not_begun));
    return say (turn, "%zu %zu %zu", expired.count, overdue.count, not_begun.count);
}

static const char *agents_due (db_t *db, turn_t *turn)
{
    agent_rows_t silent;
    strs_t hidden;
    must (turn, agent_store_silent (db, turn, 1000, &silent));
    must (turn, agent_store_hidden (db, turn, 1000, &hidden));
    return say (turn, "%zu %s, %zu", silent.count, silent.items[0].agent.id, hidden.count);
}

static const char *seals (db_t *db, turn_t *turn)
{
    seals_t found;
    must (turn, seal_store_due (db, turn, 1000, &found));
    return say (turn, "%zu %s/%u", found.count, found.items[0].job_id, found.items[0].attempt);
}

static const char *failures (db_t *db, turn_t *turn)
{
    bool due, other;
    failure_rows_t found;
    must (turn, failure_store_is_due (db, turn, "j1", 2, &due));
    must (turn, failure_store_is_due (db, turn, "j2", 2, &other));
    must (turn, failure_store_due (db, turn, &found));
    return say (turn, "%d %d %zu", due, other, found.count);
}

// ---- projects ----

static const char *group (db_t *db, turn_t *turn)
{
    claimants_t found;
    const char *name, *holder;
    must (turn, concurrency_store_of_group (db, turn, "p1", "g", &found));
    must (turn, concurrency_store_waits_for (db, turn, "r1", &name, &holder));
    return say (turn, "%zu %s, %s %s", found.count, found.items[0].owner, name, holder);
}

static const char *schedules (db_t *db, turn_t *turn)
{
    schedule_rows_t of_project, passed, due;
    const char *suspended;
    must (turn, schedule_store_of_project (db, turn, "p1", &of_project));
    must (turn, schedule_store_passed (db, turn, &passed));
    must (turn, schedule_store_due (db, turn, 1000, &due));
    must (turn, schedule_store_suspended (db, turn, "p1", &suspended));
    return say (turn, "%zu %zu %zu %s", of_project.count, passed.count, due.count, suspended);
}

static const char *pins (db_t *db, turn_t *turn)
{
    action_pin_t pin, none;
    action_pin_items_t page;
    int64_t count;
    must (turn, pin_store_find (db, turn, "p1", "x", &pin));
    must (turn, pin_store_page (db, turn, "p1", "", 100, &page));
    must (turn, pin_store_count (db, turn, "p1", &count));
    bool other = pin_store_find (db, turn, "p1", "y", &none) == OK;
    return say (turn, "%s %zu %lld %d", pin.commit, page.count, (long long) count, other);
}

static const char *projects (db_t *db, turn_t *turn)
{
    bool trusted, not_trusted, active;
    strs_t due;
    must (turn, project_store_has_url (db, turn, "u", true, &trusted));
    must (turn, project_store_has_url (db, turn, "u", false, &not_trusted));
    must (turn, project_store_active (db, turn, "p3", &active));
    must (turn, project_store_due (db, turn, &due));
    return say (turn, "%d %d %d %zu", trusted, not_trusted, active, due.count);
}

static const char *trials (db_t *db, turn_t *turn)
{
    bool has, other;
    strs_t due;
    const char *of_job;
    must (turn, trial_store_has_run (db, turn, "t1", &has));
    must (turn, trial_store_has_run (db, turn, "t3", &other));
    must (turn, trial_store_due (db, turn, &due));
    must (turn, trial_store_of_job (db, turn, "j1", 2, &of_job));
    return say (turn, "%d %d %zu %s", has, other, due.count, of_job);
}

static const char *deployments (db_t *db, turn_t *turn)
{
    deployment_row_t one;
    deployment_rows_t of_run, waiting, due;
    const char *next;
    must (turn, deployment_store_find (db, turn, "j1", 1, &one));
    must (turn, deployment_store_of_run (db, turn, "r1", &of_run));
    must (turn, deployment_store_waiting (db, turn, NULL, "", 100, &waiting, &next));
    must (turn, deployment_store_due (db, turn, &due));
    return say (turn, "%s %zu %zu %zu", one.shown.environment, of_run.count, waiting.count, due.count);
}

static const own_reads_t cases[] = {
    OF (jobs),   OF (jobs_listed), OF (attempts),   OF (outcome),    OF (run_removed), OF (failing),
    OF (events), OF (lease_of),    OF (leases_due), OF (agents_due), OF (seals),       OF (failures),
    OF (group),  OF (schedules),   OF (pins),       OF (projects),   OF (trials),      OF (deployments),
};

TEST (what_is_read_of_one_job_run_project_agent_or_group_does_not_depend_on_what_others_have)
{
    own_reads_check ("scheduler", rows, others, cases, sizeof cases / sizeof *cases);
}
