/* plans.c - no list of the API walks through a whole table: each has its index, on both engines. */

#include "common/base/clock.h"
#include "common/base/id.h"
#include "db/migrations.h"
#include "services/scheduler/store/job_store.h"
#include "services/scheduler/store/run_store.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

// With the index that serves it; NULL for that of the id, backwards.
static const struct {
    job_filter_t filter;
    const char *index;
} jobs[] = {
    {{.run = "", .state = "", .agent = ""}, NULL},
    {{.run = "", .state = "finished", .agent = ""}, NULL},
    {{.run = "r1", .state = "", .agent = ""}, "jobs_of_run"},
    {{.run = "r1", .state = "queued", .agent = "a1"}, "jobs_of_run"},
    {{.run = "", .state = "", .agent = "a1"}, "jobs_of_agent"},
    {{.run = "", .state = "finished", .agent = "a1"}, "jobs_of_agent"},
    {{.run = "", .state = "running", .agent = ""}, "jobs_by_state"},
};

static const struct {
    run_filter_t filter;
    const char *index, *or_index; // The other is as good where a page holds all rows
} runs[] = {
    {{.project = "", .state = "", .workflow = ""}, NULL, NULL},
    {{.project = "", .state = "finished", .workflow = ""}, NULL, NULL},
    {{.project = "p1", .state = "", .workflow = ""}, "runs_of_project", NULL},
    {{.project = "p1", .state = "", .workflow = "w1"}, "runs_of_workflow", NULL},
    {{.project = "p1", .state = "finished", .workflow = "w1"}, "runs_of_workflow", "runs_ended"},
    {{.project = "p1", .state = "running", .workflow = "w1"}, "runs_active", NULL},
    {{.project = "", .state = "running", .workflow = ""}, "runs_active", NULL},
    {{.project = "p1", .state = "", .workflow = "w1", .unfinished = true}, "runs_active", NULL},
};

// What walks, and through which index; NULL for that of the id.
static const struct {
    run_filter_t filter;
    const char *index;
} walked[] = {
    {{.project = "", .state = "", .workflow = "", .actor = "ada"}, NULL},
    {{.project = "", .state = "", .workflow = "w1"}, NULL},
    {{.project = "", .state = "finished", .workflow = "", .event = "push"}, NULL},
    {{.project = "p1", .state = "", .workflow = "", .ref = "main"}, "runs_of_project"},
    {{.project = "p1", .state = "", .workflow = "w1", .result = "failure"}, "runs_of_workflow"},
    {{.project = "", .state = "", .workflow = "", .actor = "ada", .unfinished = true}, "runs_active"},
};

// Nothing is walked through, and the first table by the index that is meant for it.
static void check_plan (db_t *db, turn_t *turn, const char *sql, const char *index, const char *or_index,
                        const char *first, const char *state, const char *last)
{
    bool postgres = db_is_postgres (db), found = !index;
    const rows_t *plan;
    const char *text = "";
    const char *explain =
        arena_printf (turn->arena, "%s %s", postgres ? "explain" : "explain query plan", sql);
    if (db_query (db, turn, explain, &plan, P_STR (first), P_STR ("~"), P_STR (state), P_STR (last),
                  P_I64 (50)) != OK)
        test_fail (__FILE__, __LINE__, "%s: %s", sql, turn->detail);
    for (size_t i = 0; i < rows_count (plan); i++) {
        const char *step = rows_str (plan, i, postgres ? 0 : 3);
        bool walks = postgres ? strstr (step, "Seq Scan") != NULL
                              : strncmp (step, "SCAN", 4) == 0 && !strstr (step, "USING");
        if (walks)
            test_fail (__FILE__, __LINE__, "%s: %s", step, sql);
        found = found || strstr (step, index) || (or_index && strstr (step, or_index));
        text = arena_printf (turn->arena, "%s\n  %s", text, step);
    }
    if (!found)
        test_fail (__FILE__, __LINE__, "not by %s: %s%s", index, sql, text);
}

// A history, for the planner to know what is rare.
static const char *const history[] = {
    "insert into jobs (id, run_id, project_id, key, position, cell, name, title, state, needs, agent_id, created_at)"
    " with recursive c (i) as (select cast (0 as bigint) union all select i + 1 from c where i < 9999)"
    " select 'j' || (100000 + i), 'r' || (i / 20), 'p1', 'k', 0, 0, 'n', 't', case when i % 50 = 0 then 'running'"
    " when i % 5 = 0 then 'queued' else 'finished' end, '', case when i % 3 = 0 then '' else 'a' || (i % 100) end, i from c",
    "insert into runs (id, project_id, number, workflow, name, title, event, ref, sha, actor, state, created_at)"
    " with recursive c (i) as (select cast (0 as bigint) union all select i + 1 from c where i < 9999)"
    " select 'r' || (100000 + i), 'p' || (i % 100), i, 'w' || (i / 100 % 20), 'n', 't', 'push', '', '', case when i = 5 then 'ada' else '' end,"
    " case when i % 100 = 0 then 'running' else 'finished' end, i from c",
    "insert into projects (id, name, url, created_at)"
    " with recursive c (i) as (select cast (0 as bigint) union all select i + 1 from c where i < 1999)"
    " select 'p' || i, 'p' || i, '', 0 from c",
    "analyze",
};

