/* seal_store.h - logs that are still to be sealed with what is stored. The only writer of `seals`.
 *
 * A row is made in the transaction that ends an attempt without its agent's final status, and goes when the log collector has answered.
 * Times are the leases' clock's: a replica's wall clock cannot delay a row. */

#ifndef OPENCICD_SCHEDULER_SEAL_STORE_H
#define OPENCICD_SCHEDULER_SEAL_STORE_H

#include "common/db/db.h"

#define SEALS_AT_ONCE 64 // Asked for by one tick

typedef struct {
    const char *job_id;
    uint32_t attempt;
} seal_t;

typedef struct {
    seal_t *items;
    size_t count;
} seals_t;

MUST_USE fault_t seal_store_add (db_t *db, turn_t *turn, const char *job, uint32_t attempt, int64_t at);
MUST_USE fault_t seal_store_due (db_t *db, turn_t *turn, int64_t now, seals_t *out);
MUST_USE fault_t seal_store_asked (db_t *db, turn_t *turn, const seal_t *seal, int64_t again_at);
MUST_USE fault_t seal_store_remove (db_t *db, turn_t *turn, const char *job, uint32_t attempt);
MUST_USE fault_t seal_store_pull_back (db_t *db, turn_t *turn,
                                       int64_t now); // The clock was set back: all are due

#endif
