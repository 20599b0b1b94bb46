/* step_stop.c - see step_stop.h. */

#include "agent/engine/step/step_stop.h"

#include "agent/engine/state/lanes.h"
#include "agent/engine/step/step_condition.h"
#include "common/base/clock.h"

static bool is_cancelled (step_run_t *self)
{
    if (!self->cancel_seen) {
        bool holds = false;
        self->cancel_seen = true;
        self->cancelled = step_condition (self, &holds) != OK || !holds;
    }
    return self->cancelled || (self->outer && is_cancelled (self->outer));
}

int64_t step_deadline (const step_run_t *self)
{
    int64_t first = self->job->stop.deadline_us;
    for (; self; self = self->outer)
        first = self->deadline_us < first ? self->deadline_us : first;
    return first;
}

step_stop_t step_check (step_run_t *self)
{
    const job_run_t *job = self->job;
    stop_check (&self->job->stop);
    if (job->stop.killed)
        return STEP_KILLED;
    if (lane_cancelled (self) || (job->stop.cancelling && self->of && is_cancelled (self)))
        return STEP_CANCELLED;
    for (const step_run_t *step = self; step; step = step->outer)
        if (clock_monotonic_us () >= step->deadline_us)
            return STEP_TIMED_OUT;
    return STEP_GOES_ON;
}
