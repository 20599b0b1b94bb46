/* claim.h - the matcher: waiting jobs meet idle agents, and each pair becomes a lease.
 *
 * Called once a unit of work in which a job was queued or an agent became idle, before its commit (unit.h): nothing polls. */

#ifndef OPENCICD_SCHEDULER_CLAIM_H
#define OPENCICD_SCHEDULER_CLAIM_H

#include "services/scheduler/self.h"

// The agent enforces timeout-minutes; the server steps in this much later: steps with always() have five minutes (GitHub's default of
// cancel-timeout-minutes), their processes ten seconds to end, and the report its way.
#define TIMEOUT_GRACE_US SECONDS (5 * 60 + 30)

MUST_USE fault_t claim_jobs (scheduler_t *self, turn_t *turn);

#endif
