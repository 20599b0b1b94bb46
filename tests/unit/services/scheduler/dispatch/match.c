/* Which agent gets which job. */

#include "services/scheduler/dispatch/match.h"
#include "common/base/line.h"
#include "proto/strs.h"

#include "services/scheduler/base/labels.h"
#include "tests/unit/test.h"

#include <string.h>

#define COUNT(table) (sizeof (table) / sizeof ((table)[0]))

// "job=agent job=agent", in the order in which they were matched.
static const char *matched (arena_t *arena, waiting_t *jobs, size_t job_count, agent_row_t *agents,
                            size_t agent_count)
{
    match_t *out = arena_array (arena, agent_count + 1, sizeof *out);
    size_t count =
        match_jobs (arena, &(waitings_t){jobs, job_count}, &(agent_rows_t){agents, agent_count}, out);
    const char *text = "";
    for (size_t i = 0; i < count; i++)
        text = arena_printf (arena, "%s%s%s=%s", text, i ? " " : "", jobs[out[i].job].job_id,
                             agents[out[i].agent].agent.name);
    return text;
}

static agent_row_t offers (const char *name, const char *labels)
{
    return (agent_row_t){.agent = {.name = name}, .labels = labels};
}

TEST (jobs_are_taken_by_priority_then_by_running_jobs_then_by_age)
{
    arena_t *arena = arena_new ();
    waiting_t jobs[] = {
        {.job_id = "old", .labels = "", .project_id = "busy", .queued_at = 1, .running = 2},
        {.job_id = "older", .labels = "", .project_id = "busy", .queued_at = 0, .running = 2},
        {.job_id = "fair", .labels = "", .project_id = "calm", .queued_at = 9, .running = 1},
        {.job_id = "urgent",
         .labels = "",
         .project_id = "busy",
         .queued_at = 10,
         .running = 2,
         .priority = 1},
    };
    agent_row_t agents[] = {offers ("a", ""), offers ("b", ""), offers ("c", ""), offers ("d", "")};
    CHECK_STR (matched (arena, jobs, 4, agents, 4), "urgent=a fair=b older=c old=d");
    arena_destroy (&arena);
}

TEST (projects_take_turns_as_their_jobs_are_matched)
{
    arena_t *arena = arena_new ();
    waiting_t jobs[] = {
        {.job_id = "a1", .labels = "", .project_id = "a", .queued_at = 1},
        {.job_id = "a2", .labels = "", .project_id = "a", .queued_at = 2},
        {.job_id = "a3", .labels = "", .project_id = "a", .queued_at = 3},
        {.job_id = "b1", .labels = "", .project_id = "b", .queued_at = 8},
        {.job_id = "b2", .labels = "", .project_id = "b", .queued_at = 9},
    };
    agent_row_t agents[] = {offers ("1", ""), offers ("2", ""), offers ("3", ""), offers ("4", "")};
    CHECK_STR (matched (arena, jobs, 5, agents, 4), "a1=1 b1=2 a2=3 b2=4");
    arena_destroy (&arena);
}

TEST (jobs_queued_together_keep_their_places)
{
    arena_t *arena = arena_new ();
    waiting_t jobs[] = {
        {.job_id = "x", .labels = "", .project_id = "", .position = 2},
        {.job_id = "y", .labels = "", .project_id = "", .position = 1},
    };
    agent_row_t agents[] = {offers ("a", "")};
    CHECK_STR (matched (arena, jobs, 2, agents, 1), "y=a");
    arena_destroy (&arena);
}

TEST (of_equals_one_that_is_being_answered_is_taken_and_else_the_one_that_was_idle_longest)
{
    arena_t *arena = arena_new ();
    waiting_t jobs[] = {{.job_id = "x", .labels = "", .project_id = "", .position = 1},
                        {.job_id = "y", .labels = "", .project_id = "", .position = 2},
                        {.job_id = "z", .labels = "", .project_id = "", .position = 3}};
    agent_row_t agents[] = {offers ("longest", ""), offers ("long", ""), offers ("answered", ""),
                            offers ("too", ""), offers ("rich", "gpu")};
    agents[2].awaits = agents[3].awaits = agents[4].awaits = true;
    CHECK_STR (matched (arena, jobs, 3, agents, 5), "x=answered y=too z=longest");
    arena_destroy (&arena);
}

TEST (the_agent_with_the_fewest_labels_that_fits_is_taken)
{
    arena_t *arena = arena_new ();
    waiting_t jobs[] = {
        {.job_id = "plain", .labels = "linux", .project_id = "", .queued_at = 1},
        {.job_id = "gpu", .labels = "gpu\nlinux", .project_id = "", .queued_at = 2},
        {.job_id = "mac", .labels = "macos", .project_id = "", .queued_at = 3},
    };
    agent_row_t agents[] = {offers ("rare", "gpu\nlinux\nx64"), offers ("idle", "linux\nx64"),
                            offers ("later", "linux\nx64")};
    CHECK_STR (matched (arena, jobs, 3, agents, 3), "plain=idle gpu=rare");
    arena_destroy (&arena);
}

