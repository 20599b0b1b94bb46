/* summary_store.c - see summary_store.h. */

#include "services/logs/summary_store.h"

#include "common/base/pack.h"

fault_t summary_store_put (db_t *db, turn_t *turn, const summary_put_t *ask)
{
    const rows_t *others;
    size_t packed;
    TRY (db_query (db, turn,
                   "select count (*) from log_summaries where job = $1 and attempt = $2 and step <> $3",
                   &others, P_STR (ask->job), P_I64 (ask->attempt), P_I64 (ask->step)));
    if (rows_i64 (others, 0, 0) >= MAX_SUMMARIES)
        return turn_fail (turn, OVERLOADED, "a job keeps the summaries of %d steps", MAX_SUMMARIES);
    const void *data = pack (turn->arena, ask->data.data, ask->data.size, &packed);
    return db_exec (db, turn,
                    "insert into log_summaries (job, attempt, step, size, data, created_at)"
                    " values ($1, $2, $3, $4, $5, $6) on conflict (job, attempt, step)"
                    " do update set size = $4, data = $5, created_at = $6",
                    P_STR (ask->job), P_I64 (ask->attempt), P_I64 (ask->step),
                    P_I64 ((int64_t) ask->data.size), P_BYTES (data, packed), P_I64 (turn->now_us));
}

#define LATEST \
    "attempt = case when $2 <> 0 then $2 else (select max (attempt) from log_summaries where job = $1) end"

fault_t summary_store_list (db_t *db, turn_t *turn, const char *job, uint32_t attempt, summaries_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select attempt, step, size, created_at from log_summaries where job = $1 and " LATEST
                   " order by step limit $3",
                   &rows, P_STR (job), P_I64 (attempt), P_I64 (MAX_SUMMARIES)));
    *out = (summaries_t){.items.count = rows_count (rows)};
    out->items.items = arena_array (turn->arena, out->items.count + 1, sizeof (summary_t));
    for (size_t i = 0; i < out->items.count; i++) {
        out->attempt = (uint32_t) rows_i64 (rows, i, 0);
        out->items.items[i] = (summary_t){.step = (uint32_t) rows_i64 (rows, i, 1),
                                          .size = rows_i64 (rows, i, 2),
                                          .created_at = rows_i64 (rows, i, 3)};
    }
    return OK;
}

fault_t summary_store_read (db_t *db, turn_t *turn, const summary_read_t *ask, bytes_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select size, data from log_summaries where job = $1 and " LATEST " and step = $3", &rows,
                   P_STR (ask->job), P_I64 (ask->attempt), P_I64 (ask->step)));
    if (rows_count (rows) == 0)
        return turn_fail (turn, NOT_FOUND, "step %u of job %s has no summary", ask->step, ask->job);
    size_t packed, size = (size_t) rows_i64 (rows, 0, 0);
    const void *data = rows_bytes (rows, 0, 1, &packed);
    void *text = arena_alloc (turn->arena, size + 1);
    if (size > MAX_SUMMARY || unpack (data, packed, text, size) != OK)
        return turn_fail (turn, BROKEN, "the summary of step %u of job %s is damaged", ask->step, ask->job);
    *out = (bytes_t){text, size};
    return OK;
}
