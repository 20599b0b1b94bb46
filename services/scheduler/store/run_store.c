/* run_store.c - see run_store.h. A run of a project that was removed is not found. */

#include "services/scheduler/store/run_store.h"

#include "common/base/clock.h"
#include "common/base/id.h"
#include "services/scheduler/store/place_store.h"
#include "workflow/plan/context.h"

#include <string.h>

#define COLUMNS                                                                                             \
    "r.id, r.project_id, p.name, r.number, r.workflow, r.name, r.title, r.event, r.ref, r.sha, r.actor,"    \
    " r.state, r.result, r.attempt, r.created_at, r.started_at, r.finished_at, r.cancelled, r.concurrency," \
    " r.concurrency_cancel, r.concurrency_all, r.version, r.debug, r.priority from runs r join projects p on p.id = r.project_id"

fault_t run_store_add (db_t *db, turn_t *turn, const run_row_t *row, const run_texts_t *texts)
{
    const run_t *run = &row->run;
    fault_t fault = db_exec (
        db, turn,
        "insert into runs (id, project_id, number, workflow, name, title, event, ref, sha, actor, state,"
        " created_at, concurrency, concurrency_cancel, concurrency_all, result, cancelled, finished_at,"
        " number_id)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        P_STR (run->id), P_STR (run->project_id), P_I64 (run->number), P_STR (run->workflow),
        P_STR (run->name), P_STR (run->title), P_STR (run->event), P_STR (run->ref), P_STR (run->sha),
        P_STR (run->actor), P_STR (state_name (&states_run, run->state)), P_I64 (run->created_at),
        P_STR (row->concurrency), P_I64 (row->concurrency_cancel), P_I64 (row->concurrency_all),
        P_STR (state_name (&states_result, run->result)), P_I64 (row->cancelled), P_I64 (run->finished_at),
        P_I64 ((int64_t) context_number (run->id)));
    if (!fault)
        fault = db_exec (
            db, turn,
            "insert into run_texts (run_id, source, github, inputs, selection, vars) values ($1, $2, $3, $4, $5, $6)",
            P_STR (run->id), P_STR (texts->source), P_STR (texts->github), P_STR (texts->inputs),
            P_STR (texts->selection), P_STR (texts->vars));
    return fault;
}

static void read_run (const rows_t *rows, size_t row, run_row_t *out)
{
    *out = (run_row_t){
        .run =
            {
                .id = rows_str (rows, row, 0),
                .project_id = rows_str (rows, row, 1),
                .project = rows_str (rows, row, 2),
                .number = rows_i64 (rows, row, 3),
                .workflow = rows_str (rows, row, 4),
                .name = rows_str (rows, row, 5),
                .title = rows_str (rows, row, 6),
                .event = rows_str (rows, row, 7),
                .ref = rows_str (rows, row, 8),
                .sha = rows_str (rows, row, 9),
                .actor = rows_str (rows, row, 10),
                .attempt = (uint32_t) rows_i64 (rows, row, 13),
                .created_at = rows_i64 (rows, row, 14),
                .started_at = rows_i64 (rows, row, 15),
                .finished_at = rows_i64 (rows, row, 16),
                .debug = rows_i64 (rows, row, 22) != 0,
                .priority = rows_i64 (rows, row, 23),
            },
        .cancelled = (stop_level_t) rows_i64 (rows, row, 17),
        .concurrency = rows_str (rows, row, 18),
        .concurrency_cancel = rows_i64 (rows, row, 19) != 0,
        .concurrency_all = rows_i64 (rows, row, 20) != 0,
        .version = rows_i64 (rows, row, 21),
    };
    // Names come from our own writes: one that is unknown reads as the first state.
    (void) state_from_name (&states_run, rows_str (rows, row, 11), &out->run.state);
    (void) state_from_name (&states_result, rows_str (rows, row, 12), &out->run.result);
}

static fault_t read_runs (turn_t *turn, fault_t fault, const rows_t *rows, run_items_t *out)
{
    TRY (fault);
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++) {
        run_row_t row;
        read_run (rows, i, &row);
        out->items[i] = row.run;
    }
    return OK;
}

