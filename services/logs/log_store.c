/* log_store.c - see log_store.h.
 *
 * Chunks move to segments in one transaction, so a reader that reads chunks first and segments afterwards may find
 * bytes twice, but never misses them: segments win. */

#include "services/logs/log_store.h"

#include "common/base/bytes.h"

#include <string.h>

#define OF(row) P_STR ((row)->job), P_I64 ((row)->attempt)

static fault_t read_row (turn_t *turn, const rows_t *rows, log_row_t *out)
{
    extent_t *extent = &out->extent;
    size_t size;
    const void *state = rows_bytes (rows, 0, 8, &size);
    out->there = true;
    out->attempt = (uint32_t) rows_i64 (rows, 0, 0);
    extent->size = rows_i64 (rows, 0, 1);
    extent->newlines = rows_i64 (rows, 0, 2);
    extent->midline = rows_i64 (rows, 0, 3) != 0;
    extent->step = (uint32_t) rows_i64 (rows, 0, 4);
    extent->archived = rows_i64 (rows, 0, 5);
    extent->loose = rows_i64 (rows, 0, 6);
    extent->tail = rows_bytes (rows, 0, 7, &extent->tail_size);
    extent->began_us = rows_i64 (rows, 0, 11);
    extent->timed_us = rows_i64 (rows, 0, 12);
    out->sealed = rows_i64 (rows, 0, 9) != 0;
    out->sha256 = rows_str (rows, 0, 10);
    if (sha256_load (&extent->sha, state, size) != OK)
        return turn_fail (turn, BROKEN, "the checksum's state of log %s/%u is damaged", out->job,
                          out->attempt);
    return OK;
}

log_row_t log_row_none (const char *job, uint32_t attempt)
{
    log_row_t row = {.job = job, .attempt = attempt, .sha256 = "", .project = ""};
    sha256_init (&row.extent.sha);
    return row;
}

fault_t log_store_find (db_t *db, turn_t *turn, const char *job, uint32_t attempt, log_row_t *out)
{
    const rows_t *rows;
    *out = log_row_none (job, attempt);
    fault_t fault =
        db_query (db, turn,
                  "select attempt, size, newlines, midline, step, archived, loose, tail, sha_state,"
                  " sealed, sha256, began_at, timed_at from logs where job = $1 and ($2 = 0 or attempt = $2)"
                  " order by attempt desc limit 1",
                  &rows, P_STR (job), P_I64 (attempt));
    if (fault || rows_count (rows) == 0)
        return fault;
    return read_row (turn, rows, out);
}

static param_t tail_of (const extent_t *extent)
{
    return P_BYTES (extent->tail_size ? extent->tail : "", extent->tail_size);
}

// Loose bytes from which on there is something to archive.
static int64_t enough (const char *sha256)
{
    return sha256 ? 1 : SEGMENT_MAX;
}

// A new row, and what a row becomes; with what archiving changes counted on, not replaced.
static fault_t add_row (db_t *db, turn_t *turn, const log_row_t *row, const extent_t *is, const char *sha256,
                        int64_t *changed)
{
    unsigned char state[SHA256_SAVED];
    sha256_save (&is->sha, state);
    return db_change (
        db, turn,
        "insert into logs (job, attempt, size, newlines, midline, step, archived, loose, tail, sha_state,"
        " sealed, sha256, due, created_at, changed_at, project, timed_at, began_at)"
        " values ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10, $11, $12, $13, $13, $14, $15, $16)"
        " on conflict (job, attempt) do nothing",
        changed, OF (row), P_I64 (is->size), P_I64 (is->newlines), P_I64 (is->midline), P_I64 (is->step),
        P_I64 (is->loose), tail_of (is), P_BYTES (state, sizeof (state)), P_I64 (sha256 != NULL),
        P_STR (sha256 ? sha256 : ""), P_I64 (is->loose >= enough (sha256)), P_I64 (turn->now_us),
        P_STR (row->project), P_I64 (is->timed_us), P_I64 (is->began_us));
}

