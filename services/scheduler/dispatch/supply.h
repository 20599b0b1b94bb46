/* supply.h - what the agents offer, as the reason why a job waits. Pure. */

#ifndef OPENCICD_SCHEDULER_SUPPLY_H
#define OPENCICD_SCHEDULER_SUPPLY_H

#include "services/scheduler/store/agent_store.h"

// Why no agent takes a job with these labels. *busy: all that could take it have another job, so that it is the queue that counts.
const char *supply_reason (arena_t *arena, const supply_t *supply, const char *labels, bool *busy);
// May an agent take such a job now? Also true where not all agents are known.
bool supply_is_ready (const supply_t *supply, const char *labels);

#endif
