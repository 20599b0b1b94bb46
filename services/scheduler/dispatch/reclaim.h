/* reclaim.h - an attempt ends without its agent's final status: the job goes back to the queue as another attempt, or ends.
 *
 * The number of an attempt is never reused, whether an agent has seen it or not: it is the fence. */

#ifndef OPENCICD_SCHEDULER_RECLAIM_H
#define OPENCICD_SCHEDULER_RECLAIM_H

#include "services/scheduler/store/agent_store.h"
#include "services/scheduler/store/lease_store.h"
#include "services/scheduler/unit/self.h"

#define OFFERS_A_TRY \
    5 // At most this many attempts for each of max-attempts, including those that do not count
#define BACKOFF_MAX_US SECONDS (60) // Of an agent that repeatedly did not take what was offered

typedef struct {
    const char *reason;     // "agent lost"
    agent_state_t agent;    // What becomes of it
    bool counts;            // Against max-attempts
    bool not_taken;         // The agent did not take what was offered: it is backed off, longer each time
    bool ends;              // No other try, whatever is left
    result_t result;        // Of this attempt, and with `ends` of the job; none: failure
    const char *log_sha256; // Of the log that was sealed with a final status; NULL: none was
    int64_t log_size;
} reclaim_t;

MUST_USE fault_t reclaim_job (scheduler_t *self, turn_t *turn, const lease_t *lease, const reclaim_t *how);
// In a handler, when the agent is there without its job: the tick that follows ends the lease.
MUST_USE fault_t reclaim_soon (scheduler_t *self, turn_t *turn, lease_t *lease);
// The lease has expired, or is gone: why, and what becomes of its agent.
reclaim_t reclaim_reason (const lease_t *lease);
int64_t
reclaim_backoff_us (int64_t failures); // How long an agent is backed off after this many failures in a row

#endif
