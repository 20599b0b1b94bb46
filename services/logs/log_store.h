/* log_store.h - the rows of logs: their extent, chunks, the index of segments, steps. */

#ifndef OPENCICD_LOGS_LOG_STORE_H
#define OPENCICD_LOGS_LOG_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"
#include "services/logs/grow.h"

#define SEGMENT_MAX (4 << 20) // Bytes of a log that one blob holds
#define STEPS_MAX   10000     // Of one log

typedef struct {
    const char *job;
    uint32_t attempt;
    bool there; // It has a row
    extent_t extent;
    bool sealed;
    const char *sha256;  // Once sealed
    const char *project; // Written where it is not ""; never read
} log_row_t;

// Of a log that does not exist: empty.
log_row_t log_row_none (const char *job, uint32_t attempt);
// attempt 0: the latest. If there is none: OK and log_row_none().
MUST_USE fault_t log_store_find (db_t *db, turn_t *turn, const char *job, uint32_t attempt, log_row_t *out);
// From growth->was, which the row must still have, to growth->is, sealed where `sha256` is not NULL. *done is false where it has
// changed meanwhile.
MUST_USE fault_t log_store_change (db_t *db, turn_t *turn, const log_row_t *row, const growth_t *growth,
                                   const char *sha256, bool *done);

// The pieces that hold the bytes from `from` to before `upto`, in order, the tail included.
MUST_USE fault_t log_store_pieces (db_t *db, turn_t *turn, const log_row_t *row, int64_t from, int64_t upto,
                                   pieces_t *out);
// Where the piece begins that has newline number `nth` (from 1), which the log has outside its tail.
MUST_USE fault_t log_store_line (db_t *db, turn_t *turn, const log_row_t *row, int64_t nth, int64_t *start);
MUST_USE fault_t log_store_steps (db_t *db, turn_t *turn, const log_row_t *row, marks_t *out);
// When bytes from `offset` on were printed, at most MAX_TIMES entries.
MUST_USE fault_t log_store_times (db_t *db, turn_t *turn, const log_row_t *row, int64_t offset,
                                  log_times_t *out);

// For the segment's column `frames`: three 32-bit little-endian numbers a piece.
#define FRAME_SIZE 12
void frame_put (unsigned char *into, const piece_t *piece);

#endif
