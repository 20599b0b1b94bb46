/* waiting_store.c - see waiting_store.h. */

#include "services/scheduler/waiting_store.h"

fault_t waiting_store_add (db_t *db, turn_t *turn, const waiting_t *job)
{
    fault_t fault = db_exec (db, turn,
                             "insert into waiting (job_id, labels, priority, project_id, queued_at, place)"
                             " values ($1, $2, $3, $4, $5, $6)",
                             P_STR (job->job_id), P_STR (job->labels), P_I64 (job->priority),
                             P_STR (job->project_id), P_I64 (job->queued_at), P_I64 (job->place));
    if (!fault)
        fault = db_exec (db, turn,
                         "insert into queues (labels, priority, project_id, size) values ($1, $2, $3, 1)"
                         " on conflict (labels, priority, project_id) do update set size = queues.size + 1",
                         P_STR (job->labels), P_I64 (job->priority), P_STR (job->project_id));
    return fault;
}

static void read_waiting (const rows_t *rows, size_t row, waiting_t *out)
{
    *out = (waiting_t){
        .job_id = rows_str (rows, row, 0),
        .labels = rows_str (rows, row, 1),
        .priority = rows_i64 (rows, row, 2),
        .project_id = rows_str (rows, row, 3),
        .queued_at = rows_i64 (rows, row, 4),
        .place = rows_i64 (rows, row, 5),
    };
}

fault_t waiting_store_remove (db_t *db, turn_t *turn, const waiting_t *job)
{
    const rows_t *rows;
    fault_t fault = db_exec (db, turn,
                             "delete from waiting where labels = $1 and priority = $2 and project_id = $3"
                             " and queued_at = $4 and place = $5 and job_id = $6",
                             P_STR (job->labels), P_I64 (job->priority), P_STR (job->project_id),
                             P_I64 (job->queued_at), P_I64 (job->place), P_STR (job->job_id));
    if (fault || db_changes (db) == 0)
        return fault;
    fault = db_query (db, turn,
                      "update queues set size = size - 1 where labels = $1 and priority = $2"
                      " and project_id = $3 returning size",
                      &rows, P_STR (job->labels), P_I64 (job->priority), P_STR (job->project_id));
    if (!fault && rows_count (rows) > 0 && rows_i64 (rows, 0, 0) <= 0)
        fault =
            db_exec (db, turn, "delete from queues where labels = $1 and priority = $2 and project_id = $3",
                     P_STR (job->labels), P_I64 (job->priority), P_STR (job->project_id));
    return fault;
}

fault_t waiting_store_queues (db_t *db, turn_t *turn, waitings_t *out)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn,
                              "select q.labels, q.priority, q.project_id, q.size, p.running from queues q"
                              " join projects p on p.id = q.project_id"
                              " order by q.priority desc, p.running limit $1",
                              &rows, P_I64 (QUEUES_MAX));
    if (fault)
        return fault;
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = (waiting_t){
            .labels = rows_str (rows, i, 0),
            .priority = rows_i64 (rows, i, 1),
            .project_id = rows_str (rows, i, 2),
            .size = rows_i64 (rows, i, 3),
            .running = rows_i64 (rows, i, 4),
        };
    return OK;
}

fault_t waiting_store_oldest (db_t *db, turn_t *turn, const waiting_t *queue, size_t limit, waitings_t *out)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn,
                              "select job_id, labels, priority, project_id, queued_at, place from waiting"
                              " where labels = $1 and priority = $2 and project_id = $3"
                              " order by queued_at, place, job_id limit $4",
                              &rows, P_STR (queue->labels), P_I64 (queue->priority),
                              P_STR (queue->project_id), P_I64 ((int64_t) limit));
    if (fault)
        return fault;
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++) {
        read_waiting (rows, i, &out->items[i]);
        out->items[i].running = queue->running;
    }
    return OK;
}

fault_t waiting_store_before (db_t *db, turn_t *turn, const waiting_t *job, int64_t *count)
{
    const rows_t *rows;
    fault_t fault =
        db_query (db, turn,
                  "select count(*) from (select 1 from waiting where labels = $1 and priority = $2"
                  " and project_id = $3 and (queued_at, place, job_id) < ($4, $5, $6) limit $7) as before",
                  &rows, P_STR (job->labels), P_I64 (job->priority), P_STR (job->project_id),
                  P_I64 (job->queued_at), P_I64 (job->place), P_STR (job->job_id), P_I64 (BEFORE_MAX));
    if (!fault)
        *count = rows_i64 (rows, 0, 0);
    return fault;
}
