/* claim.h - the matcher: waiting jobs meet idle agents, and each pair becomes a lease.
 *
 * Called whenever a job was queued or an agent became idle, in the same unit of work: nothing polls. */

#ifndef OPENCICD_SCHEDULER_CLAIM_H
#define OPENCICD_SCHEDULER_CLAIM_H

#include "services/scheduler/agent_store.h"
#include "services/scheduler/job_store.h"
#include "services/scheduler/lease_store.h"
#include "services/scheduler/self.h"

#define TIMEOUT_GRACE_US SECONDS (60) // The agent keeps timeout-minutes; the server steps in so much later

MUST_USE fault_t claim_jobs (scheduler_t *self, turn_t *turn);
// What the agent of this lease is told, complete.
MUST_USE fault_t claim_offer (scheduler_t *self, turn_t *turn, const job_row_t *row, job_offer_t *out);
// After the commit: POST it to the agent, or wake the agent's parked request. `again`: a push may have reached it before.
MUST_USE fault_t claim_deliver (scheduler_t *self, turn_t *turn, const job_row_t *row,
                                const agent_row_t *agent, bool again);
// The pusher tells how it went: an actor_act_fn.
void claim_told (void *self, turn_t *turn, void *data);
const char *claim_topic (turn_t *turn, const char *agent);

#endif
