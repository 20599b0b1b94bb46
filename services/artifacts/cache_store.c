/* cache_store.c - see cache_store.h. */

#include "services/artifacts/cache_store.h"

#include "common/base/id.h"
#include "common/http/http_head.h"
#include "services/artifacts/artifact_store.h"
#include "services/artifacts/block_store.h"
#include "services/artifacts/cache_keys.h"
#include "services/artifacts/chunk_store.h"

#include <string.h>

// What a row says, and its upload; read_row() counts on their order.
#define SELECT                                                                               \
    "select c.id, c.number, c.project, c.scope, c.key, c.version, c.job, c.attempt, c.size," \
    " c.complete, c.created_at, c.used_at, c.due_at, " UPLOAD_COLUMNS                        \
    " from caches c join uploads u on u.id = c.upload"
#define UPLOAD_AT 13 // The first of its upload's columns

static const char *text_of (turn_t *turn, const rows_t *rows, size_t row, int column)
{
    size_t size;
    const void *bytes = rows_bytes (rows, row, column, &size);
    return arena_strndup (turn->arena, bytes ? bytes : "", size);
}

static fault_t read_row (turn_t *turn, const rows_t *rows, size_t i, cache_row_t *out)
{
    *out = (cache_row_t){.id = rows_str (rows, i, 0),
                         .number = rows_i64 (rows, i, 1),
                         .project = rows_str (rows, i, 2),
                         .scope = rows_str (rows, i, 3),
                         .key = text_of (turn, rows, i, 4),
                         .version = rows_str (rows, i, 5),
                         .job = rows_str (rows, i, 6),
                         .attempt = (uint32_t) rows_i64 (rows, i, 7),
                         .size = rows_i64 (rows, i, 8),
                         .complete = rows_i64 (rows, i, 9) != 0,
                         .created_at = rows_i64 (rows, i, 10),
                         .used_at = rows_i64 (rows, i, 11),
                         .due_at = rows_i64 (rows, i, 12)};
    return upload_store_read (turn, rows, i, UPLOAD_AT, &out->upload);
}

static fault_t first_row (turn_t *turn, const rows_t *rows, cache_row_t *out)
{
    return rows_count (rows) == 0 ? NOT_FOUND : read_row (turn, rows, 0, out);
}

static param_t key_of (const char *key)
{
    return P_BYTES (key, strlen (key));
}

fault_t cache_store_find (db_t *db, turn_t *turn, const char *id, cache_row_t *out)
{
    const rows_t *rows;
    int64_t number = 0;
    if (http_number (id, strlen (id), &number))
        TRY (db_query (db, turn,
                       SELECT " where c.number = $1 and c.gone = 0 and (c.complete = 0 or c.due_at > $2)",
                       &rows, P_I64 (number), P_I64 (turn->now_us)));
    else
        TRY (db_query (db, turn,
                       SELECT " where c.id = $1 and c.gone = 0 and (c.complete = 0 or c.due_at > $2)", &rows,
                       P_STR (id), P_I64 (turn->now_us)));
    fault_t fault = first_row (turn, rows, out);
    return fault == NOT_FOUND ? turn_fail (turn, NOT_FOUND, "there is no cache %s", id) : fault;
}

fault_t cache_store_entry (db_t *db, turn_t *turn, const cache_row_t *entry, cache_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   SELECT " where c.project = $1 and c.scope = $2 and c.version = $3 and c.key = $4"
                          " and c.gone = 0",
                   &rows, P_STR (entry->project), P_STR (entry->scope), P_STR (entry->version),
                   key_of (entry->key)));
    return first_row (turn, rows, out);
}

fault_t cache_store_look (db_t *db, turn_t *turn, const cache_row_t *entry, cache_row_t *out)
{
    const rows_t *rows;
    bytes_t end = cache_prefix_end (turn->arena, entry->key);
    TRY (db_query (db, turn,
                   SELECT " where c.project = $1 and c.scope = $2 and c.version = $3 and c.key >= $4"
                          " and c.key < $5 and c.gone = 0 and c.complete = 1 and c.due_at > $6"
                          " order by case when c.key = $4 then 0 else 1 end, c.saved desc limit 1",
                   &rows, P_STR (entry->project), P_STR (entry->scope), P_STR (entry->version),
                   key_of (entry->key), P_BYTES (end.data, end.size), P_I64 (turn->now_us)));
    return first_row (turn, rows, out);
}

