/* What forges are to show of a run: names, states and texts, and each forge's own shape of them. */

#include "common/base/clock.h"
#include "services/scm/forges/status_shape.h"
#include "services/scm/status/wanted.h"
#include "tests/unit/test.h"

#include <string.h>

#define NAMED_JOB(key, its_state, its_result, ...)                                             \
    (job_t)                                                                                    \
    {                                                                                          \
        .id = "j-" key, .name = key, .state = (its_state), .result = (its_result), __VA_ARGS__ \
    }

static const wanted_t *find (const wanted_items_t *list, const char *context)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp (list->items[i].context, context) == 0)
            return &list->items[i];
    test_fail (__FILE__, __LINE__, "there is no %s", context);
}

static run_t run_of (job_t *jobs, size_t count)
{
    return (run_t){.id = "r1",
                   .name = "CI",
                   .event = "push",
                   .state = run_running,
                   .jobs = {.items = jobs, .count = count}};
}

TEST (a_run_has_a_status_of_its_workflow_and_one_of_each_job_with_names_that_the_next_run_has_too)
{
    arena_t *arena = arena_new ();
    job_t jobs[] = {NAMED_JOB ("build", job_pending, result_none, ),
                    NAMED_JOB ("test (a, 1)", job_running, result_none, )};
    run_t run = run_of (jobs, 2);
    wanted_items_t list = wanted_of_run (arena, &run, "https://ci.test", true);
    CHECK_INT (list.count, 3);
    const wanted_t *workflow = find (&list, "open-cicd/CI (push)"),
                   *build = find (&list, "open-cicd/CI / build (push)"),
                   *test = find (&list, "open-cicd/CI / test (a, 1) (push)");
    CHECK_STR (workflow->url, "https://ci.test/runs/r1");
    CHECK_INT (workflow->state, STATUS_RUNNING);
    CHECK_STR (build->url, "https://ci.test/jobs/j-build");
    CHECK_INT (build->state, STATUS_PENDING);
    CHECK_STR (build->description, "Waiting");
    CHECK_INT (test->state, STATUS_RUNNING);
    CHECK_INT (wanted_of_run (arena, &run, "https://ci.test", false).count, 1);
    arena_destroy (&arena);
}

TEST (each_end_of_a_job_has_its_state_and_says_why)
{
    arena_t *arena = arena_new ();
    job_t jobs[] = {NAMED_JOB ("ok", job_finished, result_success, .started_at = SECONDS (10),
                               .finished_at = SECONDS (73)),
                    NAMED_JOB ("bad", job_finished, result_failure, .reason = "agent lost"),
                    NAMED_JOB ("off", job_finished, result_cancelled, .reason = "cancelled by ada"),
                    NAMED_JOB ("none", job_finished, result_skipped, ),
                    NAMED_JOB ("newer", job_finished, 77, ),
                    NAMED_JOB ("allowed", job_finished, result_failure, .continue_on_error = true)};
    run_t run = run_of (jobs, 6);
    run.state = run_finished;
    run.result = result_failure;
    wanted_items_t list = wanted_of_run (arena, &run, "", true);
    CHECK_STR (list.items[0].description, "Failed in 0 s: bad");
    CHECK_INT (list.items[0].state, STATUS_FAILURE);
    CHECK_STR (list.items[1].description, "Successful in 1 min 3 s");
    CHECK_STR (list.items[2].description, "Failed in 0 s: agent lost");
    CHECK_INT (list.items[3].state, STATUS_CANCELLED);
    CHECK_STR (list.items[3].description, "Cancelled: cancelled by ada");
    CHECK_INT (list.items[4].state, STATUS_SKIPPED);
    CHECK_INT (list.items[5].state, STATUS_FAILURE); // Not known to be a success
    run.result = result_skipped;
    CHECK_INT (wanted_of_run (arena, &run, "", true).items[0].state, STATUS_SKIPPED);
    arena_destroy (&arena);
}

TEST (jobs_of_one_name_do_not_hide_each_other)
{
    arena_t *arena = arena_new ();
    job_t jobs[] = {NAMED_JOB ("test", job_finished, result_failure, ),
                    NAMED_JOB ("Test", job_finished, result_success, ),
                    NAMED_JOB ("test", job_finished, result_success, ),
                    NAMED_JOB ("test #2", job_running, 0, )};
    run_t run = run_of (jobs, 4);
    wanted_items_t list = wanted_of_run (arena, &run, "", true);
    CHECK_STR (list.items[1].context, "open-cicd/CI / test (push)");
    CHECK_STR (list.items[2].context, "open-cicd/CI / Test #2 (push)");
    CHECK_STR (list.items[3].context, "open-cicd/CI / test #3 (push)");
    CHECK_STR (list.items[4].context, "open-cicd/CI / test #2 #2 (push)");
    arena_destroy (&arena);
}