static fault_t change_row (db_t *db, turn_t *turn, const log_row_t *row, const growth_t *growth,
                           const char *sha256, int64_t *changed)
{
    const extent_t *is = &growth->is;
    unsigned char state[SHA256_SAVED];
    sha256_save (&is->sha, state);
    return db_change (
        db, turn,
        "update logs set size = $3, newlines = $4, midline = $5, step = $6, loose = loose + $7, tail = $8,"
        " sha_state = $9, due = case when loose + $7 >= $10 then 1 else 0 end, changed_at = $11,"
        " sealed = $13, sha256 = $14, project = case when $15 = '' then project else $15 end, timed_at = $16 where job = $1 and attempt = $2 and size = $12 and sealed = 0",
        changed, OF (row), P_I64 (is->size), P_I64 (is->newlines), P_I64 (is->midline), P_I64 (is->step),
        P_I64 (is->loose - growth->was.loose), tail_of (is), P_BYTES (state, sizeof (state)),
        P_I64 (enough (sha256)), P_I64 (turn->now_us), P_I64 (growth->was.size), P_I64 (sha256 != NULL),
        P_STR (sha256 ? sha256 : ""), P_STR (row->project), P_I64 (is->timed_us));
}

static fault_t add_chunk (db_t *db, turn_t *turn, const log_row_t *row, const piece_t *chunk)
{
    return db_exec (db, turn,
                    "insert into log_chunks (job, attempt, start, before, raw, newlines, data)"
                    " values ($1, $2, $3, $4, $5, $6, $7)",
                    OF (row), P_I64 (chunk->start), P_I64 (chunk->before), P_I64 ((int64_t) chunk->raw),
                    P_I64 ((int64_t) chunk->newlines), P_BYTES (chunk->data, chunk->packed));
}

static fault_t add_mark (db_t *db, turn_t *turn, const log_row_t *row, const mark_t *mark)
{
    return db_exec (db, turn,
                    "insert into log_marks (job, attempt, start, step, before, midline, at)"
                    " values ($1, $2, $3, $4, $5, $6, $7) on conflict (job, attempt, start) do nothing",
                    OF (row), P_I64 (mark->start), P_I64 (mark->step), P_I64 (mark->before),
                    P_I64 (mark->midline), P_I64 (mark->at_us));
}

static fault_t add_time (db_t *db, turn_t *turn, const log_row_t *row, const mark_t *mark)
{
    return db_exec (db, turn,
                    "insert into log_times (job, attempt, start, at) values ($1, $2, $3, $4)"
                    " on conflict (job, attempt, start) do nothing",
                    OF (row), P_I64 (mark->start), P_I64 (mark->at_us));
}

fault_t log_store_change (db_t *db, turn_t *turn, const log_row_t *row, const growth_t *growth,
                          const char *sha256, bool *done)
{
    int64_t changed;
    fault_t fault = row->there ? change_row (db, turn, row, growth, sha256, &changed)
                               : add_row (db, turn, row, &growth->is, sha256, &changed);
    *done = changed == 1;
    if (!*done)
        return fault;
    for (size_t i = 0; !fault && i < growth->chunks.count; i++)
        fault = add_chunk (db, turn, row, &growth->chunks.items[i]);
    for (size_t i = 0; !fault && i < growth->marks.count; i++)
        fault = add_mark (db, turn, row, &growth->marks.items[i]);
    for (size_t i = 0; !fault && i < growth->times.count; i++)
        fault = add_time (db, turn, row, &growth->times.items[i]);
    return fault;
}

// ---- reading ----

void frame_put (unsigned char *into, const piece_t *piece)
{
    bytes_put32 (into, (uint32_t) piece->raw);
    bytes_put32 (into + 4, (uint32_t) piece->packed);
    bytes_put32 (into + 8, (uint32_t) piece->newlines);
}

