/* archive_store.c - see archive_store.h. A blob is noted as garbage before it is written and taken off that list when its
 * segment is committed: whatever happens between, it is found and removed. */

#include "services/logs/archive_store.h"

#include "common/base/clock.h"

#include <stdio.h>

#define OF(row)    P_STR ((row)->job), P_I64 ((row)->attempt)
#define CHUNKS_MAX 1024 // Of one segment
#define GRACE \
    SECONDS (60) // Time for readers of what is removed, and so that its rows are surely gone before its blobs

fault_t archive_store_due (db_t *db, turn_t *turn, const due_t *after, due_t *at, uint32_t *attempt)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select job, attempt, changed_at from logs where due = 1 and (changed_at, job) > ($1, $2)"
                   " order by changed_at, job limit $3",
                   &rows, P_I64 (after->changed_us), P_STR (after->job), P_I64 (1)));
    if (rows_count (rows) == 0)
        return NOT_FOUND;
    snprintf (at->job, sizeof (at->job), "%s", rows_str (rows, 0, 0));
    *attempt = (uint32_t) rows_i64 (rows, 0, 1);
    at->changed_us = rows_i64 (rows, 0, 2);
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
    TRY (fault);
    int64_t next = row->extent.archived;
    out->items = arena_array (turn->arena, rows_count (rows) + 1, sizeof (piece_t));
    for (size_t i = 0; i < rows_count (rows); i++) {
        piece_t *piece = &out->items[i];
        *piece = (piece_t){.start = rows_i64 (rows, i, 0),
                           .before = rows_i64 (rows, i, 1),
                           .raw = (size_t) rows_i64 (rows, i, 2),
                           .newlines = (size_t) rows_i64 (rows, i, 3)};
        piece->data = rows_bytes (rows, i, 4, &piece->packed);
        if (piece->start != next || next + (int64_t) piece->raw > row->extent.archived + SEGMENT_MAX)
            break;
        next += (int64_t) piece->raw;
        out->count++;
    }
    return OK;
}

fault_t archive_store_take (db_t *db, turn_t *turn, const log_row_t *row, const segment_t *segment,
                            bool *done)
{
    int64_t end = segment->start + segment->raw;
    int64_t changed;
    fault_t fault = db_change (
        db, turn,
        "update logs set archived = $3, loose = loose - $4,"
        " due = case when loose - $4 >= $5 or (sealed = 1 and loose - $4 > 0) then 1 else 0 end"
        " where job = $1 and attempt = $2 and archived = $6",
        &changed, OF (row), P_I64 (end), P_I64 (segment->raw), P_I64 (SEGMENT_MAX), P_I64 (segment->start));
    *done = changed == 1;
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
    return fault ? fault : archive_store_removed (db, turn, segment->blob);
}

