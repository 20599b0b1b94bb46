/* waiting_store.c - see waiting_store.h. */

#include "services/scheduler/store/waiting_store.h"

#include "common/base/line.h"
#include "services/scheduler/store/offered_store.h"

// One that comes back keeps its time, and may be older than those that wait.
#define COUNT_IN(since)                                                                                           \
    " on conflict (labels, priority, project_id) do update set size = queues.size + 1, since = case when queues." \
    "since < " since " then queues.since else " since " end"

// Where several labels are asked for the queue is found by the one that the fewest agents offer; of equals by one that finds no others.
#define FINDS_OTHERS                                                                                         \
    "(select count(*) from (select 1 from queues u where u.key_label = v.label and u.labels <> $10 limit 1)" \
    " o), "

static fault_t count_in (db_t *db, turn_t *turn, const waiting_t *job)
{
    if (line_count (job->labels) <= 1)
        return db_exec (db, turn,
                        "insert into queues (labels, priority, project_id, size, since, key_label)"
                        " values ($1, $2, $3, 1, $4, null)" COUNT_IN ("$4"),
                        P_STR (job->labels), P_I64 (job->priority), P_STR (job->project_id),
                        P_I64 (job->queued_at));
    asked_labels_t asked = asked_labels_of (turn->arena, job->labels);
    return db_exec (
        db, turn,
        WITH_RAREST_LABEL (
            FINDS_OTHERS) "insert into queues (labels, priority, project_id, size,"
                          " since, key_label) values ($10, $11, $12, 1, $13, (select label from asked))" COUNT_IN (
                              "$13"),
        P_ASKED (&asked), P_STR (job->labels), P_I64 (job->priority), P_STR (job->project_id),
        P_I64 (job->queued_at));
}

fault_t waiting_store_add (db_t *db, turn_t *turn, const waiting_t *job)
{
    fault_t fault = db_exec (db, turn,
                             "insert into waiting (job_id, labels, priority, project_id, queued_at, position)"
                             " values ($1, $2, $3, $4, $5, $6)",
                             P_STR (job->job_id), P_STR (job->labels), P_I64 (job->priority),
                             P_STR (job->project_id), P_I64 (job->queued_at), P_I64 (job->position));
    return fault ? fault : count_in (db, turn, job);
}

static void read_waiting (const rows_t *rows, size_t row, int first, waiting_t *out)
{
    *out = (waiting_t){
        .job_id = rows_str (rows, row, first),
        .labels = rows_str (rows, row, first + 1),
        .priority = rows_i64 (rows, row, first + 2),
        .project_id = rows_str (rows, row, first + 3),
        .queued_at = rows_i64 (rows, row, first + 4),
        .position = rows_i64 (rows, row, first + 5),
    };
}

#define QUEUE_OF_JOB "labels = $1 and priority = $2 and project_id = $3"

// Not waited for: only a job that is there is counted out, and an empty queue is removed. The next oldest is looked for from the oldest on:
// PostgreSQL keeps what was removed before that one for a while, and would walk over it each time.
fault_t waiting_store_remove (db_t *db, turn_t *turn, const waiting_t *job)
{
    TRY (db_exec (db, turn,
                  "update queues set size = size - 1, since = coalesce ((select w.queued_at from waiting w"
                  " where w.labels = $1 and w.priority = $2 and w.project_id = $3 and w.job_id <> $6"
                  " and w.queued_at >= queues.since order by w.queued_at limit 1), 0) where " QUEUE_OF_JOB
                  " and exists (select 1 from waiting w where w.labels = $1 and w.priority = $2"
                  " and w.project_id = $3 and w.queued_at = $4 and w.position = $5 and w.job_id = $6)",
                  P_STR (job->labels), P_I64 (job->priority), P_STR (job->project_id), P_I64 (job->queued_at),
                  P_I64 (job->position), P_STR (job->job_id)));
    TRY (db_exec (db, turn,
                  "delete from waiting where " QUEUE_OF_JOB
                  " and queued_at = $4 and position = $5 and job_id = $6",
                  P_STR (job->labels), P_I64 (job->priority), P_STR (job->project_id), P_I64 (job->queued_at),
                  P_I64 (job->position), P_STR (job->job_id)));
    if (job->stays)
        return OK;
    return db_exec (db, turn, "delete from queues where " QUEUE_OF_JOB " and size <= 0", P_STR (job->labels),
                    P_I64 (job->priority), P_STR (job->project_id));
}

#define QUEUES_OF(table)                                                                 \
    " select q.labels, q.priority, q.project_id, q.size, p.running, q.since from " table \
    " q join projects p on p.id = q.project_id"
#define QUEUES   QUEUES_OF ("queues")
#define IN_ORDER " order by q.priority desc, p.running, q.since, q.project_id limit "

void waiting_store_read_queues (turn_t *turn, const rows_t *rows, int first, waitings_t *out)
{
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = (waiting_t){
            .labels = rows_str (rows, i, first),
            .priority = rows_i64 (rows, i, first + 1),
            .project_id = rows_str (rows, i, first + 2),
            .size = rows_i64 (rows, i, first + 3),
            .running = rows_i64 (rows, i, first + 4),
            .queued_at = rows_i64 (rows, i, first + 5),
        };
}

fault_t waiting_store_queues_later (db_t *db, turn_t *turn, const rows_t **rows)
{
    return db_query_later (db, turn, QUEUES IN_ORDER "$1", rows, P_I64 (QUEUES_AT_ONCE));
}

