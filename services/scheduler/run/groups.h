/* groups.h - policy of concurrency groups: which claimant runs, waits, or is cancelled. Pure.
 *
 * As GitHub documents it ("Control the concurrency of workflows and jobs"): one holds the group; one waits, and a newer one takes its
 * place; with cancel-in-progress the holder is stopped too. With `queue: max` those that wait are kept, in order. */

#ifndef OPENCICD_SCHEDULER_GROUPS_H
#define OPENCICD_SCHEDULER_GROUPS_H

#include "services/scheduler/base/run_state.h"

typedef struct {
    bool holds;             // It may run at once
    bool refused;           // Too many wait
    size_t first_cancelled; // claimants[first_cancelled .. first_cancelled + cancelled) are cancelled
    size_t cancelled;
} group_decision_t;

// For one more claimant; `claimants` has the holder first.
group_decision_t groups_decide (const claimants_t *claimants, bool cancel_in_progress, bool queue_all);

#endif