static fault_t one_row (turn_t *turn, fault_t fault, const rows_t *rows, const char *id)
{
    if (!fault && rows_count (rows) == 0)
        return turn_fail (turn, NOT_FOUND, "there is no run %s", id);
    return fault;
}

fault_t run_store_find (db_t *db, turn_t *turn, const char *id, run_row_t *out)
{
    const rows_t *rows;
    TRY (run_store_find_later (db, turn, id, &rows));
    TRY (db_wait (db, turn));
    return run_store_found (turn, rows, id, out);
}

fault_t run_store_find_later (db_t *db, turn_t *turn, const char *id, const rows_t **rows)
{
    return db_query_later (db, turn, "select " COLUMNS " where r.id = $1", rows, P_STR (id));
}

fault_t run_store_of_job_later (db_t *db, turn_t *turn, const char *job, const rows_t **rows)
{
    return db_query_later (db, turn, "select " COLUMNS " where r.id = " RUN_OF_JOB, rows, P_STR (job));
}

fault_t run_store_found (turn_t *turn, const rows_t *rows, const char *id, run_row_t *out)
{
    TRY (one_row (turn, OK, rows, id));
    read_run (rows, 0, out);
    return OK;
}

fault_t run_store_version (db_t *db, turn_t *turn, const char *id, int64_t *version)
{
    const rows_t *rows;
    TRY (run_store_version_later (db, turn, id, &rows));
    TRY (db_wait (db, turn));
    return run_store_found_version (turn, rows, id, version);
}

fault_t run_store_version_later (db_t *db, turn_t *turn, const char *id, const rows_t **rows)
{
    return db_query_later (db, turn, "select version from runs where id = $1", rows, P_STR (id));
}

fault_t run_store_found_version (turn_t *turn, const rows_t *rows, const char *id, int64_t *version)
{
    TRY (one_row (turn, OK, rows, id));
    *version = rows_i64 (rows, 0, 0);
    return OK;
}

fault_t run_store_by_number (db_t *db, turn_t *turn, int64_t number, const char **id)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select id from runs where number_id = $1 and number_id > 0 order by id desc limit 1",
                   &rows, P_I64 (number)));
    if (rows_count (rows) == 0)
        return turn_fail (turn, NOT_FOUND, "there is no run %lld", (long long) number);
    *id = rows_str (rows, 0, 0);
    return OK;
}

fault_t run_store_inputs (db_t *db, turn_t *turn, const char *id, const char **out)
{
    const rows_t *rows = NULL;
    fault_t fault = db_query (db, turn, "select inputs from run_texts where run_id = $1", &rows, P_STR (id));
    fault = one_row (turn, fault, rows, id);
    *out = fault ? "" : rows_str (rows, 0, 0);
    return fault;
}

fault_t run_store_texts (db_t *db, turn_t *turn, const char *id, run_texts_t *out)
{
    const rows_t *rows = NULL;
    fault_t fault =
        db_query (db, turn, "select source, github, inputs, selection, vars from run_texts where run_id = $1",
                  &rows, P_STR (id));
    TRY (one_row (turn, fault, rows, id));
    *out = (run_texts_t){rows_str (rows, 0, 0), rows_str (rows, 0, 1), rows_str (rows, 0, 2),
                         rows_str (rows, 0, 3), rows_str (rows, 0, 4)};
    return OK;
}

fault_t run_store_vars (db_t *db, turn_t *turn, const char *id, const char *vars)
{
    return db_exec (db, turn, "update run_texts set vars = $2 where run_id = $1", P_STR (id), P_STR (vars));
}

#define STATED " and ($3 = '' or r.state = $3)"
#define ORDER  " and r.id < $2 order by r.id desc limit $5"

// What no index serves: a walk through one of those below, which ends at $12.
#define NARROWED                                                                                  \
    " and ($6 = '' or r.ref = $6 or r.ref = 'refs/heads/' || $6 or r.ref = 'refs/tags/' || $6)"   \
    " and ($7 = '' or r.actor = $7) and ($8 = '' or r.event = $8) and ($9 = '' or r.result = $9)" \
    " and r.created_at >= $10 and r.created_at < $11 and r.id >= $12"
