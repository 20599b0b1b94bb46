/* list_cost.c - what each list of the API reads of a history of 100,000 runs: a page, or a bounded walk, never all of it.
 *
 * It is counted, not timed: the steps of SQLite's virtual machine, and the rows and entries of indexes that PostgreSQL reads. A walk through all runs
 * would be several times any of these bounds. Which indexes PostgreSQL takes for the same lists is plans.c's to say. */

#include "common/base/clock.h"
#include "common/base/id.h"
#include "db/migrations.h"
#include "services/scheduler/store/agent_view_store.h"
#include "services/scheduler/store/event_store.h"
#include "services/scheduler/store/failure_store.h"
#include "services/scheduler/store/insight_store.h"
#include "services/scheduler/store/job_store.h"
#include "services/scheduler/store/project_store.h"
#include "services/scheduler/store/queue_store.h"
#include "services/scheduler/store/run_store.h"
#include "services/scheduler/store/test_store.h"
#include "tests/unit/test.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define HOURS    1000 // That runs were made in, a hundred in each
#define FIRST_US SECONDS (1900000000)
#define NOW_US   (FIRST_US + HOURS * HOUR_US)
#define HOUR_US  SECONDS (3600)
#define RUNS     (HOURS * 100)
#define PARTS    20

static struct {
    int64_t steps; // What SQLite did
    int64_t from;  // read_by_now when the list was asked for
} traced;

static int trace (unsigned kind, void *context, void *statement, void *time)
{
    (void) kind, (void) context, (void) time;
    traced.steps += sqlite3_stmt_status (statement, SQLITE_STMTSTATUS_VM_STEP, 1);
    return 0;
}

static int listen (sqlite3 *db, char **error, const struct sqlite3_api_routines *api)
{
    (void) error, (void) api;
    return sqlite3_trace_v2 (db, SQLITE_TRACE_PROFILE, trace, NULL);
}

// Within one transaction PostgreSQL's own counters only grow, and nothing else is in them.
static fault_t read_by_now (db_t *db, turn_t *turn, int64_t *out)
{
    const rows_t *rows;
    *out = traced.steps;
    if (!db_is_postgres (db))
        return OK;
    TRY (db_query (db, turn,
                   "select cast (sum (pg_stat_get_xact_tuples_returned (c.oid)) as bigint) from pg_class c"
                   " join pg_namespace n on n.oid = c.relnamespace where n.nspname = current_schema ()"
                   " and c.relkind in ('r', 'i')",
                   &rows));
    *out = rows_i64 (rows, 0, 0);
    return OK;
}

// ---- the history: p0 has half of the runs, the others share the rest; every tenth run failed, every hundredth is running

#define COUNT_TO(n) \
    "with recursive c (i) as (select cast (0 as bigint) union all select i + 1 from c where i < " n " - 1)"

// Each over runs $1 to $2, so that none takes long where the machine is busy.
static const char *const in_parts[] = {
    "insert into runs (id, project_id, number, workflow, name, title, event, ref, sha, actor, state, result, created_at, started_at,"
    " finished_at) with recursive c (i) as (select cast ($1 as bigint) union all select i + 1 from c where i < $2 - 1)"
    " select prefix || cast (100000 + i as text), case when i % 2 = 0 then 'p0' else 'p' || (i / 2 % 200) end, i,"
    " 'w' || (i / 7 % 5), 'n', 't', case when i % 3 = 0 then 'push' else 'pull_request' end,"
    " case when i % 4 = 0 then 'refs/heads/main' else 'refs/heads/b' || (i % 1000) end, cast (i / 3 as text),"
    " case when i = 11 then 'ada' else 'bob' end, case when i % 100 = 99 then 'running' else 'finished' end,"
    " case when i % 100 = 99 then 'none' when i % 10 = 0 then 'failure' else 'success' end,"
    " 1900000000000000 + hour * 3600000000, 1, 2 from c join hours on hour = i / 100",
    "insert into jobs (id, run_id, project_id, key, position, cell, name, title, state, result, needs, agent_id, attempt, created_at,"
    " queued_at, started_at, finished_at) select 'j' || substr (id, 2), id, project_id, 'k', 0, 0, 'n', 't', state, result, '',"
    " 'a' || (number % 1000), 1, created_at, created_at, created_at, created_at + 1000000 from runs where number >= $1 and number < $2",
    "insert into events (id, type, project_id, run_id, job_id, agent_id, state, result, at) with recursive c (i) as"
    " (select cast ($1 as bigint) union all select i + 1 from c where i < $2 - 1) select i + 1, 'run.state', 'p' || (i % 200), '', '',"
    " '', '', '', i from c",
};

