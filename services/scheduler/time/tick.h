/* tick.h - what is due: leases that expire, jobs that take too long, silent agents, schedules, old rows. */

#ifndef OPENCICD_SCHEDULER_TICK_H
#define OPENCICD_SCHEDULER_TICK_H

#include "services/scheduler/unit/self.h"

MUST_USE fault_t scheduler_tick (void *self, turn_t *turn, int64_t *next_us);

#endif