#define SCOPED NARROWED " and " VISIBLE ("p", "$13")

// One text for each index that can serve the filter: of a state but the last, of all of these, of a project's workflow, of a project, or all in
// their order (most runs have ended).
#define PAGE_TEXTS(more)                                                                               \
    {                                                                                                  \
        "select " COLUMNS " where ($1 = '' or r.project_id = $1) and ($4 = '' or r.workflow = $4)"     \
        " and r.state = $3 and r.state <> 'finished'" more ORDER,                                      \
            "select " COLUMNS " where ($1 = '' or r.project_id = $1) and ($4 = '' or r.workflow = $4)" \
            " and r.state <> 'finished'" more ORDER,                                                   \
            "select " COLUMNS " where r.project_id = $1 and r.workflow = $4" STATED more ORDER,        \
            "select " COLUMNS " where r.project_id = $1" STATED more ORDER,                            \
            "select " COLUMNS " where ($4 = '' or r.workflow = $4)" STATED more ORDER                  \
    }
// The last run that a walk through the same index may look at.
#define WALK_TEXT(among) "select id from runs where " among "id < $2 order by id desc limit 1 offset $4"
static const char *const walk_texts[] = {
    WALK_TEXT ("state <> 'finished' and "), WALK_TEXT ("state <> 'finished' and "),
    WALK_TEXT ("project_id = $1 and workflow = $3 and "), WALK_TEXT ("project_id = $1 and "), WALK_TEXT ("")};

static const char *or_empty (const char *text)
{
    return text ? text : "";
}

static bool is_given (const char *text)
{
    return text && *text;
}

static bool walks (const run_filter_t *filter)
{
    return is_given (filter->ref) || is_given (filter->actor) || is_given (filter->event) ||
           is_given (filter->result) || (*filter->workflow && !*filter->project) || filter->scope;
}

static bool is_narrowed (const run_filter_t *filter)
{
    return walks (filter) || filter->since || filter->until;
}

static int index_of (const run_filter_t *filter)
{
    if (filter->unfinished)
        return 1;
    if (*filter->state && strcmp (filter->state, "finished") != 0)
        return 0;
    return !*filter->project ? 4 : *filter->workflow ? 2 : 3;
}

const char *run_store_page_sql (const run_filter_t *filter)
{
    static const char *const texts[3][5] = {PAGE_TEXTS (""), PAGE_TEXTS (NARROWED), PAGE_TEXTS (SCOPED)};
    return texts[filter->scope ? 2 : is_narrowed (filter)][index_of (filter)];
}

const char *run_store_walk_sql (const run_filter_t *filter)
{
    return walks (filter) ? walk_texts[index_of (filter)] : NULL;
}

// "" where the walk reaches the first of all.
static fault_t find_end (db_t *db, turn_t *turn, const run_filter_t *filter, const char *before,
                         const char **end)
{
    const rows_t *rows;
    const char *sql = run_store_walk_sql (filter);
    *end = "";
    if (!sql)
        return OK;
    TRY (db_query (db, turn, sql, &rows, P_STR (filter->project), P_STR (before), P_STR (filter->workflow),
                   P_I64 (RUNS_WALKED - 1)));
    *end = rows_count (rows) ? rows_str (rows, 0, 0) : "";
    return OK;
}

// Without the scope, which is one more parameter of a text of its own.
#define NARROWING_PARAMS                                                                                   \
    P_STR (filter->project), P_STR (before), P_STR (filter->state), P_STR (filter->workflow),              \
        P_I64 ((int64_t) filter->limit), P_STR (or_empty (filter->ref)), P_STR (or_empty (filter->actor)), \
        P_STR (or_empty (filter->event)), P_STR (or_empty (filter->result)), P_I64 (filter->since),        \
        P_I64 (filter->until ? filter->until : INT64_MAX), P_STR (**end ? *end : since)

