/* How a project's runs did: from what was stored, a bounded part of it, by its indexes. */

#include "tests/service/scheduler/world.h"

#include "common/base/metrics.h"

#define CI \
    "on: workflow_dispatch\njobs:\n  test:\n    runs-on: linux\n    steps: [{run: make, name: build}]\n"

// It takes two seconds.
static run_t one_run (world_t *world, fake_agent_t *agent, result_t result)
{
    run_t run = trigger (world);
    CHECK (take (world, agent));
    begins (world, agent);
    world_turn (world, 2);
    ends (world, agent, result);
    return run_of (world, run.id);
}

TEST_ON_ENGINES (durations_waits_results_and_what_came_and_went_are_told)
{
    insights_t seen;
    world_file (world, "ci.yml", CI);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    one_run (world, &ada, result_success);
    run_t failed = one_run (world, &ada, result_failure);
    MUST (world, insights_show, &seen, .project = "demo");
    CHECK_INT (seen.runs, 2);
    CHECK_INT (seen.succeeded, 1);
    CHECK_INT (seen.failed, 1);
    CHECK_INT (seen.duration_p50_ms, 2000);
    CHECK_INT (seen.days.count, 1);
    CHECK_STR (seen.days.items[0].day, "2030-03-17");
    CHECK_STR (seen.workflows.items[0].workflow, ".github/workflows/ci.yml");
    CHECK_INT (seen.workflows.items[0].agent_ms, 4000);
    CHECK_INT (seen.flaky.count, 1); // Both are of one commit
    CHECK_STR (seen.flaky.items[0].job_id, failed.jobs.items[0].id);
    CHECK (!seen.cut);
    run_t again;
    MUST (world, run_rerun, &again, .run = failed.id);
    CHECK (take (world, &ada));
    ends (world, &ada, result_success);
    MUST (world, insights_show, &seen, .project = "demo");
    CHECK_INT (seen.succeeded, 2);
    CHECK_INT (seen.flaky.items[0].failed, 1); // An attempt before the latest
    CHECK_INT (seen.flaky.items[0].succeeded, 2);
    MUST (world, insights_show, &seen, .project = "demo", .branch = "other");
    CHECK_INT (seen.runs, 0);
    MUST (world, insights_show, &seen, .project = "demo", .branch = "main", .workflow = "none.yml");
    CHECK_INT (seen.runs, 0);
    MUST (world, insights_show, &seen, .project = "demo", .branch = "main",
          .workflow = ".github/workflows/ci.yml");
    CHECK_INT (seen.runs, 2);
    CHECK_INT (ASK (world, insights_show, &seen, .project = "none"), NOT_FOUND);
    CHECK_INT (ASK (world, insights_show, &seen, .project = "demo", .from = WORLD_BEGINS, .to = 1), INVALID);
    CHECK_INT (ASK (world, insights_show, &seen, .project = "demo", .from = 1, .to = WORLD_BEGINS), INVALID);
}

// Runs of one day, each with a job. Their ids are of that day, as it is in this project's clock.
static void many_runs (world_t *world, const run_t *like, int count)
{
    world_sql (
        world,
        arena_printf (world->arena,
                      "with recursive n (i) as (select 1 union all select i + 1 from n where i < %d)"
                      " insert into runs (id, project_id, number, workflow, name, title, event, ref, sha,"
                      " actor, state, result, created_at, started_at, finished_at)"
                      " select substr (r.id, 1, 11) || 'z' || (100000000 + n.i), r.project_id, n.i + 10,"
                      " r.workflow, r.name, '', '', r.ref, r.sha, '', 'finished', 'success', r.created_at,"
                      " r.started_at, r.finished_at from n join runs r on r.id = '%s'",
                      count, like->id));
    world_sql (world, arena_printf (
                          world->arena,
                          "insert into jobs (id, run_id, project_id, key, position, cell, name, title, state,"
                          " result, attempt, needs, created_at, queued_at, started_at, finished_at, agent_id)"
                          " select 'j' || r.id, r.id, r.project_id, 'test', 0, 0, 'test', '', 'finished',"
                          " 'success', 1, '', 1, j.queued_at, j.started_at, j.finished_at, 'a'"
                          " from runs r join jobs j on j.run_id = '%s' where r.id like '%%z1%%'",
                          like->id));
}

TEST_ON_ENGINES (of_a_day_with_very_many_runs_the_last_ones_are_looked_at_and_that_is_said)
{
    insights_t seen;
    world_file (world, "ci.yml", CI);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = one_run (world, &ada, result_failure);
    many_runs (world, &run, 3000);
    metric_t *counted = metrics_counter ("opencicd_db_steps_total", NULL, NULL, "");
    int64_t before = metric_read (counted);
    MUST (world, insights_show, &seen, .project = "demo");
    int64_t looked = metric_read (counted) - before;
    CHECK (seen.cut);
    CHECK_INT (seen.most_runs_per_day, 600 / 31);
    CHECK_INT (seen.runs, 600 / 31);
    CHECK_INT (seen.failed, 0); // It is older
    CHECK (seen.days.items[0].cut);
    if (looked > 20000)
        test_fail (__FILE__, __LINE__, "%lld steps", (long long) looked);
    MUST (world, insights_show, &seen, .project = "demo", .from = WORLD_BEGINS,
          .to = WORLD_BEGINS + SECONDS (3600));
    CHECK_INT (seen.runs, 600);
}
