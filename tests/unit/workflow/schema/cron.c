/* cron.c - schedules: a table of next times, in UTC and in a zone with summer time, and of what is refused. */

#include "workflow/schema/cron.h"
#include "tests/unit/test.h"

#include <string.h>
#include <time.h>

#define COUNT_OF(array) (sizeof (array) / sizeof ((array)[0]))
#define SECOND_US       1000000LL

static int64_t seconds (const char *text)
{
    struct tm tm = {0};
    CHECK (strptime (text, "%Y-%m-%d %H:%M:%S", &tm) != NULL);
    return timegm (&tm);
}

static const char *next_of (arena_t *arena, const char *cron_text, const char *after, cron_offset_fn *offset)
{
    cron_t cron;
    const char *error = NULL;
    if (cron_parse (arena, cron_text, &cron, &error) != OK)
        return error;
    int64_t next = cron_next (&cron, seconds (after) * SECOND_US, offset, NULL);
    if (next < 0)
        return "never";
    time_t time = next / SECOND_US;
    struct tm tm;
    char text[32];
    strftime (text, sizeof (text), "%Y-%m-%d %H:%M:%S", gmtime_r (&time, &tm));
    return arena_strdup (arena, text);
}

static const struct {
    const char *cron, *after, *want;
} nexts[] = {
    {"* * * * *", "2026-11-23 18:18:04", "2026-11-23 18:19:00"},
    {"* * * * *", "2026-12-31 23:59:00", "2027-01-01 00:00:00"},
    {"15 * * * *", "2026-11-23 18:15:00", "2026-11-23 19:15:00"},
    {"2,10 4,5 * * *", "2026-11-23 04:02:00", "2026-11-23 04:10:00"},
    {"30 4-6 * * *", "2026-11-23 06:30:00", "2026-11-24 04:30:00"},
    {"20/15 * * * *", "2026-11-23 18:20:00", "2026-11-23 18:35:00"},
    {"20/15 * * * *", "2026-11-23 18:35:00", "2026-11-23 18:50:00"},
    {"20/15 * * * *", "2026-11-23 18:50:00", "2026-11-23 19:20:00"},
    {"*/59 * * * *", "2026-11-23 18:00:00", "2026-11-23 18:59:00"},
    {"*/15 * * * *", "2026-11-23 18:46:00", "2026-11-23 19:00:00"},
    {"0 0 1 1 *", "2026-11-23 18:18:04", "2027-01-01 00:00:00"},
    {"0 0 * * 0", "2026-11-23 18:18:04", "2026-11-29 00:00:00"},
    {"30 5 * * mon-FRI", "2026-11-27 05:30:00", "2026-11-30 05:30:00"},
    {"0 12 13 * 5", "2026-11-23 18:18:04", "2026-11-27 12:00:00"}, // Either day is enough
    {"0 12 13 * *", "2026-11-23 18:18:04", "2026-12-13 12:00:00"},
    {"0 0 29 2 *", "2026-11-23 18:18:04", "2028-02-29 00:00:00"},
    {"0 0 31 2 *", "2026-11-23 18:18:04", "never"},
    {"0 0 31 4,6,9,11 *", "2026-11-23 18:18:04", "never"},
    {"0 0 31 JAN-MAR/2 *", "2026-11-23 18:18:04", "2027-01-31 00:00:00"},
    {"  5   0  * 8\t*", "2026-11-23 18:18:04", "2027-08-01 00:05:00"},
};

TEST (the_next_time_of_a_schedule)
{
    for (size_t i = 0; i < COUNT_OF (nexts); i++) {
        arena_t *arena = arena_new ();
        CHECK_STR (next_of (arena, nexts[i].cron, nexts[i].after, NULL), nexts[i].want);
        arena_destroy (&arena);
    }
}

TEST (what_posix_cron_does_not_have_is_refused)
{
    static const char *const wrong[] = {
        "",           "* * * *",      "* * * * * *",   "60 * * * *",     "* 24 * * *",
        "* * 0 * *",  "* * 32 * *",   "* * * 0 *",     "* * * 13 *",     "* * * * 7",
        "@daily",     "@every 5m",    "*/0 * * * *",   "5-1 * * * *",    "1, * * * *",
        ",1 * * * *", "a * * * *",    "* * * foo *",   "* * * * MONDAY", "* * L * *",
        "* * ? * *",  "* * * * 5#2",  "1-2-3 * * * *", "*5 * * * *",     "-1 * * * *",
        "1/ * * * *", "*/60 * * * *", "* */24 * * *",  "* * */32 * *",   "* * * * */7"};
    for (size_t i = 0; i < COUNT_OF (wrong); i++) {
        arena_t *arena = arena_new ();
        cron_t cron;
        const char *error = NULL;
        if (cron_parse (arena, wrong[i], &cron, &error) != INVALID ||
            strncmp (error, "wrong cron: ", 12) != 0)
            test_fail (__FILE__, __LINE__, "%s", wrong[i]);
        arena_destroy (&arena);
    }
}

// Berlin in 2027: summer time from 28 March to 31 October, 01:00 UTC.
static int32_t berlin (void *self, int64_t utc)
{
    (void) self;
    return utc >= 1806195600 && utc < 1824944400 ? 7200 : 3600;
}

static const struct {
    const char *cron, *after, *want;
} zoned[] = {
    {"30 5 * * *", "2027-01-10 00:00:00", "2027-01-10 04:30:00"},
    {"30 5 * * *", "2027-07-10 00:00:00", "2027-07-10 03:30:00"},
    {"30 2 * * *", "2027-03-27 12:00:00", "2027-03-28 01:00:00"}, // Skipped: when the gap ends
    {"30 2 * * *", "2027-03-28 01:00:00", "2027-03-29 00:30:00"},
    {"30 2 * * *", "2027-10-30 12:00:00", "2027-10-31 00:30:00"}, // Twice: the first
    {"30 2 * * *", "2027-10-31 00:30:00", "2027-11-01 01:30:00"},
    {"0 3 * * *", "2027-10-30 12:00:00", "2027-10-31 02:00:00"},
};

TEST (a_schedule_follows_its_zones_clock)
{
    CHECK_INT (seconds ("2027-03-28 01:00:00"), 1806195600);
    CHECK_INT (seconds ("2027-10-31 01:00:00"), 1824944400);
    for (size_t i = 0; i < COUNT_OF (zoned); i++) {
        arena_t *arena = arena_new ();
        CHECK_STR (next_of (arena, zoned[i].cron, zoned[i].after, berlin), zoned[i].want);
        arena_destroy (&arena);
    }
}