// Only while it is as it was read: what another collector appended or sealed meanwhile may have made it due again.
fault_t archive_store_not_due (db_t *db, turn_t *turn, const log_row_t *row)
{
    return db_exec (db, turn,
                    "update logs set due = 0"
                    " where job = $1 and attempt = $2 and loose = $3 and archived = $4 and sealed = $5",
                    OF (row), P_I64 (row->extent.loose), P_I64 (row->extent.archived), P_I64 (row->sealed));
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

fault_t archive_store_removed (db_t *db, turn_t *turn, const char *blob)
{
    return db_exec (db, turn, "delete from log_garbage where blob = $1", P_STR (blob));
}

fault_t archive_store_postpone (db_t *db, turn_t *turn, const char *blob, int64_t due_us)
{
    return db_exec (db, turn, "update log_garbage set due_at = $2 where blob = $1", P_STR (blob),
                    P_I64 (due_us));
}

fault_t archive_store_old (db_t *db, turn_t *turn, int64_t changed_before_us, const rows_t **logs)
{
    return db_query (db, turn,
                     "select job, attempt from logs where changed_at < $1 and (sealed = 1 or changed_at < $2)"
                     " order by changed_at limit $3",
                     logs, P_I64 (changed_before_us), P_I64 (turn->now_us - UNSEALED_KEPT),
                     P_I64 (FORGET_STEP));
}

// The blobs first: their keys are in the rows that go.
#define FORGET(which)                                                                                         \
    "insert into log_garbage (blob, due_at) select blob, cast ($1 as bigint) from log_segments where " which, \
        "delete from log_segments where " which, "delete from log_chunks where " which,                       \
        "delete from log_marks where " which, "delete from log_times where " which,                           \
        "delete from log_summaries where " which, "delete from logs where " which

fault_t archive_store_forget (db_t *db, turn_t *turn, const char *job, int64_t attempt)
{
    static const char *const statements[] = {FORGET ("$1 > 0 and job = $2 and attempt = $3")};
    for (size_t i = 0; i < sizeof (statements) / sizeof (statements[0]); i++)
        TRY (db_exec (db, turn, statements[i], P_I64 (turn->now_us + GRACE), P_STR (job), P_I64 (attempt)));
    return OK;
}

#define PURGED 16 // Jobs of one statement

static fault_t purge (db_t *db, turn_t *turn, const char *const *jobs, size_t count)
{
    static const char *const statements[] = {FORGET (
        "$1 > 0 and job in ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)")};
    param_t params[PURGED + 1] = {P_I64 (turn->now_us + GRACE)};
    for (size_t i = 0; i < PURGED; i++)
        params[i + 1] = P_STR (i < count ? jobs[i] : "");
    for (size_t i = 0; i < sizeof (statements) / sizeof (statements[0]); i++)
        TRY (db_run (db, turn, statements[i], NULL, false, NULL, PURGED + 1, params));
    return OK;
}

fault_t archive_store_purge (db_t *db, turn_t *turn, const char *const *jobs, size_t count)
{
    for (size_t i = 0; i < count; i += PURGED)
        TRY (purge (db, turn, jobs + i, count - i < PURGED ? count - i : PURGED));
    return OK;
}

static void read_sizes (turn_t *turn, const rows_t *rows, log_sizes_t *out)
{
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof (log_size_t));
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = (log_size_t){rows_i64 (rows, i, 0), rows_i64 (rows, i, 1)};
}

fault_t archive_store_sizes (db_t *db, turn_t *turn, int64_t before_us, log_sizes_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select changed_at, cast (sum (size) as bigint) from logs where changed_at < $1"
                   " group by changed_at order by changed_at desc limit $2",
                   &rows, P_I64 (before_us), P_I64 (SIZES_STEP)));
    read_sizes (turn, rows, out);
    return OK;
}

#define OF_PROJECT " from logs where project <> '' and project = $1 and changed_at < $2"

fault_t archive_store_project_sizes (db_t *db, turn_t *turn, const char *project, int64_t before_us,
                                     log_sizes_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select changed_at, cast (sum (size) as bigint)" OF_PROJECT
                   " group by changed_at order by changed_at desc limit $3",
                   &rows, P_STR (project), P_I64 (before_us), P_I64 (SIZES_STEP)));
    read_sizes (turn, rows, out);
    return OK;
}

fault_t archive_store_project_after (db_t *db, turn_t *turn, const char *project, const char **out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select project from logs where project <> '' and project > $1 order by project limit 1",
                   &rows, P_STR (project)));
    *out = rows_count (rows) > 0 ? rows_str (rows, 0, 0) : "";
    return OK;
}

fault_t archive_store_project_old (db_t *db, turn_t *turn, const char *project, int64_t before_us,
                                   const rows_t **logs)
{
    return db_query (db, turn, "select job, attempt" OF_PROJECT " order by changed_at limit $3", logs,
                     P_STR (project), P_I64 (before_us), P_I64 (FORGET_STEP));
}
