/* How long an agent rests, and why a lease ended. */

#include "services/scheduler/dispatch/reclaim.h"

#include "common/base/clock.h"
#include "tests/unit/test.h"

TEST (an_agent_that_takes_nothing_rests_longer_each_time_up_to_a_minute)
{
    const int64_t seconds[] = {0, 0, 2, 4, 8, 16, 32, 60, 60};
    for (int64_t i = 0; i < 9; i++)
        CHECK_INT (reclaim_backoff_us (i), SECONDS (seconds[i]));
    CHECK_INT (reclaim_backoff_us (INT64_MAX / 2), SECONDS (60));
}

TEST (only_what_had_begun_counts_as_a_try)
{
    reclaim_t how = reclaim_reason (&(lease_t){.begun = true});
    CHECK (how.counts && !how.not_taken && how.agent == agent_offline);
    how = reclaim_reason (&(lease_t){.begun = true, .abandoned = true});
    CHECK (how.counts && !how.not_taken && how.agent == agent_idle);
    how = reclaim_reason (&(lease_t){.received = true});
    CHECK (!how.counts && how.not_taken && how.agent == agent_offline);
    how = reclaim_reason (&(lease_t){.received = true, .abandoned = true});
    CHECK (!how.counts && how.not_taken && how.agent == agent_idle);
}
