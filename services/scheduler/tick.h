/* tick.h - what time brings: leases that expire, jobs that take too long, silent agents, schedules, old rows. */

#ifndef OPENCICD_SCHEDULER_TICK_H
#define OPENCICD_SCHEDULER_TICK_H

#include "services/scheduler/self.h"

int64_t scheduler_tick (void *self, turn_t *turn); // When the next one is due

#endif
