/* sync.h - checks whether projects' repositories can be read, after registration and again while they cannot.
 *
 * A tick sends project_sync to the scheduler itself for each that is due; that asks scm, which answers when the repository is there, when
 * it cannot be read, or, before its deadline, that it is still being cloned. The row says when the next look is due: so a scheduler
 * that ends in between costs a delay and nothing else. */

#ifndef OPENCICD_SCHEDULER_SYNC_H
#define OPENCICD_SCHEDULER_SYNC_H

#include "services/scheduler/store/project_store.h"
#include "services/scheduler/unit/self.h"

#define SYNC_ASK_AGAIN_US SECONDS (30)  // A check without an answer
#define SYNC_CLONING_US   SECONDS (1)   // While it is being cloned; scm itself waits before it answers so
#define SYNC_FAILED_US    SECONDS (10)  // After a failure; twice as long after each further one
#define SYNC_MOST_US      SECONDS (640) // At most

MUST_USE fault_t sync_tick (scheduler_t *self, turn_t *turn);
// A repository was checked: the outcome, with a detail if it is not OK. Inside a unit of work that writes.
MUST_USE fault_t sync_seen (scheduler_t *self, turn_t *turn, project_row_t *row, fault_t fault,
                            const char *detail);

#endif