// One frame of a segment's row, and how the next one begins.
static piece_t frame_next (const unsigned char *frame, piece_t *next)
{
    piece_t piece = *next;
    piece.raw = bytes_get32 (frame);
    piece.packed = bytes_get32 (frame + 4);
    piece.newlines = bytes_get32 (frame + 8);
    next->start += (int64_t) piece.raw;
    next->before += (int64_t) piece.newlines;
    next->at += piece.packed;
    return piece;
}

static void add_piece (turn_t *turn, pieces_t *out, const piece_t *piece)
{
    out->items = arena_grow (turn->arena, out->items, out->count, &out->capacity, sizeof (piece_t));
    out->items[out->count++] = *piece;
    out->in_blobs |= !piece->data;
}

static fault_t add_segments (db_t *db, turn_t *turn, const log_row_t *row, int64_t from, int64_t upto,
                             pieces_t *out)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn,
                              "select start, before, blob, frames from log_segments"
                              " where job = $1 and attempt = $2 and start > $3 and start < $4 order by start",
                              &rows, OF (row), P_I64 (from - SEGMENT_MAX), P_I64 (upto));
    for (size_t i = 0; !fault && i < rows_count (rows); i++) {
        size_t size;
        const unsigned char *frames = rows_bytes (rows, i, 3, &size);
        piece_t next = {
            .start = rows_i64 (rows, i, 0), .before = rows_i64 (rows, i, 1), .blob = rows_str (rows, i, 2)};
        for (size_t at = 0; at + FRAME_SIZE <= size; at += FRAME_SIZE) {
            piece_t piece = frame_next (frames + at, &next);
            if (piece.start < upto && next.start > from)
                add_piece (turn, out, &piece);
        }
    }
    return fault;
}

static int64_t end_of (const pieces_t *pieces, int64_t from)
{
    if (pieces->count == 0)
        return from;
    const piece_t *last = &pieces->items[pieces->count - 1];
    return last->start + (int64_t) last->raw;
}

static void add_chunks (turn_t *turn, const rows_t *rows, int64_t from, pieces_t *out)
{
    for (size_t i = 0; i < rows_count (rows); i++) {
        piece_t piece = {.start = rows_i64 (rows, i, 0),
                         .before = rows_i64 (rows, i, 1),
                         .raw = (size_t) rows_i64 (rows, i, 2),
                         .newlines = (size_t) rows_i64 (rows, i, 3)};
        piece.data = rows_bytes (rows, i, 4, &piece.packed);
        if (piece.start + (int64_t) piece.raw > from && piece.start >= end_of (out, 0))
            add_piece (turn, out, &piece);
    }
}

static void add_tail (turn_t *turn, const log_row_t *row, pieces_t *out)
{
    const extent_t *extent = &row->extent;
    size_t newlines = count_newlines (extent->tail, extent->tail_size);
    piece_t piece = {.start = extent_stored (extent),
                     .before = extent->newlines - (int64_t) newlines,
                     .raw = extent->tail_size,
                     .newlines = newlines,
                     .packed = extent->tail_size,
                     .data = extent->tail};
    add_piece (turn, out, &piece);
}

static bool without_gap (const pieces_t *pieces, int64_t from, int64_t upto)
{
    int64_t at = pieces->count ? pieces->items[0].start : from;
    if (at > from)
        return false;
    for (size_t i = 0; i < pieces->count; i++) {
        if (pieces->items[i].start != at)
            return false;
        at += (int64_t) pieces->items[i].raw;
    }
    return at >= upto;
}