static const char *const history[] = {
    "insert into attempts (job_id, attempt, agent_id, agent_name, result, started_at) select id, 1, agent_id, 'x', 'failure', 1 from jobs"
    " where result = 'failure'",
    "insert into failures (job_id, attempt, run_id, project_id, due_at, fingerprint) select id, 1, run_id, project_id, 0,"
    " 'f' || (started_at / 3600000000 % 7) from jobs where result = 'failure'",
    "insert into failed_tests (project_id, test, run_id, job_id, attempt, step, file) select project_id, 't1', run_id, job_id, 1, 1, 'f'"
    " from failures",
    "insert into projects (id, name, url, created_at, default_branch) with recursive c (i) as (select cast (0 as bigint) union all select"
    " i + 1 from c where i < 199) select 'p' || i, 'p' || i, 'https://git.example/' || i, 0, 'main' from c",
    "insert into agents (id, name, labels, state, url, push_key, os, arch, version, ephemeral, registered_at, seen_at, silent_at, idle_at,"
    " parked_until) with recursive c (i) as (select cast (0 as bigint) union all select i + 1 from c where i < 999)"
    " select 'a' || i, 'agent' || (1000 + i), 'linux', 'idle', '', '', '', '', '', 0, 0, 0, 0, 0, 0 from c",
    "update agents set state = 'busy', job_id = (select max (id) from jobs where agent_id = agents.id and agent_id <> '')"
    " where id < 'a5'",
};

static fault_t fill_hours (db_t *db, turn_t *turn)
{
    TRY (db_exec (db, turn, "create table hours (hour bigint, prefix text)"));
    for (int64_t hour = 0; hour < HOURS; hour++) {
        const char *id = id_from (turn->arena, 'r', FIRST_US + hour * HOUR_US);
        TRY (
            db_exec (db, turn, "insert into hours (hour, prefix) values ($1, $2)", P_I64 (hour), P_STR (id)));
    }
    return OK;
}

// Ids of runs are in the order of their times, as real ones are.
static fault_t fill (db_t *db, turn_t *turn)
{
    size_t count;
    const migration_t *list = migrations_of ("scheduler", &count);
    TRY (db_migrate (db, turn, "scheduler", list, count));
    TRY (fill_hours (db, turn));
    for (size_t i = 0; i < sizeof in_parts / sizeof in_parts[0]; i++)
        for (int64_t run = 0; run < RUNS; run += RUNS / PARTS)
            TRY (db_exec (db, turn, in_parts[i], P_I64 (run), P_I64 (run + RUNS / PARTS)));
    for (size_t i = 0; i < sizeof history / sizeof history[0]; i++)
        TRY (db_exec (db, turn, history[i]));
    TRY (db_exec (db, turn,
                  "insert into test_reports (job_id, attempt, step, file, run_id, facts)"
                  " select job_id, 1, 1, 'f', run_id, $1 from failures",
                  P_BYTES ("", 0)));
    return db_exec (db, turn, "analyze");
}

// ---- the lists

static fault_t runs (db_t *db, turn_t *turn, run_filter_t filter)
{
    run_items_t items;
    const char *next;
    filter.project = filter.project ? filter.project : "";
    filter.state = filter.state ? filter.state : "";
    filter.workflow = filter.workflow ? filter.workflow : "";
    filter.before = "";
    filter.limit = 50;
    return run_store_page (db, turn, &filter, &items, &next);
}

