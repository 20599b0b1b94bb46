/* hold.h - holds a job that failed: asks the server whether to, and serves the shells that its owner opens, until the hold is over.
 *
 * Everything is a request of the agent's: it needs no address of its own, and any gateway will do. */

#ifndef OPENCICD_AGENT_HOLD_H
#define OPENCICD_AGENT_HOLD_H

#include "agent/engine/state/engine_port.h"
#include "proto/messages.h"

// Returns when the hold is over, or the job is to stop; why, in the arena.
const char *hold_job (arena_t *arena, const char *url, const job_offer_t *offer, const engine_hold_t *hold);

#endif
