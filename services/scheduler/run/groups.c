/* groups.c - see groups.h. */

#include "services/scheduler/run/groups.h"

group_decision_t groups_decide (const claimants_t *claimants, bool cancel_in_progress, bool queue_all)
{
    if (claimants->count == 0)
        return (group_decision_t){.holds = true};
    size_t holders = claimants->items[0].held ? 1 : 0;
    if (cancel_in_progress)
        return (group_decision_t){.first_cancelled = 0, .cancelled = claimants->count};
    if (queue_all)
        return (group_decision_t){.refused = claimants->count - holders >= GROUP_WAITING};
    return (group_decision_t){.first_cancelled = holders, .cancelled = claimants->count - holders};
}
