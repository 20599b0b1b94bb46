/* What a sample of runs adds up to. */

#include "services/scheduler/api/insight_sum.h"

#include "tests/unit/test.h"

#define DAY_US  (INT64_C (86400) * 1000000)
#define SECOND  INT64_C (1000000)
#define MORNING (20000 * DAY_US)

// A run with one job on this commit, that waited so many seconds and took as many more.
static insight_row_t run_row (const char *id, const char *sha, int64_t at, result_t result, int waited,
                              int took)
{
    int64_t started = at + waited * SECOND;
    return (insight_row_t){
        .run = {.id = id,
                .workflow = "ci.yml",
                .name = "CI",
                .ref = "refs/heads/main",
                .sha = sha,
                .state = run_finished,
                .result = result,
                .attempt = 1,
                .created_at = at,
                .started_at = started,
                .finished_at = started + took * SECOND},
        .job = {.id = id,
                .key = "test",
                .name = "test",
                .result = result,
                .attempt = 1,
                .queued_at = at,
                .started_at = started,
                .finished_at = started + took * SECOND},
        .has_steps = true,
    };
}

TEST (days_and_workflows_have_their_percentiles_results_and_cost)
{
    arena_t *arena = arena_new ();
    insight_row_t rows[23];
    for (int i = 0; i < 20; i++) // The latest first
        rows[i] = run_row (arena_printf (arena, "r%d", i), "a", MORNING + DAY_US, result_success, i, 20 - i);
    rows[20] = run_row ("r20", "a", MORNING, result_failure, 1, 100);
    rows[21] = run_row ("r21", "a", MORNING, result_cancelled, 1, 100);
    rows[21].run.workflow = "other.yml";
    rows[22] = rows[21]; // Another job of that run, which calls a workflow
    rows[22].calls = true;
    insight_sample_t sample = {.rows = rows, .row_count = 23};
    insights_t out = {0};
    insight_sum (arena, &sample, &out);
    CHECK_INT (out.runs, 22);
    CHECK_INT (out.jobs, 23);
    CHECK_INT (out.succeeded, 20);
    CHECK_INT (out.failed, 1);
    CHECK_INT (out.duration_p50_ms, 10000);
    CHECK_INT (out.duration_p95_ms, 19000);
    CHECK_INT (out.days.count, 2);
    CHECK_STR (out.days.items[0].day, "2024-10-04");
    CHECK_STR (out.days.items[1].day, "2024-10-05");
    CHECK_INT (out.days.items[0].runs, 2);
    CHECK_INT (out.days.items[0].duration_p50_ms, 0); // None succeeded
    CHECK_INT (out.days.items[1].wait_p95_ms, 18000);
    CHECK_INT (out.workflows.count, 2);
    CHECK_STR (out.workflows.items[0].workflow, "ci.yml");
    CHECK_INT (out.workflows.items[0].agent_ms, (20 * 21 / 2 + 100) * 1000);
    CHECK_INT (out.workflows.items[1].agent_ms, 100 * 1000);
    arena_destroy (&arena);
}

TEST (a_run_that_was_started_again_counts_but_not_the_time_since_its_first_attempt)
{
    arena_t *arena = arena_new ();
    insight_row_t row = run_row ("r1", "a", MORNING, result_success, 1, 100);
    row.run.attempt = row.job.attempt = 2;
    insight_sample_t sample = {.rows = &row, .row_count = 1};
    insights_t out = {0};
    insight_sum (arena, &sample, &out);
    CHECK_INT (out.succeeded, 1);
    CHECK_INT (out.duration_p50_ms, 0);
    CHECK_INT (out.wait_p50_ms, 0);
    arena_destroy (&arena);
}

TEST (the_slowest_steps_come_first)
{
    arena_t *arena = arena_new ();
    insight_duration_t steps[] = {
        {"ci.yml", "test", "build", 3 * SECOND}, {"ci.yml", "test", "test", 9 * SECOND},
        {"ci.yml", "test", "build", 1 * SECOND}, {"ci.yml", "lint", "build", SECOND / 2},
        {"ci.yml", "test", "build", 2 * SECOND},
    };
    insight_sample_t sample = {.durations = steps, .duration_count = 5};
    insights_t out = {0};
    insight_sum (arena, &sample, &out);
    CHECK_INT (out.steps.count, 3);
    CHECK_STR (out.steps.items[0].step, "test");
    CHECK_STR (out.steps.items[1].job, "test");
    CHECK_INT (out.steps.items[1].count, 3);
    CHECK_INT (out.steps.items[1].duration_p50_ms, 2000);
    CHECK_INT (out.steps.items[1].duration_p95_ms, 3000);
    CHECK_INT (out.steps.items[1].total_ms, 6000);
    arena_destroy (&arena);
}

TEST (a_job_is_flaky_where_one_commit_has_both_results)
{
    arena_t *arena = arena_new ();
    insight_row_t rows[] = {
        run_row ("r5", "c", MORNING + 4, result_success, 1, 1), // Its earlier attempt failed
        run_row ("r4", "b", MORNING + 3, result_failure, 1, 1),
        run_row ("r3", "a", MORNING + 2, result_success, 1, 1),
        run_row ("r2", "a", MORNING + 1, result_failure, 1, 1),
        run_row ("r1", "a", MORNING, result_success, 1, 1),
        run_row ("r0", "", MORNING, result_failure, 1, 1), // Of no commit
    };
    insight_end_t ends[] = {{&rows[0], result_success}, {&rows[1], result_failure},
                            {&rows[2], result_success}, {&rows[3], result_failure},
                            {&rows[4], result_success}, {&rows[5], result_failure},
                            {&rows[0], result_failure}};
    insight_sample_t sample = {.rows = rows, .row_count = 6, .ends = ends, .end_count = 7};
    insights_t out = {0};
    insight_sum (arena, &sample, &out);
    CHECK_INT (out.flaky.count, 1);
    CHECK_STR (out.flaky.items[0].job, "test");
    CHECK_INT (out.flaky.items[0].commits, 2);
    CHECK_INT (out.flaky.items[0].failed, 2);
    CHECK_INT (out.flaky.items[0].succeeded, 3);
    CHECK_STR (out.flaky.items[0].sha, "c");
    CHECK_STR (out.flaky.items[0].job_id, "r5");
    arena_destroy (&arena);
}
