/* lease.h - ends an attempt's lease, whatever the cause, and asks its agent to stop.
 *
 * A pending request to another service is a row until it has been answered: an attempt whose log was not sealed with its final
 * status is a row of `seals`, a removed agent whose token is to be revoked is a row of `agents`. The tick sends both. */

#ifndef OPENCICD_SCHEDULER_LEASE_H
#define OPENCICD_SCHEDULER_LEASE_H

#include "services/scheduler/store/agent_store.h"
#include "services/scheduler/store/job_store.h"
#include "services/scheduler/unit/self.h"

#define PARK_GRACE_US SECONDS (1) // Between two requests of a parked agent it can be offered a job

// After the commit this process knows that the agent was given this attempt, until it sees it end. That an agent was given an attempt stays
// true, since no number is used twice; that the attempt is the current one is to be read where it matters.
void lease_remember (scheduler_t *self, turn_t *turn, const job_t *job);
const known_lease_t *lease_known (const scheduler_t *self, const char *job,
                                  uint32_t attempt); // NULL: read it

// What the end of a job's lease depends on, under the lock of all writers; valid where nothing of it is written in between.
typedef struct {
    const rows_t *lease;
} lease_rows_t;
MUST_USE fault_t lease_ask (scheduler_t *self, turn_t *turn, const char *job, lease_rows_t *out);

// The current attempt of `row` is over: its lease is removed, its agent becomes `agent` (an ephemeral one is removed), its project has one
// running job less. Harmless without such a lease. Only row->job.log_sha256 says that the log is sealed.
// `asked`: what was requested, and waited for since.
MUST_USE fault_t lease_end (scheduler_t *self, turn_t *turn, const job_row_t *row, agent_state_t agent,
                            const lease_rows_t *asked);

// Asks the agent of this job to stop, with its next report and by DELETE. *undelivered: no agent can know of the job yet, so that it ends
// without one; it has no lease, or one that was not fetched.
MUST_USE fault_t lease_stop (scheduler_t *self, turn_t *turn, const job_row_t *row, bool hard,
                             bool *undelivered);

// Removes an agent: its row stays until its tokens are revoked.
MUST_USE fault_t lease_remove_agent (scheduler_t *self, turn_t *turn, const char *id);

#endif