TEST (a_job_that_no_agent_fits_does_not_hold_up_others)
{
    arena_t *arena = arena_new ();
    waiting_t jobs[] = {
        {.job_id = "never", .labels = "moon", .project_id = "", .queued_at = 1, .priority = 9},
        {.job_id = "now", .labels = "", .project_id = "", .queued_at = 2},
    };
    agent_row_t agents[] = {offers ("a", "linux")};
    CHECK_STR (matched (arena, jobs, 2, agents, 1), "now=a");
    CHECK_STR (matched (arena, jobs, 2, agents, 0), "");
    CHECK_STR (matched (arena, jobs, 0, agents, 1), "");
    arena_destroy (&arena);
}

TEST (labels_are_a_set)
{
    static const struct {
        const char *given[4];
        size_t count;
        const char *set;
    } rows[] = {
        {{"x64", "Linux"}, 2, "linux\nx64"}, {{"a", "A", " a "}, 3, "a"}, {{"any"}, 1, ""}, {{""}, 1, ""},
        {{"b", "any", "a"}, 3, "a\nb"},
    };
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < COUNT (rows); i++)
        CHECK_STR (labels_of (arena, rows[i].given, rows[i].count), rows[i].set);
    CHECK (labels_include ("a\nbc", "bc"));
    CHECK (labels_include ("a", ""));
    CHECK (!labels_include ("a\nbc", "b"));
    CHECK (!labels_include ("", "b"));
    CHECK_INT (line_count (""), 0);
    CHECK_INT (line_count ("a\nb"), 2);
    strs_t split = strs_split (arena, "one\ntwo");
    CHECK_INT (split.count, 2);
    CHECK_STR (split.items[1], "two");
    CHECK_STR (strs_join (arena, &split), "one\ntwo");
    arena_destroy (&arena);
}

static label_set_t set (const char *labels, int64_t priority, int64_t since)
{
    return (label_set_t){labels, labels_mask (labels), priority, since};
}

static const char *names (arena_t *arena, const set_page_t *page)
{
    const char *text = "";
    for (size_t i = 0; i < page->count; i++)
        text = arena_printf (arena, "%s%s%s", text, i ? " " : "", page->items[i].labels);
    return text;
}

TEST (of_many_sets_those_are_picked_that_fit_and_are_served_first)
{
    arena_t *arena = arena_new ();
    label_set_t waiting[] = {set ("mars", 9, 0), set ("linux", 0, 5), set ("", 0, 7),
                             set ("gpu\nlinux", 1, 9), set ("linux\nx64", 0, 1)};
    label_set_t idle[] = {set ("gpu\nlinux\nx64", 0, 0), set ("arm", 0, 0)};
    set_page_t asked = {.count = 0};
    match_asked (&asked, 3, &(label_sets_t){waiting, 2}, &(label_sets_t){idle, 2}); // Page by page
    match_asked (&asked, 3, &(label_sets_t){waiting + 2, 3}, &(label_sets_t){idle, 2});
    CHECK_STR (names (arena, &asked), "gpu\nlinux linux\nx64 linux");
    set_page_t one = {.count = 0};
    match_asked (&one, 1, &(label_sets_t){waiting, 5}, &(label_sets_t){idle, 2});
    CHECK_STR (names (arena, &one), "gpu\nlinux");
    arena_destroy (&arena);
}

TEST (every_set_that_is_asked_for_has_one_that_is_offered)
{
    arena_t *arena = arena_new ();
    label_set_t idle[40];
    for (int i = 0; i < 39; i++) {
        const char *labels = arena_printf (arena, "l%02d\nlinux", i);
        idle[i] = set (labels, 0, 0);
    }
    idle[39] = set ("arm\nlong\nmore", 0, 0);
    set_page_t asked = {.items = {set ("linux", 0, 0), set ("arm", 0, 0)}, .count = 2}, offered;
    match_offered (&offered, &asked, &(label_sets_t){idle, 40});
    CHECK_INT (offered.count, SETS_AT_ONCE);
    CHECK_STR (offered.items[1].labels, "arm\nlong\nmore");
    asked = (set_page_t){.items = {set ("more", 0, 0)}, .count = 1};
    match_offered (&offered, &asked, &(label_sets_t){idle, 40});
    CHECK_STR (names (arena, &offered), "arm\nlong\nmore");
    arena_destroy (&arena);
}

TEST (a_set_that_includes_another_has_all_bits_of_its_mask)
{
    const char *const more = "gpu\nlinux\nx64", *const less[] = {"", "gpu", "gpu\nx64", "gpu\nlinux\nx64"};
    for (size_t i = 0; i < COUNT (less); i++)
        CHECK ((labels_mask (less[i]) & ~labels_mask (more)) == 0);
    CHECK_INT (labels_mask (""), 0);
    CHECK (labels_mask ("linux") != labels_mask ("gpu"));
}
