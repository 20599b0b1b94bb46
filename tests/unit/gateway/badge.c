/* badge.c - tests of badges and feeds: what they say, and that nothing in them is markup of somebody else. */

#include "gateway/badge.h"

#include "gateway/atom.h"
#include "gateway/xml.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

static char text[ATOM_MAX];

static const char *badge (const char *label, bool ran, result_t result)
{
    buffer_t *into = buffer_new (BADGE_MAX);
    badge_print (label, ran, result, into);
    CHECK (!buffer_full (into));
    snprintf (text, sizeof text, "%s", buffer_text (into));
    buffer_destroy (&into);
    return text;
}

TEST (a_badge_says_how_the_last_run_ended)
{
    CHECK (strstr (badge ("Tests", true, result_success), "aria-label=\"Tests: passing\""));
    CHECK (strstr (badge ("Tests", true, result_failure), ">failing</text>"));
    CHECK (strstr (badge ("Tests", true, result_cancelled), ">cancelled</text>"));
    CHECK (strstr (badge ("Tests", true, result_skipped), ">skipped</text>"));
    CHECK (strstr (badge ("Tests", false, result_none), ">no runs</text>"));
    CHECK (strstr (badge ("Tests", true, (result_t) 99), ">no runs</text>")); // Of a newer version
}

TEST (a_label_is_text_whatever_is_in_it)
{
    CHECK (strstr (badge ("<script>\"'&", true, result_success), "&lt;script&gt;&quot;&#39;&amp;"));
    CHECK (!strstr (text, "<script"));
    CHECK (strstr (badge ("a\x01\xFF", true, result_success), "a\xEF\xBF\xBD\xEF\xBF\xBD"));
}

TEST (a_long_label_is_cut_at_a_whole_character)
{
    char label[400] = "";
    for (int i = 0; i < 100; i++)
        memcpy (label + 2 * i, "\xC3\xA4", 2);
    badge (label, true, result_success);
    const char *end = strstr (text, "...</text>");
    CHECK (end);
    CHECK (memcmp (end - 2, "\xC3\xA4", 2) == 0);
}

TEST (a_wide_text_takes_more_room_than_a_narrow_one)
{
    CHECK_INT (badge_width (""), 0);
    CHECK (badge_width ("iiii") < badge_width ("mmmm"));
    CHECK (badge_width ("\xC3\xA4") == badge_width ("\xE2\x82\xAC"));
}

TEST (a_feed_has_an_entry_for_each_run)
{
    run_t runs[] = {{.id = "r2",
                     .number = 2,
                     .workflow = "w.yml",
                     .name = "Tests",
                     .title = "a < b",
                     .event = "push",
                     .ref = "refs/heads/main",
                     .sha = "abc",
                     .actor = "ada",
                     .state = run_finished,
                     .result = result_failure,
                     .created_at = 1000000,
                     .finished_at = 9000000},
                    {.id = "r1",
                     .number = 1,
                     .workflow = "w.yml",
                     .name = "",
                     .title = "",
                     .event = "schedule",
                     .ref = "",
                     .sha = "",
                     .actor = "",
                     .state = run_running,
                     .created_at = 2000000}};
    run_page_t page = {.items = {runs, 2}};
    buffer_t *into = buffer_new (ATOM_MAX);
    atom_print ("https://ci.example.org", "/projects/web/runs.atom", "web", &page, into);
    const char *feed = buffer_text (into);
    CHECK (strstr (feed, "<id>https://ci.example.org/projects/web/runs.atom</id>"));
    CHECK (strstr (feed, "<updated>1970-01-01T00:00:09.000000Z</updated><entry>"));
    CHECK (
        strstr (feed, "<title>2. Tests: a &lt; b (failure)</title><id>https://ci.example.org/runs/r2</id>"));
    CHECK (strstr (feed, "<title>1. w.yml:  (running)</title>"));
    CHECK (strstr (feed, "<author><name>schedule</name></author>"));
    buffer_destroy (&into);
}