// Of somebody with a role in one project, which has few of the runs.
#define ONE_PROJECT "|p17|"

static fault_t jobs (db_t *db, turn_t *turn, job_filter_t filter)
{
    job_rows_t items;
    const char *next;
    filter.run = filter.run ? filter.run : "";
    filter.state = filter.state ? filter.state : "";
    filter.agent = filter.agent ? filter.agent : "";
    filter.before = "";
    filter.limit = 50;
    return job_store_page (db, turn, &filter, &items, &next);
}

#define LIST_OF_RUNS(name, ...)                              \
    static fault_t name (db_t *db, turn_t *turn)             \
    {                                                        \
        return runs (db, turn, (run_filter_t){__VA_ARGS__}); \
    }
LIST_OF_RUNS (all_runs, .state = "")
LIST_OF_RUNS (running_runs, .unfinished = true)
LIST_OF_RUNS (runs_of_state, .state = "running")
LIST_OF_RUNS (ended_runs, .state = "finished")
LIST_OF_RUNS (runs_of_project, .project = "p0")
LIST_OF_RUNS (runs_of_workflow, .project = "p0", .workflow = "w1")
LIST_OF_RUNS (runs_of_workflow_anywhere, .workflow = "w1")
LIST_OF_RUNS (runs_of_branch, .project = "p0", .ref = "b2")
LIST_OF_RUNS (runs_of_actor, .actor = "ada")
LIST_OF_RUNS (runs_of_event, .event = "schedule")
LIST_OF_RUNS (failed_runs, .result = "failure")
LIST_OF_RUNS (runs_of_time, .since = FIRST_US + 900 * HOUR_US, .until = FIRST_US + 901 * HOUR_US)
LIST_OF_RUNS (runs_of_old_time, .since = FIRST_US, .until = FIRST_US + HOUR_US)
LIST_OF_RUNS (runs_of_everything, .project = "p0", .workflow = "w1", .ref = "b2", .actor = "ada",
              .event = "push", .result = "failure", .since = FIRST_US)

LIST_OF_RUNS (own_runs, .scope = ONE_PROJECT)
LIST_OF_RUNS (own_running_runs, .scope = ONE_PROJECT, .unfinished = true)

#define LIST_OF_JOBS(name, ...)                              \
    static fault_t name (db_t *db, turn_t *turn)             \
    {                                                        \
        return jobs (db, turn, (job_filter_t){__VA_ARGS__}); \
    }
LIST_OF_JOBS (jobs_of_run, .run = "r1")
LIST_OF_JOBS (jobs_of_agent, .agent = "a17")
LIST_OF_JOBS (jobs_of_state, .state = "running")
LIST_OF_JOBS (own_jobs, .scope = ONE_PROJECT)
LIST_OF_JOBS (own_jobs_of_agent, .scope = ONE_PROJECT, .agent = "a17")
LIST_OF_JOBS (own_jobs_of_state, .scope = ONE_PROJECT, .state = "running")

static fault_t home (db_t *db, turn_t *turn)
{
    run_items_t items;
    return run_store_failing (db, turn, NULL, FIRST_US, 50, &items);
}

static fault_t own_home (db_t *db, turn_t *turn)
{
    run_items_t items;
    return run_store_failing (db, turn, ONE_PROJECT, FIRST_US, 50, &items);
}

static fault_t agents (db_t *db, turn_t *turn)
{
    agent_rows_t rows;
    agent_items_t items = {arena_array (turn->arena, 200, sizeof (agent_t)), 0};
    TRY (agent_store_page (db, turn, "", 200, &rows));
    for (size_t i = 0; i < rows.count; i++)
        items.items[items.count++] = rows.items[i].agent;
    TRY (agent_view_store_jobs (db, turn, &items));
    return agent_view_store_loads (db, turn, NOW_US, &items);
}

