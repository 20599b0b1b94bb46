/* The server's time as an agent estimates it from answers. */

#include "agent/server_clock.h"

#include "common/base/clock.h"
#include "tests/unit/test.h"

#define NOON SECONDS (1800000000)

// Is it that time, or what has passed since?
static void check_now (server_clock_t *self, int64_t wanted_us)
{
    int64_t now_us, age_us;
    CHECK (server_clock_now (self, &now_us));
    CHECK (now_us >= wanted_us && now_us < wanted_us + SECONDS (60));
    CHECK (server_clock_age (self, wanted_us - SECONDS (100), &age_us));
    CHECK (age_us >= SECONDS (100) && age_us < SECONDS (160));
    CHECK (server_clock_age (self, wanted_us + SECONDS (100), &age_us));
    CHECK (age_us >= -SECONDS (100) && age_us < -SECONDS (40));
}

TEST (no_time_is_known_before_an_answer_says_it)
{
    int64_t now_us = 1, age_us = 1;
    server_clock_t clock;
    server_clock_init (&clock);
    for (int i = 0; i < 2; i++) {
        CHECK (!server_clock_now (&clock, &now_us));
        CHECK (!server_clock_age (&clock, NOON, &age_us));
        CHECK_INT (now_us, 0);
        CHECK_INT (age_us, 0);
        server_clock_set (&clock, 0);
    }
}

TEST (the_answer_that_was_shortest_on_its_way_counts_until_it_is_one_of_the_last_no_more)
{
    server_clock_t clock;
    server_clock_init (&clock);
    server_clock_set (&clock, NOON - SECONDS (200));
    check_now (&clock, NOON - SECONDS (200));
    server_clock_set (&clock, NOON);
    check_now (&clock, NOON);
    for (int i = 1; i < SERVER_CLOCK_SAMPLES; i++) { // As if the clock was set back
        server_clock_set (&clock, NOON - SECONDS (3600));
        check_now (&clock, NOON);
    }
    server_clock_set (&clock, NOON - SECONDS (3600));
    check_now (&clock, NOON - SECONDS (3600));
}
