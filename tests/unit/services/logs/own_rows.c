/* own_rows.c - what is written of one attempt's log leaves all others as they are, and what has changed meanwhile is not overwritten. */

#include "tests/unit/services/own_rows.h"

#include "services/logs/archive_store.h"
#include "services/logs/log_store.h"
#include "tests/unit/test.h"

#define LOG_COLUMNS                                                                                            \
    "insert into logs (job, attempt, size, newlines, midline, step, archived, loose, tail, sha_state, sealed," \
    " sha256, due, created_at, changed_at) values "
#define LOG(job, attempt, sealed) \
    "('" job "', " attempt ", 10, 0, 0, 1, 0, 10, $1, $1, " sealed ", '', 1, 1, 1)"

static const char *const rows[] = {
    LOG_COLUMNS LOG ("j1", "1", "0") ", " LOG ("j1", "2", "0") ", " LOG ("j2", "1", "0") ", " LOG ("j3", "1",
                                                                                                   "1"),
    "insert into log_chunks (job, attempt, start, before, raw, newlines, data) values ('j1', 1, 0, 0, 5, 0, $1),"
    " ('j1', 1, 5, 0, 5, 0, $1), ('j1', 2, 0, 0, 5, 0, $1), ('j2', 1, 0, 0, 5, 0, $1)",
    "insert into log_segments (job, attempt, start, before, raw, newlines, blob, frames, created_at) values"
    " ('j1', 1, 50, 0, 5, 0, 'b1', $1, 1), ('j1', 2, 50, 0, 5, 0, 'b2', $1, 1), ('j2', 1, 50, 0, 5, 0, 'b3', $1, 1)",
    "insert into log_marks (job, attempt, start, step, before, midline, at) values ('j1', 1, 0, 1, 0, 0, 1),"
    " ('j1', 2, 0, 1, 0, 0, 1), ('j2', 1, 0, 1, 0, 0, 1)",
    "insert into log_times (job, attempt, start, at) values ('j1', 1, 0, 1), ('j1', 2, 0, 1), ('j2', 1, 0, 1)",
    "insert into log_garbage (blob, due_at) values ('g1', 1), ('g2', 1)",
    NULL,
};

static bool done;

// Its row as it was read, and what it becomes.
static fault_t grow (db_t *db, turn_t *turn, const char *job, int64_t was_size)
{
    log_row_t row = log_row_none (job, 1);
    growth_t growth = {.arena = turn->arena, .was = {.size = was_size}, .is = {.size = was_size + 5}};
    row.there = true;
    row.extent = growth.was;
    sha256_init (&growth.is.sha);
    return log_store_change (db, turn, &row, &growth, NULL, &done);
}

static fault_t take (db_t *db, turn_t *turn, int64_t start)
{
    const log_row_t row = log_row_none ("j1", 1);
    const segment_t segment = {.start = start, .raw = 5, .blob = "g1", .frames = ""};
    return archive_store_take (db, turn, &row, &segment, &done);
}

static fault_t not_due (db_t *db, turn_t *turn, int64_t loose, int64_t archived, bool sealed)
{
    log_row_t row = log_row_none ("j1", 1);
    row.extent.loose = loose;
    row.extent.archived = archived;
    row.sealed = sealed;
    return archive_store_not_due (db, turn, &row);
}

static const char *const purged[] = {"j1"};

ACT (changed, grow (db, turn, "j1", 10))
ACT (changed_meanwhile, grow (db, turn, "j1", 9))
ACT (changed_sealed, grow (db, turn, "j3", 10))
ACT (segment_taken, take (db, turn, 0))
ACT (segment_taken_again, take (db, turn, 5))
ACT (is_not_due, not_due (db, turn, 10, 0, false))
ACT (not_due_but_longer, not_due (db, turn, 9, 0, false))
ACT (not_due_but_archived, not_due (db, turn, 10, 5, false))
ACT (not_due_but_sealed, not_due (db, turn, 10, 0, true))
ACT (discarded, archive_store_discard (db, turn, "g3", 9))
ACT (removed, archive_store_removed (db, turn, "g1"))
ACT (postponed, archive_store_postpone (db, turn, "g1", 9))
ACT (forgotten, archive_store_forget (db, turn, "j1", 1))
ACT (all_purged, archive_store_purge (db, turn, purged, 1))

#define ITS "job = 'j1' and attempt = 1"

static const own_rows_t cases[] = {
    OF (changed, "logs", ITS),
    OF (changed_meanwhile, "logs", NULL),
    OF (changed_sealed, "logs", NULL),
    OF (segment_taken, "logs", ITS),
    OF (segment_taken, "log_segments", ITS " and start = 0"),
    OF (segment_taken, "log_chunks", ITS " and start = 0"),
    OF (segment_taken, "log_garbage", "blob = 'g1'"),
    OF (segment_taken_again, "logs", NULL),
    OF (segment_taken_again, "log_segments", NULL),
    OF (segment_taken_again, "log_chunks", NULL),
    OF (segment_taken_again, "log_garbage", NULL),
    OF (is_not_due, "logs", ITS),
    OF (not_due_but_longer, "logs", NULL),
    OF (not_due_but_archived, "logs", NULL),
    OF (not_due_but_sealed, "logs", NULL),
    OF (discarded, "log_garbage", "blob = 'g3'"),
    OF (removed, "log_garbage", "blob = 'g1'"),
    OF (postponed, "log_garbage", "blob = 'g1'"),
    OF (forgotten, "logs", ITS),
    OF (forgotten, "log_chunks", ITS),
    OF (forgotten, "log_segments", ITS),
    OF (forgotten, "log_marks", ITS),
    OF (forgotten, "log_times", ITS),
    OF (forgotten, "log_garbage", "blob = 'b1'"),
    OF (all_purged, "logs", "job = 'j1'"),
    OF (all_purged, "log_chunks", "job = 'j1'"),
    OF (all_purged, "log_segments", "job = 'j1'"),
    OF (all_purged, "log_marks", "job = 'j1'"),
    OF (all_purged, "log_times", "job = 'j1'"),
    OF (all_purged, "log_garbage", "blob in ('b1', 'b2')"),
};

TEST (what_is_written_of_one_log_leaves_all_others_as_they_are)
{
    own_rows_check ("logs", rows, cases, sizeof cases / sizeof *cases);
}
