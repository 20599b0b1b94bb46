/* lost.h - an attempt ends without its agent's last word: the job goes back to the queue, or ends. */

#ifndef OPENCICD_SCHEDULER_LOST_H
#define OPENCICD_SCHEDULER_LOST_H

#include "services/scheduler/lease_store.h"
#include "services/scheduler/progress.h"

typedef struct {
    const char *reason;  // "agent lost"
    agent_state_t agent; // What becomes of it
    bool forget;         // It never got the job: the attempt's number is given again
    bool counts;         // Against max-attempts
    bool ends;           // No other try, whatever is left
    result_t result;     // With `ends`
} lost_t;

// Only from a tick or a posted result: the log is sealed with what is there, and nobody waits for that.
MUST_USE fault_t lost_job (scheduler_t *self, turn_t *turn, const lease_t *lease, const lost_t *how);
// In a handler, when the agent is there without its job: lets the tick that follows find the lease expired.
MUST_USE fault_t lost_soon (scheduler_t *self, turn_t *turn, lease_t *lease);

#endif
