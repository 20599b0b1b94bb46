/* queue_store.c - see queue_store.h. */

#include "services/scheduler/store/queue_store.h"

#include "proto/strs.h"
#include "services/scheduler/store/place_store.h"

#define SETS(among)                                                                                       \
    "select q.labels, cast (sum (q.size) as bigint), max (q.priority), min (q.since) from queues q" among \
    " group by q.labels order by max (q.priority) desc, min (q.since), q.labels limit $1 offset $2"
#define SCOPED " where " GRANTED ("q.project_id", "$3")

fault_t queue_store_sets (db_t *db, turn_t *turn, const char *scope, size_t skip, size_t limit,
                          queue_set_items_t *out)
{
    const rows_t *rows;
    TRY (scope ? db_query (db, turn, SETS (SCOPED), &rows, P_I64 ((int64_t) limit), P_I64 ((int64_t) skip),
                           P_STR (scope))
               : db_query (db, turn, SETS (""), &rows, P_I64 ((int64_t) limit), P_I64 ((int64_t) skip)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = (queue_set_t){
            .labels = strs_split (turn->arena, rows_str (rows, i, 0)),
            .size = rows_i64 (rows, i, 1),
            .priority = rows_i64 (rows, i, 2),
            .since = rows_i64 (rows, i, 3),
        };
    return OK;
}

fault_t queue_store_queues (db_t *db, turn_t *turn, const char *labels, size_t limit, waitings_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select q.priority, q.project_id, q.size, p.running, q.since from queues q"
                   " join projects p on p.id = q.project_id where q.labels = $1"
                   " order by q.priority desc, p.running, q.since, q.project_id limit $2",
                   &rows, P_STR (labels), P_I64 ((int64_t) limit)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = (waiting_t){
            .labels = labels,
            .priority = rows_i64 (rows, i, 0),
            .project_id = rows_str (rows, i, 1),
            .size = rows_i64 (rows, i, 2),
            .running = rows_i64 (rows, i, 3),
            .queued_at = rows_i64 (rows, i, 4),
        };
    return OK;
}

fault_t queue_store_jobs_later (db_t *db, turn_t *turn, const waiting_t *queue, const waiting_t *after,
                                size_t limit, const rows_t **rows)
{
    return db_query_later (
        db, turn,
        "select w.job_id, w.queued_at, w.position, j.name, j.run_id, r.number, j.title, p.name"
        " from (select job_id, queued_at, position from waiting where labels = $1 and priority = $2"
        " and project_id = $3 and (queued_at, position, job_id) > ($4, $5, $6)"
        " order by queued_at, position, job_id limit $7) w join jobs j on j.id = w.job_id"
        " join runs r on r.id = j.run_id join projects p on p.id = j.project_id"
        " order by w.queued_at, w.position, w.job_id",
        rows, P_STR (queue->labels), P_I64 (queue->priority), P_STR (queue->project_id),
        P_I64 (after ? after->queued_at : -1), P_I64 (after ? after->position : 0),
        P_STR (after ? after->job_id : ""), P_I64 ((int64_t) limit));
}

void queue_store_read_job (const rows_t *rows, size_t row, const waiting_t *queue, waiting_t *waiting,
                           queue_job_t *out)
{
    *waiting = *queue;
    waiting->job_id = rows_str (rows, row, 0);
    waiting->queued_at = rows_i64 (rows, row, 1);
    waiting->position = rows_i64 (rows, row, 2);
    *out = (queue_job_t){
        .id = waiting->job_id,
        .name = rows_str (rows, row, 3),
        .run_id = rows_str (rows, row, 4),
        .run_number = rows_i64 (rows, row, 5),
        .title = rows_str (rows, row, 6),
        .project_id = queue->project_id,
        .project = rows_str (rows, row, 7),
        .priority = queue->priority,
        .queued_at = waiting->queued_at,
    };
}
