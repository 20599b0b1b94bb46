/* format.c - times, durations and sizes as people say them. */

#include "cli/terminal/format.h"
#include "common/base/clock.h"
#include "tests/unit/test.h"

TEST (a_duration_is_printed_with_two_units_at_most)
{
    static const struct {
        int64_t us;
        const char *want;
    } cases[] = {{0, "0 ms"},
                 {999, "0 ms"},
                 {1000, "1 ms"},
                 {999999, "999 ms"},
                 {SECONDS (1), "1.0 s"},
                 {12345678, "12.3 s"},
                 {59999999, "59.9 s"},
                 {SECONDS (60), "1 min 00 s"},
                 {SECONDS (125), "2 min 05 s"},
                 {SECONDS (3599), "59 min 59 s"},
                 {SECONDS (3600), "1 h 00 min"},
                 {SECONDS (11220), "3 h 07 min"},
                 {SECONDS (86400), "1 d 0 h"},
                 {SECONDS (183600), "2 d 3 h"},
                 {-1, ""}};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_STR (duration_text (arena, cases[i].us), cases[i].want);
    arena_destroy (&arena);
}

TEST (a_time_is_printed_as_how_long_ago_it_was)
{
    static const struct {
        int64_t ago_us;
        const char *want;
    } cases[] = {{0, "just now"},
                 {SECONDS (-5), "just now"},
                 {SECONDS (59), "59 s ago"},
                 {SECONDS (60), "1 min ago"},
                 {SECONDS (3600), "1 h ago"},
                 {SECONDS (86400), "1 d ago"},
                 {SECONDS (86400 * 29), "29 d ago"},
                 {SECONDS (86400 * 30), "2026-10-24"}};
    int64_t now = SECONDS (1795456800); // 2026-11-23T18:00:00Z
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_STR (ago_text (arena, now - cases[i].ago_us, now), cases[i].want);
    arena_destroy (&arena);
}

TEST (a_size_is_printed_in_the_unit_that_fits)
{
    static const struct {
        int64_t bytes;
        const char *want;
    } cases[] = {
        {0, "0 B"},           {1023, "1023 B"},     {1024, "1.0 KiB"},      {1536, "1.5 KiB"},
        {1048575, "1.0 MiB"}, {1 << 20, "1.0 MiB"}, {5LL << 40, "5.0 TiB"}, {INT64_MAX, "8192.0 PiB"}};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_STR (size_text (arena, cases[i].bytes), cases[i].want);
    arena_destroy (&arena);
}
