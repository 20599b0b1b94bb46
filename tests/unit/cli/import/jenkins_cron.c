/* jenkins_cron.c - tests of Jenkins' cron, whose H is a number that a name decides. */

#include "cli/import/jenkins.h"

#include "tests/unit/test.h"
#include "workflow/schema/cron.h"

#include <stdlib.h>

TEST (a_cron_without_h_stays_as_it_is)
{
    arena_t *arena = arena_new ();
    CHECK_STR (jenkins_cron (arena, "0 4 * * 1-5", "x"), "0 4 * * 1-5");
    CHECK_STR (jenkins_cron (arena, "*/15 0,12 1 * 7", "x"), "*/15 0,12 1 * 0");
    arena_destroy (&arena);
}

TEST (h_is_a_number_of_its_field_and_the_same_each_time)
{
    static const char *const lines[] = {"H H * * *", "H/15 * * * *", "H(0-29)/10 * * * *", "@daily",
                                        "@midnight", "@weekly",      "@monthly",           "@yearly",
                                        "@hourly",   "H H H H H",    "H/40 * * * *"};
    arena_t *arena = arena_new ();
    cron_t cron;
    const char *error;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        for (int seed = 0; seed < 50; seed++) {
            const char *name = arena_printf (arena, "job %d", seed),
                       *line = jenkins_cron (arena, lines[i], name);
            CHECK (line);
            CHECK_INT (cron_parse (arena, line, &cron, &error), OK);
            CHECK_STR (jenkins_cron (arena, lines[i], name), line);
        }
    long minute = strtol (jenkins_cron (arena, "H(10-12) * * * *", "any"), NULL, 10);
    CHECK (minute >= 10 && minute <= 12);
    arena_destroy (&arena);
}

TEST (what_is_no_cron_is_refused)
{
    static const char *const lines[] = {"",           "H",          "H H * *",        "H H * * * *",
                                        "@reboot",    "H( * * * *", "H(5-1) * * * *", "60 * * * *",
                                        "H/0 * * * *"};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        CHECK (!jenkins_cron (arena, lines[i], "x"));
    arena_destroy (&arena);
}
