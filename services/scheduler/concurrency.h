/* concurrency.h - policy of concurrency groups: who runs, who waits, who must go. Pure.
 *
 * As GitHub documents it ("Control the concurrency of workflows and jobs"): one holds the group; one waits, and a newer one takes its
 * place; with cancel-in-progress the holder is stopped too. With `queue: max` those that wait are kept, in order. */

#ifndef OPENCICD_SCHEDULER_CONCURRENCY_H
#define OPENCICD_SCHEDULER_CONCURRENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONCURRENCY_WAITING 100 // That wait for one group; past it the newest is cancelled

typedef struct {
    const char *owner; // A run or a job
    bool held;
    int64_t since;
} claimant_t;

typedef struct {
    claimant_t *items;
    size_t count;
} claimants_t;

typedef struct {
    bool holds;        // It may run at once
    bool refused;      // Too many wait
    size_t first_gone; // claimants[first_gone .. first_gone + gone) are cancelled
    size_t gone;
} concurrency_decision_t;

// For one more claimant; `claimants` has the holder first.
concurrency_decision_t concurrency_decide (const claimants_t *claimants, bool cancel_in_progress,
                                           bool queue_all);

#endif
