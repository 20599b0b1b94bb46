/* tails.h - the last bytes of logs that are followed, in memory: what just arrived is shown to all its viewers without a query.
 *
 * A cache, never the truth. A tail is current only within the batch in which its log's row was last read or written: what another
 * collector committed before that was seen then, and what it commits later is announced after this batch, when a reader that found nothing
 * is already waiting for it. A tail that lags its row starts anew at the row's end: those bytes are read from the database.
 *
 * Bounds: TAIL_KEPT bytes a log beside what came last, TAILS_BYTES of all, TAILS_MAX logs. The least recently read one makes room. */

#ifndef OPENCICD_LOGS_TAILS_H
#define OPENCICD_LOGS_TAILS_H

#include "common/base/clock.h"
#include "services/logs/log_store.h"

#define TAIL_KEPT   (64 << 10)
#define TAILS_MAX   64
#define TAILS_BYTES (8 << 20)
#define TAIL_IDLE   SECONDS (60) // Dropped when not read for this long

typedef struct tails tails_t;
typedef struct tail tail_t;

tails_t *tails_new (void);
void tails_destroy (tails_t **self_p);
void tails_batch (tails_t *self);                // A batch begins: none is current
void tails_clear (tails_t *self);                // What was written in this batch is undone
void tails_idle (tails_t *self, int64_t now_us); // Drops those that are not read

// NULL for none. It counts as read.
tail_t *tails_find (tails_t *self, const char *job, uint32_t attempt, int64_t now_us);
// Starts one at the end of the log as in `row`, read in this batch.
void tails_follow (tails_t *self, const log_row_t *row, int64_t now_us);
// The row was read in this batch: from here on the tail matches it.
void tails_check (tails_t *self, tail_t *tail, const log_row_t *row);
// Where there is one: these bytes were written at `offset`, those that the log had before included.
void tails_add (tails_t *self, const log_row_t *row, int64_t offset, uint32_t step, const void *data,
                size_t size);
void tails_seal (tails_t *self, const log_row_t *row);

bool tail_is_current (const tails_t *self, const tail_t *tail);
bool tail_reaches (const tail_t *self, int64_t offset); // It holds all from there on
// What it knows of its log: the row without checksum and inline bytes, one piece, the steps of that piece. Borrowed until the batch ends.
void tail_show (tail_t *self, log_row_t *row, piece_t *piece, marks_t *marks);

#endif
