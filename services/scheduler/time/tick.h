/* tick.h - what is due: leases that expire, jobs that take too long, silent agents, schedules, old rows. */

#ifndef OPENCICD_SCHEDULER_TICK_H
#define OPENCICD_SCHEDULER_TICK_H

#include "services/scheduler/unit/self.h"

MUST_USE fault_t scheduler_tick (void *self, turn_t *turn, int64_t *next_us);

// The unit of work of a tick was rolled back: what it had put off in memory is due again. Does nothing where there was no tick in it.
void scheduler_tick_undone (scheduler_t *self);

#endif
