/* Which agent gets which job. */

#include "services/scheduler/match.h"

#include "services/scheduler/labels.h"
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
        {.job_id = "x", .labels = "", .project_id = "", .place = 2},
        {.job_id = "y", .labels = "", .project_id = "", .place = 1},
    };
    agent_row_t agents[] = {offers ("a", "")};
    CHECK_STR (matched (arena, jobs, 2, agents, 1), "y=a");
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
    CHECK_INT (labels_count (""), 0);
    CHECK_INT (labels_count ("a\nb"), 2);
    strs_t split = lines_split (arena, "one\ntwo");
    CHECK_INT (split.count, 2);
    CHECK_STR (split.items[1], "two");
    CHECK_STR (lines_join (arena, &split), "one\ntwo");
    arena_destroy (&arena);
}
