/* insight_store.c - see insight_store.h. */

#include "services/scheduler/store/insight_store.h"

#include "services/scheduler/base/labels.h"

#include <string.h>

// Columns before `steps`, which may be wide, but for the times
#define ROWS_OF(where)                                                                                         \
    "select r.id, r.workflow, r.name, r.ref, r.sha, r.state, r.result, r.attempt, r.created_at, r.started_at," \
    " r.finished_at, j.id, j.key, j.name, j.result, j.attempt, j.queued_at, j.started_at, j.finished_at,"      \
    " j.agent_id, j.calls from (select id, workflow, name, ref, sha, state, result, attempt, created_at,"      \
    " started_at, finished_at from runs where project_id = $1 and id >= $2 and id < $3" where                  \
    " order by id desc limit $5) r left join jobs j on j.run_id = r.id"                                        \
    " order by r.id desc limit $6"

const char *insight_store_sql (const insight_filter_t *filter)
{
    return *filter->workflow ? ROWS_OF (" and workflow = $4") : ROWS_OF (" and $4 = ''");
}

fault_t insight_store_rows_later (db_t *db, turn_t *turn, const insight_filter_t *filter, const rows_t **rows)
{
    return db_query_later (db, turn, insight_store_sql (filter), rows, P_STR (filter->project),
                           P_STR (filter->first), P_STR (filter->end), P_STR (filter->workflow),
                           P_I64 ((int64_t) filter->runs), P_I64 ((int64_t) filter->rows));
}

void insight_store_read (const rows_t *rows, size_t row, insight_row_t *out)
{
    *out = (insight_row_t){
        .run = {.id = rows_str (rows, row, 0),
                .workflow = rows_str (rows, row, 1),
                .name = rows_str (rows, row, 2),
                .ref = rows_str (rows, row, 3),
                .sha = rows_str (rows, row, 4),
                .attempt = (uint32_t) rows_i64 (rows, row, 7),
                .created_at = rows_i64 (rows, row, 8),
                .started_at = rows_i64 (rows, row, 9),
                .finished_at = rows_i64 (rows, row, 10)},
        .job = {.id = rows_str (rows, row, 11),
                .key = rows_str (rows, row, 12),
                .name = rows_str (rows, row, 13),
                .attempt = (uint32_t) rows_i64 (rows, row, 15),
                .queued_at = rows_i64 (rows, row, 16),
                .started_at = rows_i64 (rows, row, 17),
                .finished_at = rows_i64 (rows, row, 18)},
        .has_steps = *rows_str (rows, row, 19) != 0,
        .calls = rows_i64 (rows, row, 20) != 0,
    };
    (void) state_from_name (&states_run, rows_str (rows, row, 5), &out->run.state);
    (void) state_from_name (&states_result, rows_str (rows, row, 6), &out->run.result);
    (void) state_from_name (&states_result, rows_str (rows, row, 14), &out->job.result);
}

fault_t insight_store_steps_later (db_t *db, turn_t *turn, const strs_t *jobs, const rows_t **rows)
{
    return db_query_later (db, turn, "select id, steps from jobs where id in " IN_SETS, rows, P_TEXTS (jobs));
}

fault_t insight_store_attempts_later (db_t *db, turn_t *turn, const strs_t *jobs, size_t limit,
                                      const rows_t **rows)
{
    return db_query_later (db, turn,
                           "select job_id, result from attempts where job_id in " IN_SETS " limit $17", rows,
                           P_TEXTS (jobs), P_I64 ((int64_t) limit));
}