static fault_t projects (db_t *db, turn_t *turn)
{
    project_items_t items;
    return project_store_page (db, turn, NULL, "", 50, &items);
}

static fault_t own_projects (db_t *db, turn_t *turn)
{
    project_items_t items;
    return project_store_page (db, turn, ONE_PROJECT, "", 50, &items);
}

static fault_t queue (db_t *db, turn_t *turn)
{
    queue_set_items_t sets;
    return queue_store_sets (db, turn, NULL, 0, 20, &sets);
}

static fault_t events (db_t *db, turn_t *turn)
{
    int64_t first;
    events_t page = {.cursor = 50000};
    return event_store_read (db, turn, "p17", "", &first, &page);
}

// Of a failed run: what failed alike, what its branch did, and its tests.
static fault_t digest (db_t *db, turn_t *turn)
{
    const rows_t *rows;
    failure_rows_t failures;
    failure_seen_items_t alike;
    branch_history_t branch;
    stored_reports_t reports;
    test_past_t past;
    TRY (db_query (db, turn,
                   "select max (id) from runs where project_id = 'p0' and ref = 'refs/heads/main' and"
                   " state = 'finished' and workflow = 'w1' and result = 'failure'",
                   &rows));
    TRY (read_by_now (db, turn, &traced.from));
    const run_t run = {
        .id = rows_str (rows, 0, 0), .project_id = "p0", .workflow = "w1", .ref = "refs/heads/main"};
    TRY (failure_store_of_run (db, turn, run.id, &failures));
    TRY (failure_store_alike (db, turn, "p0", "f1", &alike));
    TRY (failure_store_branch (db, turn, &run, &branch));
    TRY (test_store_of_run (db, turn, run.id, &reports));
    return test_store_past (db, turn, "p0", "t1", "", branch.oldest, &past);
}

static fault_t insights (db_t *db, turn_t *turn)
{
    const rows_t *rows;
    const insight_filter_t filter = {.project = "p0",
                                     .workflow = "w1",
                                     .first = id_from (turn->arena, 'r', FIRST_US),
                                     .end = "~",
                                     .runs = 500,
                                     .rows = 1000};
    TRY (insight_store_rows_later (db, turn, &filter, &rows));
    return db_wait (db, turn);
}

// What SQLite steps and PostgreSQL reads at most: a page, a walk of RUNS_WALKED, or what is said. Where a project has much of all runs, PostgreSQL
// walks by their ids and passes those of others: p0's workflow has a tenth of them.
#define PAGE_COST 20000
#define PAGE_ROWS 2000
#define WALK_COST 200000
#define WALK_ROWS 12000
static const struct {
    const char *name;
    fault_t (*ask) (db_t *db, turn_t *turn);
    int64_t steps, rows;
} lists[] = {
    {"all runs", all_runs, PAGE_COST, PAGE_ROWS},
    {"running runs", running_runs, PAGE_COST, PAGE_ROWS},
    {"runs of a state", runs_of_state, PAGE_COST, PAGE_ROWS},
    {"ended runs", ended_runs, PAGE_COST, PAGE_ROWS},
    {"runs of a project", runs_of_project, PAGE_COST, PAGE_ROWS},
    {"runs of a workflow", runs_of_workflow, PAGE_COST, PAGE_ROWS},
    {"runs of a workflow of any project", runs_of_workflow_anywhere, WALK_COST, WALK_ROWS},
    {"runs of a branch", runs_of_branch, WALK_COST, 30000},
    {"runs of an actor", runs_of_actor, WALK_COST, WALK_ROWS},
    {"runs of an event", runs_of_event, WALK_COST, WALK_ROWS},
    {"failed runs", failed_runs, WALK_COST, WALK_ROWS},
    {"runs of a time", runs_of_time, PAGE_COST, PAGE_ROWS},
    {"runs of an old time", runs_of_old_time, PAGE_COST, PAGE_ROWS},
    {"runs by everything", runs_of_everything, WALK_COST, 70000},
    {"jobs of a run", jobs_of_run, PAGE_COST, PAGE_ROWS},
    {"jobs of an agent", jobs_of_agent, PAGE_COST, PAGE_ROWS},
    {"jobs of a state", jobs_of_state, PAGE_COST, PAGE_ROWS},
    {"what fails now, of 200 projects", home, 300000, 5000},
    {"runs that somebody may see", own_runs, WALK_COST, WALK_ROWS},
    {"running runs that somebody may see", own_running_runs, WALK_COST, WALK_ROWS},
    {"jobs that somebody may see", own_jobs, WALK_COST, 22000}, // Each with its project
    {"jobs of an agent that somebody may see", own_jobs_of_agent, PAGE_COST, PAGE_ROWS},
    {"jobs of a state that somebody may see", own_jobs_of_state, WALK_COST, WALK_ROWS},
    {"what fails now and somebody may see", own_home, 300000, 5000},
    {"projects that somebody may see", own_projects, PAGE_COST, PAGE_ROWS},
    {"agents with their load", agents, 1000000, 25000}, // Of 200 the last 50 jobs, twice
    {"projects", projects, PAGE_COST, PAGE_ROWS},
    {"the queue", queue, PAGE_COST, 0},
    {"events", events, WALK_COST, WALK_ROWS},
    {"the digest", digest, 200000, 5000},
    {"insights", insights, 200000, 12000},
};

