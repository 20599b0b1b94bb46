/* Pauses grow, up to their bound, and begin anew. */

#include "common/base/backoff.h"

#include "tests/unit/test.h"

TEST (each_pause_is_twice_the_one_before_up_to_the_longest)
{
    backoff_t backoff = {.least_us = 100, .most_us = 500};
    static const int64_t pauses[] = {100, 200, 400, 500, 500};
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 5; i++)
            CHECK_INT (backoff_next_us (&backoff), pauses[i]);
        backoff_reset (&backoff);
    }
}

TEST (pauses_never_pass_the_end_of_their_numbers)
{
    backoff_t backoff = {.least_us = INT64_MAX - 1, .most_us = INT64_MAX};
    CHECK_INT (backoff_next_us (&backoff), INT64_MAX - 1);
    CHECK_INT (backoff_next_us (&backoff), INT64_MAX);
    CHECK_INT (backoff_next_us (&backoff), INT64_MAX);
}
