/* run_store.c - see run_store.h. A run of a project that was removed is not found. */

#include "services/scheduler/run_store.h"

#include <string.h>

#define CLEARED 200 // Runs that one call removes

#define COLUMNS                                                                                            \
    "r.id, r.project_id, p.name, r.number, r.workflow, r.name, r.title, r.event, r.ref, r.sha, r.actor,"   \
    " r.state, r.result, r.attempt, r.created_at, r.started_at, r.finished_at, r.cancelled, r.concurrency" \
    " from runs r join projects p on p.id = r.project_id"

fault_t run_store_add (db_t *db, turn_t *turn, const run_row_t *row, const run_texts_t *texts)
{
    const run_t *run = &row->run;
    fault_t fault = db_exec (
        db, turn,
        "insert into runs (id, project_id, number, workflow, name, title, event, ref, sha, actor, state,"
        " created_at, concurrency) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        P_STR (run->id), P_STR (run->project_id), P_I64 (run->number), P_STR (run->workflow),
        P_STR (run->name), P_STR (run->title), P_STR (run->event), P_STR (run->ref), P_STR (run->sha),
        P_STR (run->actor), P_STR (state_name (&states_run, run->state)), P_I64 (run->created_at),
        P_STR (row->concurrency));
    if (!fault)
        fault = db_exec (
            db, turn, "insert into run_texts (run_id, source, github, inputs) values ($1, $2, $3, $4)",
            P_STR (run->id), P_STR (texts->source), P_STR (texts->github), P_STR (texts->inputs));
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
            },
        .cancelled = (cancel_t) rows_i64 (rows, row, 17),
        .concurrency = rows_str (rows, row, 18),
    };
    // Names come from our own writes: one that is unknown reads as the first state.
    (void) state_from_name (&states_run, rows_str (rows, row, 11), &out->run.state);
    (void) state_from_name (&states_result, rows_str (rows, row, 12), &out->run.result);
}

fault_t run_store_find (db_t *db, turn_t *turn, const char *id, run_row_t *out)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn, "select " COLUMNS " where r.id = $1", &rows, P_STR (id));
    if (fault)
        return fault;
    if (rows_count (rows) == 0)
        return turn_fail (turn, NOT_FOUND, "there is no run %s", id);
    read_run (rows, 0, out);
    return OK;
}

fault_t run_store_texts (db_t *db, turn_t *turn, const char *id, run_texts_t *out)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn, "select source, github, inputs from run_texts where run_id = $1",
                              &rows, P_STR (id));
    if (fault)
        return fault;
    if (rows_count (rows) == 0)
        return turn_fail (turn, NOT_FOUND, "there is no run %s", id);
    *out = (run_texts_t){rows_str (rows, 0, 0), rows_str (rows, 0, 1), rows_str (rows, 0, 2)};
    return OK;
}

#define REST   " and r.id < $2 and ($3 = '' or r.state = $3) and ($4 = '' or r.workflow = $4)"
#define ACTIVE " and r.state <> 'finished'"
#define ORDER  " order by r.id desc limit $5"

// Which index serves the filter: that of the project, or that of the runs that have not ended.
static const char *page_sql (const run_filter_t *filter)
{
    bool active = *filter->state && strcmp (filter->state, "finished") != 0;
    if (active)
        return "select " COLUMNS " where ($1 = '' or r.project_id = $1)" REST ACTIVE ORDER;
    if (*filter->project)
        return "select " COLUMNS " where r.project_id = $1" REST ORDER;
    return "select " COLUMNS " where $1 = ''" REST ORDER;
}

fault_t run_store_page (db_t *db, turn_t *turn, const run_filter_t *filter, run_items_t *out)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn, page_sql (filter), &rows, P_STR (filter->project),
                              P_STR (*filter->before ? filter->before : "~"), P_STR (filter->state),
                              P_STR (filter->workflow), P_I64 ((int64_t) filter->limit));
    if (fault)
        return fault;
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
                    "update runs set state = $2, result = $3, attempt = $4, cancelled = $5, finished_at = $6"
                    " where id = $1",
                    P_STR (row->run.id), P_STR (state_name (&states_run, row->run.state)),
                    P_STR (state_name (&states_result, row->run.result)), P_I64 (row->run.attempt),
                    P_I64 (row->cancelled), P_I64 (row->run.finished_at));
}

fault_t run_store_started (db_t *db, turn_t *turn, const char *id)
{
    return db_exec (db, turn, "update runs set started_at = $2 where id = $1 and started_at = 0", P_STR (id),
                    P_I64 (turn->now_us));
}

static fault_t clear_run (db_t *db, turn_t *turn, const char *id)
{
    static const char *const statements[] = {
        "delete from attempts where job_id in (select id from jobs where run_id = $1)",
        "delete from jobs where run_id = $1",
        "delete from nodes where run_id = $1",
        "delete from calls where run_id = $1",
        "delete from run_files where run_id = $1",
        "delete from run_texts where run_id = $1",
        "delete from runs where id = $1",
    };
    fault_t fault = OK;
    for (size_t i = 0; i < sizeof statements / sizeof *statements && !fault; i++)
        fault = db_exec (db, turn, statements[i], P_STR (id));
    return fault;
}

fault_t run_store_clear (db_t *db, turn_t *turn, const char *project, bool *more)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn, "select id from runs where project_id = $1 limit $2", &rows,
                              P_STR (project), P_I64 (CLEARED));
    for (size_t i = 0; !fault && i < rows_count (rows); i++)
        fault = clear_run (db, turn, rows_str (rows, i, 0));
    *more = !fault && rows_count (rows) == CLEARED;
    return fault;
}