static void check_cost (size_t at, db_t *db, turn_t *turn)
{
    int64_t read, most = db_is_postgres (db) ? lists[at].rows : lists[at].steps;
    if (read_by_now (db, turn, &traced.from) != OK || lists[at].ask (db, turn) != OK ||
        read_by_now (db, turn, &read) != OK)
        test_fail (__FILE__, __LINE__, "%s: %s", lists[at].name, turn->detail);
    read -= traced.from;
    if ((read == 0 && most > 0) || read > most) // Nothing waits
        test_fail (__FILE__, __LINE__, "%s: %lld of %lld", lists[at].name, (long long) read,
                   (long long) most);
}

static void check_lists_of (db_t *db, turn_t *turn)
{
    if (fill (db, turn) != OK)
        test_fail (__FILE__, __LINE__, "%s", turn->detail);
    CHECK_INT (db_begin (db, turn), OK);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        check_cost (i, db, turn);
    CHECK_INT (db_commit (db, turn), OK);
}

TEST (no_list_reads_the_whole_of_a_hundred_thousand_runs)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    db_t *sqlite;
    turn_init (&turn, arena, "test", NOW_US);
    sqlite3_auto_extension ((void (*) (void)) listen);
    CHECK_INT (db_open (&sqlite, "sqlite::memory:", &turn), OK);
    sqlite3_reset_auto_extension ();
    check_lists_of (sqlite, &turn);
    db_close (&sqlite);
    arena_destroy (&arena);
}

TEST (postgresql_reads_no_more_of_them_either)
{
    const char *server = getenv ("OPENCICD_TEST_POSTGRES");
    if (!server)
        return;
    arena_t *arena = arena_new ();
    turn_t turn;
    db_t *db;
    turn_init (&turn, arena, "test", NOW_US);
    const char *schema = id_new (arena, 's', clock_now_us (clock_system ()));
    CHECK_INT (db_open (&db, server, &turn), OK);
    CHECK_INT (db_exec (db, &turn, arena_printf (arena, "create schema %s", schema)), OK);
    CHECK_INT (db_exec (db, &turn, arena_printf (arena, "set search_path = %s", schema)), OK);
    CHECK_INT (db_exec (db, &turn, "set statement_timeout = 0"), OK); // The history takes its time
    check_lists_of (db, &turn);
    CHECK_INT (db_exec (db, &turn, arena_printf (arena, "drop schema %s cascade", schema)), OK);
    db_close (&db);
    arena_destroy (&arena);
}
