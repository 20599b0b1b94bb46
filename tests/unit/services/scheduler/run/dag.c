/* Properties of the graph: whatever the files are and whatever happens in whatever order. */

#include "services/scheduler/run/dag_build.h"
#include "tests/unit/services/scheduler/run/dag_play.h"
#include "tests/unit/test.h"

#define PLAYS 3000

TEST (whatever_happens_in_whatever_order_a_run_ends_and_every_rule_is_kept)
{
    size_t ends = 0;
    for (uint64_t seed = 1; seed <= PLAYS; seed++) {
        dice_t plan = {.state = seed}, order = {.state = seed * 7919};
        played_t played = dag_play (&plan, &order, false);
        if (played.wrong)
            test_fail (__FILE__, __LINE__, "seed %llu: %s", (unsigned long long) seed, played.wrong);
        ends += played.ends;
    }
    CHECK (ends > PLAYS); // It did play
}

TEST (facts_in_any_order_that_can_happen_lead_to_the_same_end)
{
    for (uint64_t seed = 1; seed <= PLAYS / 3; seed++) {
        played_t first = {0};
        for (uint64_t i = 0; i < 3; i++) {
            dice_t plan = {.state = seed}, order = {.state = seed * 7919 + i * 104729};
            played_t played = dag_play (&plan, &order, true);
            if (played.wrong)
                test_fail (__FILE__, __LINE__, "seed %llu: %s", (unsigned long long) seed, played.wrong);
            first = i == 0 ? played : first;
            if (played.digest != first.digest || played.result != first.result)
                test_fail (__FILE__, __LINE__, "seed %llu: another order, another end",
                           (unsigned long long) seed);
        }
    }
}
