/* seal_store.c - see seal_store.h. */

#include "services/scheduler/store/seal_store.h"

#include "common/base/clock.h"

fault_t seal_store_add (db_t *db, turn_t *turn, const char *job, uint32_t attempt, int64_t at)
{
    return db_exec (db, turn,
                    "insert into seals (job_id, attempt, due_at) values ($1, $2, $3)"
                    " on conflict (job_id, attempt) do nothing",
                    P_STR (job), P_I64 (attempt), P_I64 (at));
}

fault_t seal_store_due (db_t *db, turn_t *turn, int64_t now, seals_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select job_id, attempt from seals where due_at <= $1 order by due_at limit $2",
                   &rows, P_I64 (now), P_I64 (SEALS_AT_ONCE)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = (seal_t){rows_str (rows, i, 0), (uint32_t) rows_i64 (rows, i, 1)};
    return OK;
}

fault_t seal_store_asked (db_t *db, turn_t *turn, const seal_t *seal, int64_t again_at)
{
    return db_exec (db, turn, "update seals set due_at = $3 where job_id = $1 and attempt = $2",
                    P_STR (seal->job_id), P_I64 (seal->attempt), P_I64 (again_at));
}

fault_t seal_store_pull_back (db_t *db, turn_t *turn, int64_t now)
{
    return db_exec (db, turn, "update seals set due_at = $1 where due_at > $1", P_I64 (now));
}

fault_t seal_store_remove (db_t *db, turn_t *turn, const char *job, uint32_t attempt)
{
    return db_exec (db, turn, "delete from seals where job_id = $1 and attempt = $2", P_STR (job),
                    P_I64 (attempt));
}
