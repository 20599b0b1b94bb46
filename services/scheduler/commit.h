/* commit.h - a unit of work (unit/unit.h) from its beginning to its commit: rows of the actor's class.
 *
 * Before the commit the jobs and agents that it let meet are matched (dispatch/claim.h), so that leases share the commit of what led to
 * them. A failure of the matcher never loses other work: at first all is rolled back with it; in the repetition, and for a while after
 * it, the matcher's work can be rolled back alone. */

#ifndef OPENCICD_SCHEDULER_COMMIT_H
#define OPENCICD_SCHEDULER_COMMIT_H

#include "common/base/turn.h"

MUST_USE fault_t commit_begin (void *self, turn_t *turn);
MUST_USE fault_t commit_prepare (void *self);
MUST_USE fault_t commit_write (void *self, turn_t *turn);
void commit_rollback (void *self);
uint64_t commit_writes (void *self);

#endif
