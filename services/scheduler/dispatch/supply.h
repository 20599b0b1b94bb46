/* supply.h - what the agents offer, as the reason why a job waits. Pure. */

#ifndef OPENCICD_SCHEDULER_SUPPLY_H
#define OPENCICD_SCHEDULER_SUPPLY_H

#include "services/scheduler/store/supply_store.h"

// Of all sets of labels those that a job with these could use.
standing_t supply_standing (arena_t *arena, const supply_t *supply, const char *labels);
// Why no agent takes a job with these labels. While its agents are busy it is the queue that counts.
const char *supply_reason (arena_t *arena, const standing_t *standing, const char *labels);
// What somebody could do about it; "" where an agent is about to take one.
const char *supply_help (arena_t *arena, const standing_t *standing, const char *labels);

#endif