// Ids are in the order of the times in which runs were made: by these a range of time is a range of the index.
static fault_t query_page (db_t *db, turn_t *turn, const run_filter_t *filter, const rows_t **rows,
                           const char **end)
{
    const char *sql = run_store_page_sql (filter);
    const char *before = *filter->before ? filter->before : "~", *since = "", *until = "~";
    *end = "";
    if (!is_narrowed (filter))
        return db_query (db, turn, sql, rows, P_STR (filter->project), P_STR (before), P_STR (filter->state),
                         P_STR (filter->workflow), P_I64 ((int64_t) filter->limit));
    if (filter->since > 0)
        since = id_from (turn->arena, 'r', filter->since);
    if (filter->until > 0)
        until = id_from (turn->arena, 'r', filter->until + MILLISECONDS (1));
    if (strcmp (until, before) < 0)
        before = until;
    TRY (find_end (db, turn, filter, before, end));
    if (strcmp (*end, since) <= 0)
        *end = "";
    return filter->scope ? db_query (db, turn, sql, rows, NARROWING_PARAMS, P_STR (filter->scope))
                         : db_query (db, turn, sql, rows, NARROWING_PARAMS);
}

fault_t run_store_page (db_t *db, turn_t *turn, const run_filter_t *filter, run_items_t *out,
                        const char **next)
{
    const rows_t *rows;
    TRY (query_page (db, turn, filter, &rows, next));
    TRY (read_runs (turn, OK, rows, out));
    if (out->count == filter->limit)
        *next = out->items[out->count - 1].id;
    return OK;
}

// Its workflows one after the other, by the index: `distinct` would read all runs.
#define NEXT_WORKFLOW(project, after) \
    "(select min (workflow) from runs where state = 'finished' and project_id = " project after ")"
#define LAST(result)                                                                                              \
    "(select max (id) from runs where state = 'finished' and project_id = w.project_id and workflow = w.workflow" \
    " and ref = w.ref and result = '" result "')"

#define FAILING(among)                                                                                                                                                                  \
    "with recursive w (project_id, ref, workflow) as (select p.id, 'refs/heads/' || p.default_branch, " NEXT_WORKFLOW (                                                                 \
        "p.id",                                                                                                                                                                         \
        "") " from projects p where p.default_branch <> ''" among " union all"                                                                                                          \
            " select w.project_id, w.ref, " NEXT_WORKFLOW ("w.project_id", " and workflow > w.workflow") " from w where w.workflow is not null), f (failed, passed) as (select " LAST ( \
                "failure") ", " LAST ("success") " from w where w.workflow is not null) select " COLUMNS                                                                                \
                                                 " where r.id in (select failed from f"                                                                                                 \
                                                 " where failed >= $1 and (passed is null or passed < failed)) order by r.id desc limit $2"
const char *const run_store_failing_sql = FAILING ("");

fault_t run_store_failing (db_t *db, turn_t *turn, const char *scope, int64_t since, size_t limit,
                           run_items_t *out)
{
    const rows_t *rows = NULL;
    const char *first = id_from (turn->arena, 'r', since);
    fault_t fault =
        scope ? db_query (db, turn, FAILING (" and " VISIBLE ("p", "$3")), &rows, P_STR (first),
                          P_I64 ((int64_t) limit), P_STR (scope))
              : db_query (db, turn, run_store_failing_sql, &rows, P_STR (first), P_I64 ((int64_t) limit));
    return read_runs (turn, fault, rows, out);
}

fault_t run_store_save (db_t *db, turn_t *turn, const run_row_t *row)
{
    return db_exec (db, turn,
                    "update runs set state = $2, result = $3, attempt = $4, cancelled = $5, finished_at = $6,"
                    " version = $7, debug = $8, priority = $9 where id = $1",
                    P_STR (row->run.id), P_STR (state_name (&states_run, row->run.state)),
                    P_STR (state_name (&states_result, row->run.result)), P_I64 (row->run.attempt),
                    P_I64 (row->cancelled), P_I64 (row->run.finished_at), P_I64 (row->version),
                    P_I64 (row->run.debug), P_I64 (row->run.priority));
}

fault_t run_store_started (db_t *db, turn_t *turn, const char *id)
{
    return db_exec (db, turn, "update runs set started_at = $2 where id = $1 and started_at = 0", P_STR (id),
                    P_I64 (turn->now_us));
}