// Counted up under its row's lock until the commit. So saves are in the order in which they are seen, and two that are saved at
// the same time do not both take the room that is left.
static fault_t next_number (db_t *db, turn_t *turn, int64_t *number)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "update artifact_numbers set latest = latest + 1 where name = $1 returning latest", &rows,
                   P_STR ("cache")));
    *number = rows_i64 (rows, 0, 0);
    return OK;
}

fault_t cache_store_reserve (db_t *db, turn_t *turn, cache_row_t *row)
{
    int64_t added;
    TRY (next_number (db, turn, &row->number));
    TRY (
        db_change (db, turn,
                   "insert into caches (id, number, project, scope, key, version, job, attempt, upload, size,"
                   " complete, gone, saved, created_at, used_at, due_at)"
                   " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 0, 0, $10, $10, $10)"
                   " on conflict do nothing",
                   &added, P_STR (row->id), P_I64 (row->number), P_STR (row->project), P_STR (row->scope),
                   key_of (row->key), P_STR (row->version), P_STR (row->job), P_I64 (row->attempt),
                   P_STR (row->upload.id), P_I64 (row->created_at)));
    return added == 1 ? OK : CONFLICT;
}

fault_t cache_store_save (db_t *db, turn_t *turn, const cache_row_t *row)
{
    int64_t saved, changed;
    TRY (next_number (db, turn, &saved));
    TRY (db_change (db, turn,
                    "update caches set complete = 1, saved = $2, size = $3, used_at = $4, due_at = $5,"
                    " chunks = (select count(*) from upload_parts p join upload_chunks h"
                    " on h.upload = p.upload and h.blob = p.blob where p.upload = $6)"
                    " where id = $1 and complete = 0 and gone = 0",
                    &changed, P_STR (row->id), P_I64 (saved), P_I64 (row->size), P_I64 (row->used_at),
                    P_I64 (row->due_at), P_STR (row->upload.id)));
    if (changed != 1)
        return turn_fail (turn, CONFLICT, "the cache \"%s\" was removed while it was saved", row->key);
    return chunk_store_save (db, turn, row->upload.id);
}

fault_t cache_store_use (db_t *db, turn_t *turn, const char *id, int64_t due_us)
{
    return db_exec (db, turn, "update caches set used_at = $2, due_at = $3 where id = $1", P_STR (id),
                    P_I64 (turn->now_us), P_I64 (due_us));
}

fault_t cache_store_blocks (db_t *db, turn_t *turn, const char *upload, staged_block_items_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select b.block, sum (p.bytes) from upload_blocks b join upload_pieces p"
                   " on p.upload = b.upload and p.block = b.block and p.take = b.take"
                   " where b.upload = $1 group by b.block order by b.block limit $2",
                   &rows, P_STR (upload), P_I64 (MAX_BLOCKS)));
    out->items = arena_array (turn->arena, rows_count (rows) + 1, sizeof (staged_block_t));
    for (out->count = 0; out->count < rows_count (rows); out->count++)
        out->items[out->count] =
            (staged_block_t){.name = rows_str (rows, out->count, 0), .size = rows_i64 (rows, out->count, 1)};
    return OK;
}

static fault_t read_usage (const rows_t *rows, cache_usage_t *out)
{
    *out = (cache_usage_t){rows_i64 (rows, 0, 0), rows_i64 (rows, 0, 1)};
    return OK;
}

fault_t cache_store_usage (db_t *db, turn_t *turn, const char *project, cache_usage_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select count(*), cast (coalesce (sum (size), 0) as bigint) from caches"
                   " where project = $1 and complete = 1 and gone = 0",
                   &rows, P_STR (project)));
    return read_usage (rows, out);
}

#define COUNTED "own + chunks * $2" // Bytes of a cache, beside those of its chunks

fault_t cache_store_stored (db_t *db, turn_t *turn, const char *project, int64_t *bytes)
{
    const rows_t *rows;
    TRY (chunk_store_bytes (db, turn, project, bytes));
    TRY (db_query (db, turn,
                   "select cast (coalesce (sum (" COUNTED "), 0) as bigint) from caches"
                   " where project = $1 and complete = 1 and gone = 0",
                   &rows, P_STR (project), P_I64 (CHUNK_ROW)));
    *bytes += rows_i64 (rows, 0, 0);
    return OK;
}

fault_t cache_store_reserved (db_t *db, turn_t *turn, const char *project, cache_usage_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select count(*), cast (coalesce (sum (u.staged), 0) as bigint)"
                   " from caches c join uploads u on u.id = c.upload"
                   " where c.project = $1 and c.complete = 0 and c.gone = 0",
                   &rows, P_STR (project)));
    return read_usage (rows, out);
}

