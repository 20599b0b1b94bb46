/* run_store.c - see run_store.h. A run of a project that was removed is not found. */

#include "services/scheduler/store/run_store.h"

#include "workflow/plan/context.h"

#include <string.h>

#define COLUMNS                                                                                             \
    "r.id, r.project_id, p.name, r.number, r.workflow, r.name, r.title, r.event, r.ref, r.sha, r.actor,"    \
    " r.state, r.result, r.attempt, r.created_at, r.started_at, r.finished_at, r.cancelled, r.concurrency," \
    " r.concurrency_cancel, r.concurrency_all, r.version, r.debug from runs r join projects p on p.id = r.project_id"

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
            "insert into run_texts (run_id, source, github, inputs, selection) values ($1, $2, $3, $4, $5)",
            P_STR (run->id), P_STR (texts->source), P_STR (texts->github), P_STR (texts->inputs),
            P_STR (texts->selection));
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
        db_query (db, turn, "select source, github, inputs, selection from run_texts where run_id = $1",
                  &rows, P_STR (id));
    TRY (one_row (turn, fault, rows, id));
    *out = (run_texts_t){rows_str (rows, 0, 0), rows_str (rows, 0, 1), rows_str (rows, 0, 2),
                         rows_str (rows, 0, 3)};
    return OK;
}

#define STATED " and ($3 = '' or r.state = $3)"
#define ORDER  " and r.id < $2 order by r.id desc limit $5"

#define NARROWED                                                                                  \
    " and ($6 = '' or r.ref = $6 or r.ref = 'refs/heads/' || $6 or r.ref = 'refs/tags/' || $6)"   \
    " and ($7 = '' or r.actor = $7) and ($8 = '' or r.event = $8) and ($9 = '' or r.result = $9)" \
    " and r.created_at >= $10 and r.created_at < $11"

// One text for each index that can serve the filter: of a state but the last, of a project's workflow, of a project, or all in their
// order (most runs have ended).
#define PAGE_TEXTS(more)                                                                           \
    {                                                                                              \
        "select " COLUMNS " where ($1 = '' or r.project_id = $1) and ($4 = '' or r.workflow = $4)" \
        " and r.state = $3 and r.state <> 'finished'" more ORDER,                                  \
            "select " COLUMNS " where r.project_id = $1 and r.workflow = $4" STATED more ORDER,    \
            "select " COLUMNS " where r.project_id = $1" STATED more ORDER,                        \
            "select " COLUMNS " where ($4 = '' or r.workflow = $4)" STATED more ORDER              \
    }

static const char *or_empty (const char *text)
{
    return text ? text : "";
}

static bool is_given (const char *text)
{
    return text && *text;
}

static bool is_narrowed (const run_filter_t *filter)
{
    return is_given (filter->ref) || is_given (filter->actor) || is_given (filter->event) ||
           is_given (filter->result) || filter->since || filter->until;
}

const char *run_store_page_sql (const run_filter_t *filter)
{
    static const char *const texts[2][4] = {PAGE_TEXTS (""), PAGE_TEXTS (NARROWED)};
    const char *const *among = texts[is_narrowed (filter)];
    if (*filter->state && strcmp (filter->state, "finished") != 0)
        return among[0];
    if (*filter->project)
        return among[*filter->workflow ? 1 : 2];
    return among[3];
}

static fault_t query_page (db_t *db, turn_t *turn, const run_filter_t *filter, const rows_t **rows)
{
    const char *sql = run_store_page_sql (filter);
    const char *before = *filter->before ? filter->before : "~";
    if (!is_narrowed (filter))
        return db_query (db, turn, sql, rows, P_STR (filter->project), P_STR (before), P_STR (filter->state),
                         P_STR (filter->workflow), P_I64 ((int64_t) filter->limit));
    return db_query (db, turn, sql, rows, P_STR (filter->project), P_STR (before), P_STR (filter->state),
                     P_STR (filter->workflow), P_I64 ((int64_t) filter->limit),
                     P_STR (or_empty (filter->ref)), P_STR (or_empty (filter->actor)),
                     P_STR (or_empty (filter->event)), P_STR (or_empty (filter->result)),
                     P_I64 (filter->since), P_I64 (filter->until ? filter->until : INT64_MAX));
}

fault_t run_store_page (db_t *db, turn_t *turn, const run_filter_t *filter, run_items_t *out)
{
    const rows_t *rows;
    TRY (query_page (db, turn, filter, &rows));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++) {
        run_row_t row;
        read_run (rows, i, &row);
        out->items[i] = row.run;
    }
    return OK;
}

fault_t run_store_save (db_t *db, turn_t *turn, const run_row_t *row)
{
    return db_exec (db, turn,
                    "update runs set state = $2, result = $3, attempt = $4, cancelled = $5, finished_at = $6,"
                    " version = $7, debug = $8 where id = $1",
                    P_STR (row->run.id), P_STR (state_name (&states_run, row->run.state)),
                    P_STR (state_name (&states_result, row->run.result)), P_I64 (row->run.attempt),
                    P_I64 (row->cancelled), P_I64 (row->run.finished_at), P_I64 (row->version),
                    P_I64 (row->run.debug));
}

fault_t run_store_started (db_t *db, turn_t *turn, const char *id)
{
    return db_exec (db, turn, "update runs set started_at = $2 where id = $1 and started_at = 0", P_STR (id),
                    P_I64 (turn->now_us));
}
