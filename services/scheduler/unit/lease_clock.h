/* lease_clock.h - the clock for leases, silences and offers.
 *
 * Between replicas the database's clock decides, so that one whose own clock is wrong does no harm; between two looks at it, and on SQLite
 * always, time goes on with the machine's monotonic clock (asleep included). So a step of the wall clock is not the silence of an agent.
 * And time in which no scheduler served is not: whoever serves writes that down (`served`) every sixth of a lease, and after a gap of
 * more than a third every lease and every agent gets one full lease of grace. */

#ifndef OPENCICD_SCHEDULER_LEASE_CLOCK_H
#define OPENCICD_SCHEDULER_LEASE_CLOCK_H

#include "services/scheduler/unit/self.h"

#define SKEW_WARNED_US SECONDS (5) // A difference to the database's clock that is worth a line in the log

void lease_clock_init (scheduler_t *self);
// At the beginning of a unit of work, whose first turn this is; lease_now() is fixed until the next.
void lease_clock_read (scheduler_t *self, const turn_t *turn);
// Tick no later than `at` of this clock; NEVER does nothing.
void lease_clock_tick_at (const scheduler_t *self, turn_t *turn, int64_t at);
int64_t lease_clock_local (const scheduler_t *self, const turn_t *turn, int64_t at); // In turn->now_us's time
// In a tick, before any lease is looked at.
MUST_USE fault_t lease_clock_serve (scheduler_t *self, turn_t *turn);

static inline int64_t lease_now (const scheduler_t *self)
{
    return self->lease_now_us;
}

// What is left of a lease, in seconds, as it is sent to an agent: a report renews it only where half of it is gone.
static inline uint32_t lease_left (const scheduler_t *self, int64_t expires_at)
{
    int64_t left = (expires_at - lease_now (self)) / SECONDS (1);
    return left < 1 ? 1 : (uint32_t) left;
}

// How long an offer may be taken. Longer than a push may last, so that an agent that has not answered by then must not start it.
static inline int64_t offer_valid_us (const scheduler_t *self)
{
    int64_t third = lease_us (self) / 3;
    return third < SECONDS (3) ? SECONDS (3) : third > SECONDS (10) ? SECONDS (10) : third;
}

#endif
