/* archive_store.c - see archive_store.h. A blob is noted as garbage before it is written and taken off that list when its
 * segment is committed: whatever happens between, it is found and removed. */

#include "services/logs/archive_store.h"

#include "common/clock.h"

#define OF(row)    P_STR ((row)->job), P_I64 ((row)->attempt)
#define CHUNKS_MAX 1024 // Of one segment
#define GRACE \
    SECONDS (60) // For readers of what is forgotten, and so that its rows are surely gone before its blobs

fault_t archive_store_due (db_t *db, turn_t *turn, const char **job, uint32_t *attempt)
{
    const rows_t *rows;
    fault_t fault =
        db_query (db, turn, "select job, attempt from logs where due = 1 order by changed_at limit $1", &rows,
                  P_I64 (1));
    if (fault || rows_count (rows) == 0)
        return fault ? fault : NOT_FOUND;
    *job = rows_str (rows, 0, 0);
    *attempt = (uint32_t) rows_i64 (rows, 0, 1);
    return OK;
}

fault_t archive_store_chunks (db_t *db, turn_t *turn, const log_row_t *row, pieces_t *out)
{
    const rows_t *rows;
    fault_t fault =
        db_query (db, turn,
                  "select start, before, raw, newlines, data from log_chunks"
                  " where job = $1 and attempt = $2 and start < $3 order by start limit $4",
                  &rows, OF (row), P_I64 (row->extent.archived + SEGMENT_MAX), P_I64 (CHUNKS_MAX));
    *out = (pieces_t){0};
    if (fault)
        return fault;
    out->items = arena_array (turn->arena, rows_count (rows) + 1, sizeof (piece_t));
    for (size_t i = 0; i < rows_count (rows); i++) {
        piece_t *piece = &out->items[i];
        *piece = (piece_t){.start = rows_i64 (rows, i, 0),
                           .before = rows_i64 (rows, i, 1),
                           .raw = (size_t) rows_i64 (rows, i, 2),
                           .newlines = (size_t) rows_i64 (rows, i, 3)};
        piece->data = rows_bytes (rows, i, 4, &piece->packed);
        if (piece->start + (int64_t) piece->raw > row->extent.archived + SEGMENT_MAX)
            break;
        out->count++;
    }
    return OK;
}

fault_t archive_store_take (db_t *db, turn_t *turn, const log_row_t *row, const segment_t *segment,
                            bool *done)
{
    int64_t end = segment->start + segment->raw;
    fault_t fault =
        db_exec (db, turn,
                 "update logs set archived = $3, loose = loose - $4,"
                 " due = case when loose - $4 >= $5 or (sealed = 1 and loose - $4 > 0) then 1 else 0 end"
                 " where job = $1 and attempt = $2 and archived = $6",
                 OF (row), P_I64 (end), P_I64 (segment->raw), P_I64 (SEGMENT_MAX), P_I64 (segment->start));
    *done = fault == OK && db_changes (db) == 1;
    if (!*done)
        return fault;
    fault = db_exec (
        db, turn,
        "insert into log_segments (job, attempt, start, before, raw, newlines, blob, frames, created_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        OF (row), P_I64 (segment->start), P_I64 (segment->before), P_I64 (segment->raw),
        P_I64 (segment->newlines), P_STR (segment->blob), P_BYTES (segment->frames, segment->frames_size),
        P_I64 (turn->now_us));
    if (!fault)
        fault = db_exec (db, turn, "delete from log_chunks where job = $1 and attempt = $2 and start < $3",
                         OF (row), P_I64 (end));
    return fault ? fault : archive_store_gone (db, turn, segment->blob);
}

fault_t archive_store_not_due (db_t *db, turn_t *turn, const log_row_t *row)
{
    return db_exec (db, turn, "update logs set due = 0 where job = $1 and attempt = $2", OF (row));
}

fault_t archive_store_discard (db_t *db, turn_t *turn, const char *blob, int64_t due_us)
{
    return db_exec (db, turn, "insert into log_garbage (blob, due_at) values ($1, $2)", P_STR (blob),
                    P_I64 (due_us));
}

fault_t archive_store_garbage (db_t *db, turn_t *turn, const rows_t **blobs)
{
    return db_query (db, turn, "select blob from log_garbage where due_at <= $1 order by due_at limit $2",
                     blobs, P_I64 (turn->now_us), P_I64 (GARBAGE_STEP));
}

fault_t archive_store_gone (db_t *db, turn_t *turn, const char *blob)
{
    return db_exec (db, turn, "delete from log_garbage where blob = $1", P_STR (blob));
}

fault_t archive_store_old (db_t *db, turn_t *turn, int64_t changed_before_us, const rows_t **logs)
{
    return db_query (db, turn,
                     "select job, attempt from logs where changed_at < $1 order by changed_at limit $2", logs,
                     P_I64 (changed_before_us), P_I64 (FORGET_STEP));
}

fault_t archive_store_forget (db_t *db, turn_t *turn, const char *job, int64_t attempt)
{
    fault_t fault =
        db_exec (db, turn,
                 "insert into log_garbage (blob, due_at)"
                 " select blob, cast ($3 as bigint) from log_segments where job = $1 and attempt = $2",
                 P_STR (job), P_I64 (attempt), P_I64 (turn->now_us + GRACE));
    static const char *const deletes[] = {
        "delete from log_segments where job = $1 and attempt = $2",
        "delete from log_chunks where job = $1 and attempt = $2",
        "delete from log_steps where job = $1 and attempt = $2",
        "delete from logs where job = $1 and attempt = $2",
    };
    for (size_t i = 0; !fault && i < sizeof (deletes) / sizeof (deletes[0]); i++)
        fault = db_exec (db, turn, deletes[i], P_STR (job), P_I64 (attempt));
    return fault;
}
