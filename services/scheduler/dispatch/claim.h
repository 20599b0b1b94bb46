/* claim.h - the matcher: waiting jobs meet idle agents, and each pair becomes a lease.
 *
 * Called once a unit of work in which a job was queued or an agent became idle, before its commit (unit.h): nothing polls. Only what
 * changed in it is looked at, and what that could meet. */

#ifndef OPENCICD_SCHEDULER_CLAIM_H
#define OPENCICD_SCHEDULER_CLAIM_H

#include "services/scheduler/unit/self.h"

MUST_USE fault_t claim_jobs (scheduler_t *self, turn_t *turn, const match_request_t *request);

#endif
