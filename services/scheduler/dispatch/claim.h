/* claim.h - the matcher: waiting jobs meet idle agents, and each pair becomes a lease.
 *
 * Called once a unit of work in which a job was queued or an agent became idle, before its commit (unit.h): nothing polls. */

#ifndef OPENCICD_SCHEDULER_CLAIM_H
#define OPENCICD_SCHEDULER_CLAIM_H

#include "services/scheduler/self.h"

// The agent enforces timeout-minutes, and cancel-timeout-minutes for the steps with always() after it; the server steps in this much
// later: their processes have ten seconds to end, and the report its way.
#define TIMEOUT_GRACE_US SECONDS (30)
struct job_row;
int64_t job_time_us (const struct job_row *row); // All that

MUST_USE fault_t claim_jobs (scheduler_t *self, turn_t *turn);

#endif
