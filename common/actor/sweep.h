/* sweep.h - removes what has expired in steps: first its rows, which leaves its blobs as garbage; then those blobs; then the rows
 * that named them. A process that ends in between loses none of them. For the tick of a service that keeps blobs.
 *
 * Blobs are deleted by helper threads, several at a time and outside any transaction, because a store may be slow. */

#ifndef OPENCICD_SWEEP_H
#define OPENCICD_SWEEP_H

#include "common/actor/background.h"
#include "common/blob/blob.h"
#include "common/db/db.h"

// A service's statements. Each gives or removes a few at a time.
typedef struct {
    const char *what; // "logs", for the log
    // Rows of two columns, the arguments of remove(): what was not touched since then, and what else has expired.
    fault_t (*over) (db_t *db, turn_t *turn, int64_t before_us, const rows_t **rows);
    fault_t (*remove) (db_t *db, turn_t *turn, const char *id, int64_t number);
    fault_t (*garbage) (db_t *db, turn_t *turn,
                        const rows_t **blobs); // Keys of blobs, the longest overdue first
    fault_t (*removed) (db_t *db, turn_t *turn, const char *blob);
    fault_t (*postpone) (db_t *db, turn_t *turn, const char *blob, int64_t due_us); // It could not be deleted
} sweep_t;

// A part of the service's own state; all but the first four are zero at first.
typedef struct {
    const sweep_t *of;
    db_t *db;
    blob_t *blob;
    background_t *background;
    int64_t at_us; // When the next step is due
    int under_way; // Running tasks that delete blobs
} sweeper_t;

// Does one step if it is due; *next_us is brought forward to the next one. What the store cannot delete is
// tried again later and makes room for the others; a fault is the database's, and undoes the step.
MUST_USE fault_t sweep (sweeper_t *self, turn_t *turn, int64_t before_us, int64_t *next_us);
void sweep_soon (sweeper_t *self, turn_t *turn); // Something else has expired

#endif