fault_t log_store_pieces (db_t *db, turn_t *turn, const log_row_t *row, int64_t from, int64_t upto,
                          pieces_t *out)
{
    const rows_t *chunks = NULL;
    int64_t stored = extent_stored (&row->extent), end = upto < stored ? upto : stored;
    fault_t fault = OK;
    *out = (pieces_t){0};
    if (from < stored) {
        // Chunks before segments: a chunk that moves into a segment between the two is seen twice, not missed
        if (row->extent.loose > 0)
            fault = db_query (db, turn,
                              "select start, before, raw, newlines, data from log_chunks"
                              " where job = $1 and attempt = $2 and start > $3 and start < $4 order by start",
                              &chunks, OF (row), P_I64 (from - PIECE_MAX), P_I64 (end));
        if (!fault)
            fault = add_segments (db, turn, row, from, end, out);
        if (!fault && chunks)
            add_chunks (turn, chunks, from, out);
    }
    if (!fault && upto > stored && row->extent.tail_size > 0)
        add_tail (turn, row, out);
    if (!fault && !without_gap (out, from, upto < row->extent.size ? upto : row->extent.size))
        return turn_fail (turn, GONE, "the log of job %s, attempt %u, was removed meanwhile", row->job,
                          row->attempt);
    return fault;
}

static int64_t frame_with_newline (const rows_t *rows, int64_t nth)
{
    size_t size;
    const unsigned char *frames = rows_bytes (rows, 0, 2, &size);
    piece_t next = {.start = rows_i64 (rows, 0, 0), .before = rows_i64 (rows, 0, 1)};
    int64_t start = next.start;
    for (size_t at = 0; at + FRAME_SIZE <= size && next.before < nth; at += FRAME_SIZE)
        start = frame_next (frames + at, &next).start;
    return start;
}

fault_t log_store_line (db_t *db, turn_t *turn, const log_row_t *row, int64_t nth, int64_t *start)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn,
                              "select start from log_chunks where job = $1 and attempt = $2 and before < $3"
                              " order by start desc limit 1",
                              &rows, OF (row), P_I64 (nth));
    if (!fault && rows_count (rows) > 0) {
        *start = rows_i64 (rows, 0, 0);
        return OK;
    }
    if (!fault)
        fault = db_query (db, turn,
                          "select start, before, frames from log_segments"
                          " where job = $1 and attempt = $2 and before < $3 order by start desc limit 1",
                          &rows, OF (row), P_I64 (nth));
    if (!fault && rows_count (rows) == 0)
        fault = turn_fail (turn, GONE, "the log of job %s, attempt %u, was removed meanwhile", row->job,
                           row->attempt);
    if (!fault)
        *start = frame_with_newline (rows, nth);
    return fault;
}

fault_t log_store_steps (db_t *db, turn_t *turn, const log_row_t *row, marks_t *out)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn,
                              "select step, start, before, midline, at from log_marks"
                              " where job = $1 and attempt = $2 order by start limit $3",
                              &rows, OF (row), P_I64 (STEPS_MAX));
    *out = (marks_t){0};
    TRY (fault);
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof (mark_t));
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = (mark_t){.step = (uint32_t) rows_i64 (rows, i, 0),
                                 .start = rows_i64 (rows, i, 1),
                                 .before = rows_i64 (rows, i, 2),
                                 .midline = rows_i64 (rows, i, 3) != 0,
                                 .at_us = rows_i64 (rows, i, 4)};
    return OK;
}

fault_t log_store_times (db_t *db, turn_t *turn, const log_row_t *row, int64_t offset, log_times_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select start, at from log_marks where job = $1 and attempt = $2 and start >= $3"
                   " union all"
                   " select start, at from log_times where job = $1 and attempt = $2 and start >= $3"
                   " order by start limit $4",
                   &rows, OF (row), P_I64 (offset), P_I64 (MAX_TIMES + 1)));
    size_t count = rows_count (rows);
    bool more = count > MAX_TIMES;
    *out = (log_times_t){.attempt = row->attempt,
                         .items.count = more ? MAX_TIMES : count,
                         .next = more ? rows_i64 (rows, MAX_TIMES, 0) : 0};
    out->items.items = arena_array (turn->arena, count + 1, sizeof (log_time_t));
    for (size_t i = 0; i < out->items.count; i++)
        out->items.items[i] = (log_time_t){rows_i64 (rows, i, 0), rows_i64 (rows, i, 1)};
    return OK;
}