// Does it put more rows in order than one page of a walk may read? PostgreSQL sorts the few of a small project, which costs no more.
static bool sorts_many (const char *step)
{
    const char *rows = strstr (step, "Sort") ? strstr (step, "rows=") : NULL;
    return strstr (step, "TEMP B-TREE") || (rows && strtol (rows + strlen ("rows="), NULL, 10) > RUNS_WALKED);
}

static void check_walk (db_t *db, turn_t *turn, const run_filter_t *filter, const char *index)
{
    bool postgres = db_is_postgres (db), found = !index;
    const char *sql = run_store_walk_sql (filter);
    const char *explain =
        arena_printf (turn->arena, "%s %s", postgres ? "explain" : "explain query plan", sql);
    const rows_t *plan;
    CHECK (sql != NULL);
    if (db_query (db, turn, explain, &plan, P_STR (filter->project), P_STR ("~"), P_STR (filter->workflow),
                  P_I64 (RUNS_WALKED)) != OK)
        test_fail (__FILE__, __LINE__, "%s: %s", sql, turn->detail);
    for (size_t i = 0; i < rows_count (plan); i++) {
        const char *step = rows_str (plan, i, postgres ? 0 : 3);
        if (strstr (step, "Seq Scan") || sorts_many (step))
            test_fail (__FILE__, __LINE__, "%s: %s", step, sql);
        // Where it sorts, any index that begins with the project will do
        found = found || strstr (step, index) || (postgres && strstr (step, "runs_of_"));
    }
    if (!found)
        test_fail (__FILE__, __LINE__, "not by %s: %s", index, sql);
}

// One run of ten thousand is ada's, an old one: it is found on the second page, and the third is the last.
static void check_pages (db_t *db, turn_t *turn)
{
    run_items_t items;
    const char *next = "";
    run_filter_t filter = {
        .project = "", .state = "", .workflow = "", .actor = "ada", .before = "", .limit = 5};
    CHECK_INT (run_store_page (db, turn, &filter, &items, &next), OK);
    CHECK_INT (items.count, 0);
    CHECK_STR (next, "r105000");
    filter.before = next;
    CHECK_INT (run_store_page (db, turn, &filter, &items, &next), OK);
    CHECK_INT (items.count, 1);
    CHECK_STR (items.items[0].id, "r100005");
    CHECK_STR (next, "r100000");
    filter.before = next;
    CHECK_INT (run_store_page (db, turn, &filter, &items, &next), OK);
    CHECK_INT (items.count, 0);
    CHECK_STR (next, "");
    filter =
        (run_filter_t){.project = "", .state = "", .workflow = "", .before = "", .limit = 5, .since = 9998};
    CHECK_INT (run_store_page (db, turn, &filter, &items, &next), OK);
    CHECK_INT (items.count, 2);
    CHECK_STR (next, "");
}

static void check_lists (db_t *db, turn_t *turn)
{
    size_t count;
    const migration_t *list = migrations_of ("scheduler", &count);
    if (db_migrate (db, turn, "scheduler", list, count) != OK)
        test_fail (__FILE__, __LINE__, "%s", turn->detail);
    for (size_t i = 0; i < sizeof history / sizeof history[0]; i++)
        if (db_exec (db, turn, history[i]) != OK)
            test_fail (__FILE__, __LINE__, "%s", turn->detail);
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
        const job_filter_t *filter = &jobs[i].filter;
        check_plan (db, turn, job_store_page_sql (filter), jobs[i].index, NULL, filter->run, filter->state,
                    filter->agent);
    }
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        const run_filter_t *filter = &runs[i].filter;
        check_plan (db, turn, run_store_page_sql (filter), runs[i].index, runs[i].or_index, filter->project,
                    filter->state, filter->workflow);
    }
    for (size_t i = 0; i < sizeof walked / sizeof walked[0]; i++)
        check_walk (db, turn, &walked[i].filter, walked[i].index);
    check_pages (db, turn);
}

TEST (every_list_of_jobs_and_runs_has_its_index)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    db_t *db;
    turn_init (&turn, arena, "test", 100);
    CHECK_INT (db_open (&db, "sqlite::memory:", &turn), OK);
    check_lists (db, &turn);
    db_close (&db);
    const char *server = getenv ("OPENCICD_TEST_POSTGRES");
    if (server) {
        const char *schema = id_new (arena, 's', clock_now_us (clock_system ()));
        CHECK_INT (db_open (&db, server, &turn), OK);
        CHECK_INT (db_exec (db, &turn, arena_printf (arena, "create schema %s", schema)), OK);
        CHECK_INT (db_exec (db, &turn, arena_printf (arena, "set search_path = %s", schema)), OK);
        CHECK_INT (db_exec (db, &turn, "set statement_timeout = 0"),
                   OK); // On a busy machine the history takes its time
        check_lists (db, &turn);
        CHECK_INT (db_exec (db, &turn, arena_printf (arena, "drop schema %s cascade", schema)), OK);
        db_close (&db);
    }
    arena_destroy (&arena);
}
