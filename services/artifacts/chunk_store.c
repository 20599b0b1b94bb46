/* chunk_store.c - see chunk_store.h. */

#include "services/artifacts/chunk_store.h"

static fault_t add_hold (db_t *db, turn_t *turn, const char *upload, const char *blob)
{
    return db_exec (
        db, turn,
        "insert into upload_chunks (upload, blob) values ($1, $2) on conflict (upload, blob) do nothing",
        P_STR (upload), P_STR (blob));
}

// The row's lock is taken whether or not the upload holds it already.
#define ONE_MORE                                                                                  \
    "update cache_chunks set holders = holders + case when exists (select 1 from upload_chunks h" \
    " where h.upload = $1 and h.blob = cache_chunks.blob) then 0 else 1 end where project = $2 and "

static fault_t hold_known (db_t *db, turn_t *turn, const char *project, const char *upload, chunk_t *chunk)
{
    const rows_t *rows;
    TRY (db_query (db, turn, ONE_MORE "sum = $3 returning blob, frames, bytes", &rows, P_STR (upload),
                   P_STR (project), P_STR (chunk->sum)));
    if (rows_count (rows) == 0)
        return NOT_FOUND;
    chunk->part.blob = rows_str (rows, 0, 0);
    chunk->part.frames = rows_bytes (rows, 0, 1, &chunk->part.frames_size);
    chunk->bytes = rows_i64 (rows, 0, 2);
    return add_hold (db, turn, upload, chunk->part.blob);
}

static fault_t hold_new (db_t *db, turn_t *turn, const char *project, const char *upload,
                         const chunk_t *chunk, bool *added)
{
    int64_t changed;
    TRY (db_change (db, turn,
                    "insert into cache_chunks (blob, project, sum, bytes, frames, holders, saved)"
                    " values ($1, $2, $3, $4, $5, 1, 0) on conflict (project, sum) do nothing",
                    &changed, P_STR (chunk->part.blob), P_STR (project), P_STR (chunk->sum),
                    P_I64 (chunk->bytes), P_BYTES (chunk->part.frames, chunk->part.frames_size)));
    *added = changed == 1;
    if (!*added)
        return OK;
    TRY (upload_store_claim (db, turn, chunk->part.blob, &changed));
    if (changed != 1)
        return turn_fail (turn, CONFLICT, "a chunk took too long; send it again");
    return add_hold (db, turn, upload, chunk->part.blob);
}

fault_t chunk_store_hold (db_t *db, turn_t *turn, const char *project, const char *upload, chunk_t *chunk,
                          bool *known)
{
    const char *fresh = chunk->part.blob;
    bool added = false;
    fault_t fault = hold_known (db, turn, project, upload, chunk);
    if (fault == NOT_FOUND) {
        TRY (hold_new (db, turn, project, upload, chunk, &added));
        if (added) {
            *known = false;
            return OK;
        }
        fault = hold_known (db, turn, project, upload, chunk); // Another replica was faster by a moment
        if (fault == NOT_FOUND)
            return turn_fail (turn, CONFLICT, "a chunk was removed at this moment; send it again");
    }
    TRY (fault);
    *known = true;
    return upload_store_postpone (db, turn, fresh, turn->now_us + GARBAGE_GRACE);
}

fault_t chunk_store_share (db_t *db, turn_t *turn, const char *project, const char *upload, chunk_t *chunk)
{
    const rows_t *rows;
    TRY (db_query (db, turn, ONE_MORE "blob = $3 and sum <> blob returning bytes", &rows, P_STR (upload),
                   P_STR (project), P_STR (chunk->part.blob)));
    if (rows_count (rows) == 0)
        return NOT_FOUND;
    chunk->bytes = rows_i64 (rows, 0, 0);
    return add_hold (db, turn, upload, chunk->part.blob);
}

// ---- let go ----

#define HELD_BY_NONE                                                                       \
    " from cache_chunks where holders = 0 and blob in (select h.blob from upload_chunks h" \
    " where h.upload = $1)"

// Takes its hold from those that match `which`, a condition on `upload_chunks h`.
#define LET_GO(which)                                                                                 \
    "update cache_chunks set holders = holders - 1 where blob in (select h.blob from upload_chunks h" \
    " where h.upload = $1" which ")"

