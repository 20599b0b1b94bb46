/* concurrency_store.h - holders and waiting claimants of concurrency groups. The only writer of `concurrency`. */

#ifndef OPENCICD_SCHEDULER_CONCURRENCY_STORE_H
#define OPENCICD_SCHEDULER_CONCURRENCY_STORE_H

#include "common/db/db.h"
#include "services/scheduler/base/run_state.h"

MUST_USE fault_t concurrency_store_of_group (db_t *db, turn_t *turn, const char *project, const char *name,
                                             claimants_t *out); // The holder, then those that wait, in order
MUST_USE fault_t concurrency_store_add (db_t *db, turn_t *turn, const char *project, const char *name,
                                        const claimant_t *claimant);
// Removes its claim; *held: whether it had the group.
MUST_USE fault_t concurrency_store_remove (db_t *db, turn_t *turn, const char *project, const char *name,
                                           const char *owner, bool *held);
// Removes the claims of those that wait, except `owner`'s.
MUST_USE fault_t concurrency_store_clear (db_t *db, turn_t *turn, const char *project, const char *name,
                                          const char *owner);
MUST_USE fault_t concurrency_store_hold (db_t *db, turn_t *turn, const char *project, const char *name,
                                         const char *owner);
// The group that a claimant waits for, and who holds it. NULL where it does not wait.
MUST_USE fault_t concurrency_store_waits_for (db_t *db, turn_t *turn, const char *claimant, const char **name,
                                              const char **holder);

#endif