fault_t cache_store_oldest (db_t *db, turn_t *turn, const char *project, const char *kept, size_t limit,
                            const rows_t **rows)
{
    return db_query (db, turn,
                     "select id from caches where project = $1 and complete = 1 and gone = 0"
                     " and id <> $2 order by used_at, number limit $3",
                     rows, P_STR (project), P_STR (kept), P_I64 ((int64_t) limit));
}

fault_t cache_store_list (db_t *db, turn_t *turn, const cache_filter_t *filter, int64_t before, size_t limit,
                          cache_rows_t *out)
{
    const rows_t *rows;
    int64_t number = 0;
    bool numbered = http_number (filter->id, strlen (filter->id), &number);
    bytes_t end = cache_prefix_end (turn->arena, filter->prefix ? filter->key : "");
    bool any_key = filter->prefix || !*filter->key;
    TRY (db_query (db, turn,
                   SELECT " where c.project = $1 and c.complete = 1 and c.gone = 0 and c.due_at > $2"
                          " and c.number < $3 and ($4 = '' or c.id = $4) and ($5 = 0 or c.number = $5)"
                          " and (($6 = 1 and c.key >= $7 and c.key < $8) or c.key = $7)"
                          " and ($9 = '' or c.scope = $9 or c.scope = 'refs/heads/' || $9"
                          " or c.scope = 'refs/tags/' || $9) order by c.number desc limit $10",
                   &rows, P_STR (filter->project), P_I64 (turn->now_us), P_I64 (before),
                   P_STR (numbered ? "" : filter->id), P_I64 (number), P_I64 (any_key), key_of (filter->key),
                   P_BYTES (end.data, end.size), P_STR (filter->ref), P_I64 ((int64_t) limit)));
    out->items = arena_array (turn->arena, rows_count (rows) + 1, sizeof (cache_row_t));
    for (out->count = 0; out->count < rows_count (rows); out->count++)
        TRY (read_row (turn, rows, out->count, &out->items[out->count]));
    return OK;
}

fault_t cache_store_drop (db_t *db, turn_t *turn, const char *id, cache_dropped_t *out)
{
    const rows_t *rows;
    *out = (cache_dropped_t){.saved = false};
    TRY (db_query (
        db, turn,
        "update caches set gone = 1 where id = $1 and gone = 0 returning complete, upload, " COUNTED, &rows,
        P_STR (id), P_I64 (CHUNK_ROW)));
    if (rows_count (rows) == 0 || rows_i64 (rows, 0, 0) == 0)
        return OK;
    out->saved = true;
    TRY (chunk_store_unsave (db, turn, rows_str (rows, 0, 1), &out->freed));
    out->freed += rows_i64 (rows, 0, 2);
    return OK;
}

fault_t cache_store_purge (db_t *db, turn_t *turn, const char *project)
{
    TRY (db_exec (db, turn, "update caches set gone = 1 where project = $1 and gone = 0", P_STR (project)));
    return chunk_store_unsave_all (db, turn, project);
}

fault_t cache_store_over (db_t *db, turn_t *turn, const rows_t **caches)
{
    TRY (db_query (db, turn, "select id, 0 from caches where gone = 1 order by id limit $1", caches,
                   P_I64 (REMOVE_STEP)));
    if (rows_count (*caches) > 0)
        return OK;
    TRY (db_query (db, turn,
                   "select id, 0 from caches where complete = 1 and gone = 0 and due_at <= $1"
                   " order by due_at limit $2",
                   caches, P_I64 (turn->now_us), P_I64 (REMOVE_STEP)));
    if (rows_count (*caches) > 0)
        return OK;
    return db_query (db, turn,
                     "select c.id, 0 from caches c join uploads u on u.id = c.upload"
                     " where c.complete = 0 and c.gone = 0 and u.changed_at < $1 limit $2",
                     caches, P_I64 (turn->now_us - CACHE_IDLE), P_I64 (REMOVE_STEP));
}

fault_t cache_store_remove (db_t *db, turn_t *turn, const char *id, bool *unused)
{
    const rows_t *rows;
    cache_dropped_t dropped;
    TRY (cache_store_drop (db, turn, id, &dropped));
    *unused = dropped.saved;
    TRY (db_query (db, turn, "delete from caches where id = $1 returning upload", &rows, P_STR (id)));
    if (rows_count (rows) == 0)
        return OK;
    TRY (block_store_drop (db, turn, rows_str (rows, 0, 0)));
    TRY (upload_store_remove (db, turn, rows_str (rows, 0, 0)));
    return chunk_store_drop (db, turn, rows_str (rows, 0, 0));
}
