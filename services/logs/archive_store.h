/* archive_store.h - the rows of archiving: which logs are due, segments, unreferenced blobs, logs to be removed. */

#ifndef OPENCICD_LOGS_ARCHIVE_STORE_H
#define OPENCICD_LOGS_ARCHIVE_STORE_H

#include "proto/limits.h"
#include "services/logs/log_store.h"

typedef struct {
    const char *blob; // Key
    int64_t start;
    int64_t before;
    int64_t raw;
    int64_t newlines;
    const void *frames;
    size_t frames_size;
} segment_t;

// A log's position in the order in which logs are archived.
typedef struct {
    int64_t changed_us;
    char job[MAX_ID + 1];
} due_t;

// The next log after `after` with chunks to archive; *at is its position. NOT_FOUND.
MUST_USE fault_t archive_store_due (db_t *db, turn_t *turn, const due_t *after, due_t *at, uint32_t *attempt);
// Its first chunks, at most SEGMENT_MAX bytes, in order and without a gap: none where the first is missing.
MUST_USE fault_t archive_store_chunks (db_t *db, turn_t *turn, const log_row_t *row, pieces_t *out);
// Replaces chunks by the segment that holds them. *done is false if another collector was faster.
MUST_USE fault_t archive_store_take (db_t *db, turn_t *turn, const log_row_t *row, const segment_t *segment,
                                     bool *done);
MUST_USE fault_t archive_store_not_due (db_t *db, turn_t *turn, const log_row_t *row);

// A blob that is to be removed at that time, unless a segment takes it before.
MUST_USE fault_t archive_store_discard (db_t *db, turn_t *turn, const char *blob, int64_t due_us);
#define GARBAGE_STEP 64 // Blobs of one step
MUST_USE fault_t archive_store_garbage (db_t *db, turn_t *turn, const rows_t **blobs);
MUST_USE fault_t archive_store_removed (db_t *db, turn_t *turn, const char *blob);
MUST_USE fault_t archive_store_postpone (db_t *db, turn_t *turn, const char *blob, int64_t due_us);

#define FORGET_STEP   16                   // Logs of one step
#define UNSEALED_KEPT SECONDS (86400 * 30) // A log that was never sealed expires no sooner than that
MUST_USE fault_t archive_store_old (db_t *db, turn_t *turn, int64_t changed_before_us, const rows_t **logs);
// Removes a log's rows; its blobs become garbage. The second: those of all attempts of these jobs.
MUST_USE fault_t archive_store_forget (db_t *db, turn_t *turn, const char *job, int64_t attempt);
MUST_USE fault_t archive_store_purge (db_t *db, turn_t *turn, const char *const *jobs, size_t count);

// Bytes of the logs that changed last at a time, latest first.
typedef struct {
    int64_t changed_us;
    int64_t size;
} log_size_t;

typedef struct {
    log_size_t *items;
    size_t count;
} log_sizes_t;

#define SIZES_STEP 500 // Times of one step
MUST_USE fault_t archive_store_sizes (db_t *db, turn_t *turn, int64_t before_us, log_sizes_t *out);
// The same of one project's sealed logs; the project after another one ("" for none); and the oldest of them before a time.
MUST_USE fault_t archive_store_project_sizes (db_t *db, turn_t *turn, const char *project, int64_t before_us,
                                              log_sizes_t *out);
MUST_USE fault_t archive_store_project_after (db_t *db, turn_t *turn, const char *project, const char **out);
MUST_USE fault_t archive_store_project_old (db_t *db, turn_t *turn, const char *project, int64_t before_us,
                                            const rows_t **logs);

#endif
