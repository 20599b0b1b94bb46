/* archive_store.h - the rows of archiving: which logs are due, segments, blobs that nobody speaks of, logs to be forgotten. */

#ifndef OPENCICD_LOGS_ARCHIVE_STORE_H
#define OPENCICD_LOGS_ARCHIVE_STORE_H

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

// A log with chunks that are to be archived. NOT_FOUND.
MUST_USE fault_t archive_store_due (db_t *db, turn_t *turn, const char **job, uint32_t *attempt);
// Its first chunks, at most SEGMENT_MAX bytes, in order.
MUST_USE fault_t archive_store_chunks (db_t *db, turn_t *turn, const log_row_t *row, pieces_t *out);
// The segment takes the place of the chunks that it holds. *done is false where another collector was faster.
MUST_USE fault_t archive_store_take (db_t *db, turn_t *turn, const log_row_t *row, const segment_t *segment,
                                     bool *done);
MUST_USE fault_t archive_store_not_due (db_t *db, turn_t *turn, const log_row_t *row);

// A blob that is to be removed at that time, unless a segment takes it before.
MUST_USE fault_t archive_store_discard (db_t *db, turn_t *turn, const char *blob, int64_t due_us);
#define GARBAGE_STEP 16 // Blobs of one step
MUST_USE fault_t archive_store_garbage (db_t *db, turn_t *turn, const rows_t **blobs);
MUST_USE fault_t archive_store_gone (db_t *db, turn_t *turn, const char *blob);

#define FORGET_STEP 16 // Logs of one step
MUST_USE fault_t archive_store_old (db_t *db, turn_t *turn, int64_t changed_before_us, const rows_t **logs);
// Removes a log's rows; its blobs become garbage.
MUST_USE fault_t archive_store_forget (db_t *db, turn_t *turn, const char *job, int64_t attempt);

#endif
