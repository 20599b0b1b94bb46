/* What one comes home to: which default branches fail, what runs, and what one started last. */

#include "tests/service/scheduler/world.h"

#define CI "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"

static overview_t overview (world_t *world)
{
    overview_t answer;
    MUST (world, overview_show, &answer, );
    return answer;
}

static run_t run_ends (world_t *world, fake_agent_t *agent, const char *workflow, result_t result)
{
    run_t run;
    world_turn (world, 1);
    MUST (world, run_trigger, &run, .project = "demo", .workflow = workflow);
    CHECK_STR (takes (world, agent), "a");
    ends (world, agent, result);
    wait_for_run (world, run.id, result == result_success ? "finished success" : "finished failure");
    return run;
}

TEST_ON_ENGINES (a_workflow_of_the_default_branch_fails_until_it_has_passed_again)
{
    world_file (world, "ci.yml", CI);
    world_file (world, "deploy.yml", CI);
    project (world);
    CHECK_INT (overview (world).latest.count, 0);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_ends (world, &ada, "ci.yml", result_failure);
    run_t worse = run_ends (world, &ada, "ci.yml", result_failure);
    run_t other = run_ends (world, &ada, "deploy.yml", result_failure);
    overview_t now = overview (world);
    CHECK_INT (now.failing.count, 2); // Each with its last run
    CHECK_STR (now.failing.items[0].id, other.id);
    CHECK_STR (now.failing.items[1].id, worse.id);
    CHECK_STR (now.failing.items[1].project, "demo");
    CHECK_INT (now.latest.count, 3);
    run_ends (world, &ada, "ci.yml", result_success);
    run_t again;
    world_turn (world, 1);
    MUST (world, run_trigger, &again, .project = "demo", .workflow = "deploy.yml");
    MUST (world, run_cancel, &again, .run = again.id); // Says nothing of the branch
    now = overview (world);
    CHECK_INT (now.failing.count, 1);
    CHECK_STR (now.failing.items[0].id, other.id);
}

TEST_ON_ENGINES (a_failure_of_another_branch_or_of_long_ago_is_none_of_now)
{
    run_t run;
    world_file (world, "ci.yml", CI);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run = run_ends (world, &ada, "ci.yml", result_failure);
    CHECK_INT (overview (world).failing.count, 1);
    world_sql (world, "update runs set ref = 'refs/heads/other'");
    CHECK_INT (overview (world).failing.count, 0);
    world_sql (world, "update runs set ref = 'refs/heads/main'");
    CHECK_STR (overview (world).failing.items[0].id, run.id);
    world_sleep (world, (FAILING_DAYS - 1) * 86400);
    CHECK_INT (overview (world).failing.count, 1);
    world_sleep (world, 2 * 86400);
    CHECK_INT (overview (world).failing.count, 0);
}

TEST_ON_ENGINES (what_runs_and_what_one_started_are_lists_of_their_own)
{
    world_file (world, "ci.yml", CI);
    project (world);
    run_t first = trigger (world);
    world_turn (world, 1);
    world->caller = (caller_t){.role = ROLE_DEVELOPER, .subject = "eve"};
    run_t second = trigger (world);
    overview_t now = overview (world);
    CHECK_INT (now.running.count, 2);
    CHECK (!now.more_running);
    CHECK_STR (now.running.items[0].id, second.id);
    CHECK_INT (now.mine.count, 1);
    CHECK_STR (now.mine.items[0].id, second.id);
    MUST (world, run_cancel, &first, .run = first.id);
    CHECK_INT (overview (world).running.count, 1);
    CHECK_INT (overview (world).failing.count, 0);
}

TEST_ON_ENGINES (as_many_runs_as_are_shown_are_shown_and_one_more_is_said)
{
    world_file (world, "ci.yml", CI);
    project (world);
    for (int i = 0; i < OVERVIEW_RUNS; i++)
        trigger (world);
    CHECK_INT (overview (world).running.count, OVERVIEW_RUNS);
    CHECK (!overview (world).more_running);
    const run_t last = trigger (world);
    const overview_t now = overview (world);
    CHECK_INT (now.running.count, OVERVIEW_RUNS);
    CHECK (now.more_running);
    CHECK_STR (now.running.items[0].id, last.id);
}