static fault_t remove_unheld (db_t *db, turn_t *turn, const char *upload)
{
    TRY (db_exec (db, turn,
                  "insert into upload_garbage (blob, due_at) select blob, cast ($2 as bigint)" HELD_BY_NONE
                  " on conflict (blob) do nothing",
                  P_STR (upload), P_I64 (turn->now_us + GARBAGE_GRACE)));
    return db_exec (db, turn, "delete" HELD_BY_NONE, P_STR (upload));
}

#define WITHOUT_PLACE " and h.blob not in (select p.blob from upload_parts p where p.upload = $1)"

fault_t chunk_store_close (db_t *db, turn_t *turn, const char *upload)
{
    TRY (db_exec (db, turn, LET_GO (WITHOUT_PLACE), P_STR (upload)));
    TRY (remove_unheld (db, turn, upload));
    return db_exec (db, turn,
                    "delete from upload_chunks where upload = $1"
                    " and blob not in (select p.blob from upload_parts p where p.upload = $1)",
                    P_STR (upload));
}

fault_t chunk_store_drop (db_t *db, turn_t *turn, const char *upload)
{
    TRY (db_exec (db, turn, LET_GO (""), P_STR (upload)));
    TRY (remove_unheld (db, turn, upload));
    return db_exec (db, turn, "delete from upload_chunks where upload = $1", P_STR (upload));
}

// ---- counted ----

#define SAVES(by)                                                                                    \
    "update cache_chunks set saved = saved " by " where blob in (select h.blob from upload_chunks h" \
    " where h.upload = $1)"

fault_t chunk_store_save (db_t *db, turn_t *turn, const char *upload)
{
    return db_exec (db, turn, SAVES ("+ 1"), P_STR (upload));
}

fault_t chunk_store_unsave (db_t *db, turn_t *turn, const char *upload, int64_t *freed)
{
    const rows_t *rows;
    TRY (db_exec (db, turn, SAVES ("- 1"), P_STR (upload)));
    TRY (db_query (db, turn,
                   "select cast (coalesce (sum (bytes), 0) as bigint) from cache_chunks where saved = 0"
                   " and blob in (select h.blob from upload_chunks h where h.upload = $1)",
                   &rows, P_STR (upload)));
    *freed = rows_i64 (rows, 0, 0);
    return OK;
}

fault_t chunk_store_unsave_all (db_t *db, turn_t *turn, const char *project)
{
    return db_exec (db, turn, "update cache_chunks set saved = 0 where project = $1 and saved > 0",
                    P_STR (project));
}

fault_t chunk_store_bytes (db_t *db, turn_t *turn, const char *project, int64_t *bytes)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select cast (coalesce (sum (bytes), 0) as bigint) from cache_chunks"
                   " where project = $1 and saved > 0",
                   &rows, P_STR (project)));
    *bytes = rows_i64 (rows, 0, 0);
    return OK;
}

fault_t chunk_store_retire (db_t *db, turn_t *turn, const char *blob)
{
    return db_exec (db, turn, "update cache_chunks set sum = blob where blob = $1", P_STR (blob));
}

fault_t chunk_store_list (db_t *db, turn_t *turn, const char *upload, int64_t start, size_t limit,
                          chunk_list_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select p.start, c.sum, c.bytes, p.blob, p.frames from upload_parts p"
                   " left join cache_chunks c on c.blob = p.blob and c.sum <> c.blob"
                   " where p.upload = $1 and p.start >= $2 order by p.start limit $3",
                   &rows, P_STR (upload), P_I64 (start), P_I64 ((int64_t) limit)));
    out->items = arena_array (turn->arena, rows_count (rows) + 1, sizeof (chunk_t));
    for (out->count = 0; out->count < rows_count (rows) && *rows_str (rows, out->count, 1); out->count++) {
        chunk_t *chunk = &out->items[out->count];
        *chunk = (chunk_t){.sum = rows_str (rows, out->count, 1), .bytes = rows_i64 (rows, out->count, 2)};
        chunk->part.start = rows_i64 (rows, out->count, 0);
        chunk->part.blob = rows_str (rows, out->count, 3);
        chunk->part.frames = rows_bytes (rows, out->count, 4, &chunk->part.frames_size);
    }
    return OK;
}
