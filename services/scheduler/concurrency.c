/* concurrency.c - see concurrency.h. */

#include "services/scheduler/concurrency.h"

concurrency_decision_t concurrency_decide (const claimants_t *claimants, bool cancel_in_progress,
                                           bool queue_all)
{
    if (claimants->count == 0)
        return (concurrency_decision_t){.holds = true};
    size_t holders = claimants->items[0].held ? 1 : 0;
    if (cancel_in_progress)
        return (concurrency_decision_t){.first_gone = 0, .gone = claimants->count};
    if (queue_all)
        return (concurrency_decision_t){.refused = claimants->count - holders >= CONCURRENCY_WAITING};
    return (concurrency_decision_t){.first_gone = holders, .gone = claimants->count - holders};
}