TEST (of_a_run_with_very_many_jobs_the_workflow_still_has_a_status)
{
    static job_t jobs[WANTED_JOBS + 50];
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < WANTED_JOBS + 50; i++)
        jobs[i] = (job_t){.id = "j", .name = arena_printf (arena, "job %zu", i)};
    run_t run = run_of (jobs, WANTED_JOBS + 50);
    wanted_items_t list = wanted_of_run (arena, &run, "", true);
    CHECK_INT (list.count, WANTED_JOBS + 1);
    CHECK_STR (list.items[0].context, "open-cicd/CI (push)");
    arena_destroy (&arena);
}

// ---- each forge's shape ----

static const char *state_in (arena_t *arena, const value_t *(*shape) (arena_t *, const forge_shown_t *),
                             forge_state_t state)
{
    const forge_shown_t shown = {
        .sha = "", .ref = "", .context = "c", .state = state, .description = "", .url = ""};
    return value_get_text (shape (arena, &shown), "state");
}

TEST (each_forge_gets_the_names_that_it_knows)
{
    static const struct {
        forge_state_t state;
        const char *rest, *gitlab;
    } rows[] = {{STATUS_PENDING, "pending", "pending"},  {STATUS_RUNNING, "pending", "running"},
                {STATUS_SUCCESS, "success", "success"},  {STATUS_FAILURE, "failure", "failed"},
                {STATUS_CANCELLED, "error", "canceled"}, {STATUS_SKIPPED, "success", "success"}};
    arena_t *arena = arena_new ();
    CHECK_INT (sizeof rows / sizeof rows[0], STATUS_STATES);
    for (size_t i = 0; i < STATUS_STATES; i++) {
        forge_state_t state;
        CHECK_STR (state_in (arena, status_shape_rest, rows[i].state), rows[i].rest);
        CHECK_STR (state_in (arena, status_shape_gitlab, rows[i].state), rows[i].gitlab);
        CHECK (status_state_from (status_state_name (rows[i].state), &state));
        CHECK_INT (state, rows[i].state);
    }
    arena_destroy (&arena);
}

TEST (gitlab_is_given_the_branch_and_no_address_that_it_would_refuse)
{
    arena_t *arena = arena_new ();
    char long_url[300] = "https://ci.test/";
    memset (long_url + strlen (long_url), 'x', 270);
    forge_shown_t shown = {.sha = "",
                           .ref = "refs/heads/a/b",
                           .context = "c",
                           .description = "d",
                           .url = "https://ci.test/runs/1"};
    CHECK_STR (
        value_to_json (arena, status_shape_gitlab (arena, &shown), 0),
        "{\"state\":\"pending\",\"context\":\"c\",\"description\":\"d\",\"target_url\":\"https://ci.test/runs/1\",\"ref\":\"a/b\"}");
    shown.ref = "refs/tags/v1";
    shown.url = long_url;
    CHECK_STR (value_to_json (arena, status_shape_gitlab (arena, &shown), 0),
               "{\"state\":\"pending\",\"context\":\"c\",\"description\":\"d\",\"ref\":\"v1\"}");
    shown.ref = "refs/pull/7/merge"; // Of no branch
    CHECK (!value_get (status_shape_gitlab (arena, &shown), "ref"));
    arena_destroy (&arena);
}

TEST (a_description_has_one_line_of_at_most_140_whole_characters)
{
    arena_t *arena = arena_new ();
    char text[1000];
    CHECK_STR (status_description (arena, "a\nb\x01"
                                          "c"),
               "a b c");
    memset (text, 'a', 141);
    text[140] = '\0';
    CHECK_INT (strlen (status_description (arena, text)), 140);
    text[140] = 'a', text[141] = '\0';
    CHECK_INT (strlen (status_description (arena, text)), 139 + strlen ("…"));
    for (size_t i = 0; i < 150; i++)
        memcpy (text + i * 2, "é", 3);
    const char *cut = status_description (arena, text);
    CHECK_INT (strlen (cut), 139 * 2 + strlen ("…"));
    CHECK_STR (cut + 139 * 2, "…");
    for (size_t i = 0; i < 100; i++)
        memcpy (text + i * 4, "😀", 5);
    CHECK_INT (strlen (status_description (arena, text)), 69 * 4 + strlen ("…")); // 140 as UTF-16 counts
    arena_destroy (&arena);
}

TEST (a_context_that_is_too_long_is_cut_and_stays_distinct)
{
    arena_t *arena = arena_new ();
    char one[400], other[400];
    memset (one, 'x', sizeof one - 1);
    one[sizeof one - 1] = '\0';
    memcpy (other, one, sizeof one);
    other[sizeof other - 2] = 'y';
    const char *first = status_context (arena, one), *second = status_context (arena, other);
    CHECK_INT (strlen (first), STATUS_CONTEXT);
    CHECK_INT (strncmp (first, second, 200), 0);
    CHECK (strcmp (first, second) != 0);
    CHECK_STR (status_context (arena, one), first);
    CHECK_STR (status_context (arena, "short\tname"), "short name");
    arena_destroy (&arena);
}
