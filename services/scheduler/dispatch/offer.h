/* offer.h - the offer of a leased job, and how it reaches the agent: pushed, or fetched by its parked request. */

#ifndef OPENCICD_SCHEDULER_OFFER_H
#define OPENCICD_SCHEDULER_OFFER_H

#include "services/scheduler/store/agent_store.h"
#include "services/scheduler/store/job_store.h"
#include "services/scheduler/store/lease_store.h"
#include "services/scheduler/unit/self.h"

#define OFFER_MAX (4 << 20) // Bytes of an offer in JSON

// The agent enforces timeout-minutes, and cancel-timeout-minutes for the steps with always() after it; the server steps in this much
// later: their processes have ten seconds to end, and the report its way.
#define TIMEOUT_GRACE_US SECONDS (30)
int64_t job_time_us (const job_row_t *row); // All that

// The whole of it; TOO_LARGE past OFFER_MAX. It may be taken until `until`, which is written into it as what is left from now.
// `read`: of offer_store_read_later.
MUST_USE fault_t offer_make (scheduler_t *self, turn_t *turn, const job_row_t *row, const rows_t *read,
                             int64_t until, job_offer_t *out);
// After the commit: POST it to the agent, or wake the agent's parked request (`read` may be NULL then). `again`: a push may have
// reached it before.
MUST_USE fault_t offer_deliver (scheduler_t *self, turn_t *turn, const job_row_t *row,
                                const agent_row_t *agent, const rows_t *read, int64_t until, bool again);
// An agent's final status is about to be answered in `turn`: what is offered to it in this unit of work goes along, instead of a push.
void offer_with_answer (scheduler_t *self, turn_t *turn, const char *agent, job_orders_t *answer);
bool offer_is_awaited (scheduler_t *self, const char *agent); // By offer_with_answer
void offer_forget (scheduler_t *self); // Takes back what was offered like this and rolled back
const char *offer_topic (turn_t *turn, const char *agent); // That its parked request waits for

#endif
