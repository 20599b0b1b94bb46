/* concurrency_store.h - who holds a concurrency group and who waits for it. The only writer of `concurrency`. */

#ifndef OPENCICD_SCHEDULER_CONCURRENCY_STORE_H
#define OPENCICD_SCHEDULER_CONCURRENCY_STORE_H

#include "common/db.h"
#include "services/scheduler/concurrency.h"

MUST_USE fault_t concurrency_store_of_group (db_t *db, turn_t *turn, const char *project, const char *name,
                                             claimants_t *out); // The holder, then those that wait, in order
MUST_USE fault_t concurrency_store_add (db_t *db, turn_t *turn, const char *project, const char *name,
                                        const claimant_t *claimant);
// Removes its claim; *held tells whether it had the group.
MUST_USE fault_t concurrency_store_remove (db_t *db, turn_t *turn, const char *project, const char *name,
                                           const char *owner, bool *held);
MUST_USE fault_t concurrency_store_hold (db_t *db, turn_t *turn, const char *project, const char *name,
                                         const char *owner);

#endif