fault_t waiting_store_queues_of (db_t *db, turn_t *turn, const set_page_t *sets, waitings_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, QUEUES " where q.labels in " IN_SETS IN_ORDER "$17", &rows, P_SETS (sets),
                   P_I64 (QUEUES_AT_ONCE)));
    waiting_store_read_queues (turn, rows, 0, out);
    return OK;
}

fault_t waiting_store_fitting_later (db_t *db, turn_t *turn, const strs_t *labels, const strs_t *agents,
                                     const rows_t **rows)
{
    if (labels->count == 1 && agents->count == 0)
        return db_query_later (db, turn, QUEUES " where q.labels = $1" IN_ORDER "$2", rows,
                               P_TEXT (labels, 0), P_I64 (QUEUES_AT_ONCE));
    if (labels->count <= 1 && agents->count <= 1)
        return db_query_later (db, turn, WITH_QUEUES_FITTING_ONE QUEUES_OF ("fitting") IN_ORDER "$3", rows,
                               P_TEXT (labels, 0), P_TEXT (agents, 0), P_I64 (QUEUES_AT_ONCE));
    return db_query_later (db, turn, WITH_QUEUES_FITTING_MANY QUEUES_OF ("fitting") IN_ORDER "$33", rows,
                           P_TEXTS (labels), P_TEXTS (agents), P_I64 (QUEUES_AT_ONCE));
}

fault_t waiting_store_any (db_t *db, turn_t *turn, bool *any)
{
    const rows_t *rows;
    *any = false;
    TRY (db_query (db, turn, "select 1 from queues limit 1", &rows));
    *any = rows_count (rows) > 0;
    return OK;
}

fault_t waiting_store_sets (db_t *db, turn_t *turn, const char *after, label_sets_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select labels, max (priority), min (since) from queues where labels > $1 or $2 = 1"
                   " group by labels order by labels limit $3",
                   &rows, P_STR (after ? after : ""), P_I64 (!after), P_I64 (SETS_PAGE)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = (label_set_t){
            .labels = rows_str (rows, i, 0),
            .mask = labels_mask (rows_str (rows, i, 0)),
            .priority = rows_i64 (rows, i, 1),
            .since = rows_i64 (rows, i, 2),
        };
    return OK;
}

// The oldest of one queue; its number among those asked for comes along.
#define OLDEST(number, labels, priority, project)                                          \
    "select * from (select " number " as queue, job_id, labels, priority, project_id,"     \
    " queued_at, position from waiting where labels = " labels " and priority = " priority \
    " and project_id = " project " order by queued_at, position, job_id limit $25) as q" number
#define AND " union all "
#define P_QUEUE(of, at)                                            \
    P_STR ((at) < (of)->count ? (of)->items[at].labels : ""),      \
        P_I64 ((at) < (of)->count ? (of)->items[at].priority : 0), \
        P_STR ((at) < (of)->count ? (of)->items[at].project_id : "no project")

fault_t waiting_store_oldest (db_t *db, turn_t *turn, const waitings_t *queues, size_t limit, waitings_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   OLDEST ("0", "$1", "$2", "$3") AND OLDEST ("1", "$4", "$5", "$6")
                       AND OLDEST ("2", "$7", "$8", "$9") AND OLDEST ("3", "$10", "$11", "$12")
                           AND OLDEST ("4", "$13", "$14", "$15") AND OLDEST ("5", "$16", "$17", "$18")
                               AND OLDEST ("6", "$19", "$20", "$21") AND OLDEST ("7", "$22", "$23", "$24"),
                   &rows, P_QUEUE (queues, 0), P_QUEUE (queues, 1), P_QUEUE (queues, 2), P_QUEUE (queues, 3),
                   P_QUEUE (queues, 4), P_QUEUE (queues, 5), P_QUEUE (queues, 6), P_QUEUE (queues, 7),
                   P_I64 ((int64_t) limit)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++) {
        read_waiting (rows, i, 1, &out->items[i]);
        const waiting_t *queue = &queues->items[rows_i64 (rows, i, 0)];
        out->items[i].running = queue->running;
        out->items[i].stays = queue->size > (int64_t) limit;
    }
    return OK;
}

fault_t waiting_store_size_later (db_t *db, turn_t *turn, const waiting_t *job, const rows_t **rows)
{
    return db_query_later (db, turn, "select size from queues where " QUEUE_OF_JOB, rows, P_STR (job->labels),
                           P_I64 (job->priority), P_STR (job->project_id));
}

int64_t waiting_store_read_size (const rows_t *rows)
{
    return rows_count (rows) ? rows_i64 (rows, 0, 0) : 0;
}

fault_t waiting_store_size (db_t *db, turn_t *turn, const waiting_t *job, int64_t *size)
{
    const rows_t *rows;
    TRY (waiting_store_size_later (db, turn, job, &rows));
    TRY (db_wait (db, turn));
    *size = waiting_store_read_size (rows);
    return OK;
}

fault_t waiting_store_before (db_t *db, turn_t *turn, const waiting_t *job, int64_t *count)
{
    const rows_t *rows;
    fault_t fault =
        db_query (db, turn,
                  "select count(*) from (select 1 from waiting where labels = $1 and priority = $2"
                  " and project_id = $3 and (queued_at, position, job_id) < ($4, $5, $6) limit $7) as before",
                  &rows, P_STR (job->labels), P_I64 (job->priority), P_STR (job->project_id),
                  P_I64 (job->queued_at), P_I64 (job->position), P_STR (job->job_id), P_I64 (BEFORE_MAX));
    if (!fault)
        *count = rows_i64 (rows, 0, 0);
    return fault;
}
