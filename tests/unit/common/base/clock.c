/* clock.c - dates and clocks. */

#include "common/base/clock.h"
#include "tests/unit/test.h"

TEST (a_time_is_written_and_read_back)
{
    static const struct {
        const char *text;
        int64_t time_us;
        const char *again;
    } cases[] = {
        {"1970-01-01T00:00:01Z", 1000000, "1970-01-01T00:00:01.000000Z"},
        {"2026-11-23T18:08:00.000001Z", 1795457280000001, "2026-11-23T18:08:00.000001Z"},
        {"2026-11-23T19:38:00.5+01:30", 1795457280500000, "2026-11-23T18:08:00.500000Z"},
        {"2024-02-29t12:00:00-00:00", 1709208000000000, "2024-02-29T12:00:00.000000Z"},
        {"1969-12-31 23:59:59.123456789Z", -876544, "1969-12-31T23:59:59.123456Z"},
        {"9999-12-31T23:59:60Z", 253402300800000000, "10000-01-01T00:00:00.000000Z"},
    };
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        int64_t time_us = 0;
        CHECK_INT (clock_parse (cases[i].text, &time_us), OK);
        CHECK_INT (time_us, cases[i].time_us);
        CHECK_STR (clock_format (arena, time_us), cases[i].again);
    }
    CHECK_STR (clock_format (arena, 0), "");
    arena_destroy (&arena);
}

TEST (what_is_not_an_rfc_3339_time_is_refused)
{
    static const char *const wrong[] = {
        "",
        "now",
        "2026-11-23",
        "2026-11-23T18:08:00",
        "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00Zz",
        "2026-01-01T00:00:00+1:00",
        "2026-01-01X00:00:00Z",
        "2026-01",
    };
    int64_t time_us;
    for (size_t i = 0; i < sizeof (wrong) / sizeof (wrong[0]); i++)
        if (clock_parse (wrong[i], &time_us) != BAD_INPUT)
            test_fail (__FILE__, __LINE__, "\"%s\" was taken", wrong[i]);
}

TEST (a_clock_by_hand_stands_still_until_it_is_turned)
{
    wall_clock_t *hand = clock_by_hand (SECONDS (5));
    CHECK_INT (clock_now_us (hand), SECONDS (5));
    clock_turn (hand, MILLISECONDS (1500));
    CHECK_INT (clock_now_us (hand), 6500000);
    clock_destroy (&hand);
    CHECK (!hand);
    CHECK (clock_now_us (clock_system ()) > SECONDS (1700000000));
    CHECK (clock_monotonic_us () <= clock_monotonic_us ());
}
