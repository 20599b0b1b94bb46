/* sweep.h - what is over goes away, bit by bit: first its rows, which leave its blobs behind as garbage; then those blobs; then the rows
 * that spoke of them. A process that ends in between loses none of them. For the tick of a service that keeps blobs. */

#ifndef OPENCICD_SWEEP_H
#define OPENCICD_SWEEP_H

#include "common/blob.h"
#include "common/db.h"

// A service's statements. Each gives or removes a few at a time.
typedef struct {
    const char *what; // "logs", for the log
    // Rows of two columns, which remove() takes: what nobody touched since then, and what else is over.
    fault_t (*over) (db_t *db, turn_t *turn, int64_t before_us, const rows_t **rows);
    fault_t (*remove) (db_t *db, turn_t *turn, const char *id, int64_t number);
    fault_t (*garbage) (db_t *db, turn_t *turn, const rows_t **blobs); // Keys of blobs
    fault_t (*gone) (db_t *db, turn_t *turn, const char *blob);
} sweep_t;

// One step, where its time has come; *at_us is when the next is due, and 0 at first. Gives it.
int64_t sweep (const sweep_t *self, db_t *db, blob_t *blob, turn_t *turn, int64_t before_us, int64_t *at_us);

#endif
