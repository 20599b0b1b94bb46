/* What a workflow's DAG becomes: needs, conditions, outputs, matrices. */

#include "tests/service/scheduler/world.h"

#include <string.h>

#define ON "on: workflow_dispatch\n"

TEST_ON_ENGINES (a_triggered_run_is_claimed_at_once_and_ends_with_its_job)
{
    world_file (world, "ci.yml", ON "jobs:\n  build:\n    runs-on: linux\n    steps: [{run: make}]\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux,x64");
    run_t run = trigger (world);
    CHECK_INT (run.number, 1);
    CHECK_STR (run.title, ".github/workflows/ci.yml");
    CHECK_INT (run.jobs.count, 1);
    CHECK_JOB (world, run.id, "build", "assigned");
    CHECK (take (world, &ada));
    CHECK_STR (ada.offer.key, "build");
    CHECK_INT (ada.offer.attempt, 1);
    CHECK_STR (ada.offer.repository, "https://git.example/ada/demo.git");
    begins (world, &ada);
    CHECK_JOB (world, run.id, "build", "running");
    ends (world, &ada, result_success);
    CHECK_JOB (world, run.id, "build", "finished success");
    CHECK_STR (run_text (world, run.id), "finished success");
    CHECK_STR (takes (world, &ada), "");
}

TEST_ON_ENGINES (jobs_begin_when_what_they_need_is_done_and_get_its_outputs)
{
    world_file (world, "ci.yml",
                ON
                "jobs:\n"
                "  build:\n    runs-on: linux\n    outputs: {v: x}\n    steps: [{run: make}]\n"
                "  test:\n    needs: build\n    runs-on: linux\n    name: test ${{ needs.build.outputs.v }}\n"
                "    steps: [{run: make}]\n"
                "  ship:\n    needs: [build, test]\n    runs-on: linux\n    steps: [{run: make}]\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux"), bob = agent (world, "bob", "linux");
    run_t run = trigger (world);
    CHECK_JOB (world, run.id, "build", "assigned");
    CHECK_JOB (world, run.id, "ship", "pending");
    run = run_of (world, run.id);
    CHECK_STR (job_of (&run, "ship")->wait_reason, "waits for build, test");
    fake_agent_t *first = take (world, &ada) ? &ada : &bob, *other = first == &ada ? &bob : &ada;
    if (first == &bob)
        CHECK (take (world, &bob));
    ends_with (world, first, result_success, "{\"v\":\"42\"}");
    CHECK_JOB (world, run.id, "test 42", "assigned");
    if (!take (world, first)) {
        CHECK (take (world, other));
        first = other;
    }
    CHECK_STR (first->offer.key, "test");
    CHECK (strstr (first->offer.contexts,
                   "\"needs\":{\"build\":{\"result\":\"success\",\"outputs\":{\"v\":\"42\"}}}") ||
           strstr (first->offer.contexts,
                   "\"needs\":{\"build\":{\"outputs\":{\"v\":\"42\"},\"result\":\"success\"}}"));
    CHECK (strstr (first->offer.contexts, "\"github\":{\"job\":\"test\",\"run_attempt\":\"1\","));
    CHECK (strstr (first->offer.contexts, "\"event_name\":\"workflow_dispatch\""));
    CHECK (strstr (first->offer.contexts, "\"repository\":\"ada/demo\""));
    ends (world, first, result_success);
    CHECK_JOB (world, run.id, "ship", "assigned");
}

TEST_ON_ENGINES (a_failure_skips_what_needs_it_but_not_what_asks_for_always)
{
    world_file (
        world, "ci.yml",
        ON "jobs:\n"
           "  build:\n    runs-on: linux\n    steps: [{run: make}]\n"
           "  test:\n    needs: build\n    runs-on: linux\n    steps: [{run: make}]\n"
           "  report:\n    needs: test\n    if: always()\n    runs-on: linux\n    steps: [{run: make}]\n"
           "  alarm:\n    needs: test\n    if: failure()\n    runs-on: linux\n    steps: [{run: make}]\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    CHECK_STR (takes (world, &ada), "build");
    ends (world, &ada, result_failure);
    CHECK_JOB (world, run.id, "test", "finished skipped");
    for (int i = 0; i < 2; i++) {
        CHECK (take (world, &ada));
        CHECK (strcmp (ada.offer.name, "report") == 0 || strcmp (ada.offer.name, "alarm") == 0);
        ends (world, &ada, result_success);
    }
    CHECK_STR (run_text (world, run.id), "finished failure");
}

TEST_ON_ENGINES (a_failure_with_continue_on_error_does_not_fail_the_run)
{
    world_file (world, "ci.yml",
                ON "jobs:\n"
                   "  lint:\n    continue-on-error: true\n    runs-on: linux\n    steps: [{run: make}]\n"
                   "  build:\n    needs: lint\n    runs-on: linux\n    steps: [{run: make}]\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    CHECK_STR (takes (world, &ada), "lint");
    ends (world, &ada, result_failure);
    CHECK_JOB (world, run.id, "lint", "finished failure");
    CHECK_STR (takes (world, &ada), "build");
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, run.id), "finished success");
}

TEST_ON_ENGINES (a_failure_that_is_forgiven_is_a_success_to_others_also_where_it_left_outputs)
{
    world_file (world, "ci.yml",
                ON "jobs:\n"
                   "  lint:\n    continue-on-error: true\n    runs-on: linux\n    outputs: {v: x}\n"
                   "    steps: [{run: make}]\n"
                   "  build:\n    needs: lint\n    runs-on: linux\n    steps: [{run: make}]\n"
                   "    if: needs.lint.result == 'success' && needs.lint.outputs.v == '42'\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    CHECK_STR (takes (world, &ada), "lint");
    ends_with (world, &ada, result_failure, "{\"v\":\"42\"}");
    CHECK_STR (takes (world, &ada), "build");
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, run.id), "finished success");
}

TEST_ON_ENGINES (a_run_whose_jobs_are_all_skipped_ends_at_once)
{
    world_file (world, "ci.yml",
                ON "jobs:\n  a:\n    if: github.ref == 'x'\n    runs-on: linux\n    steps: [{run: make}]\n"
                   "  b:\n    needs: a\n    runs-on: linux\n    steps: [{run: make}]\n");
    project (world);
    run_t run = trigger (world);
    CHECK_INT (run.state, run_finished);
    CHECK_INT (run.result, result_skipped);
}

#define MATRIX(more)                                           \
    ON "jobs:\n  t:\n    runs-on: linux\n    strategy:\n" more \
       "      matrix: {n: [1, 2, 3]}\n    steps: [{run: make}]\n"

TEST_ON_ENGINES (a_matrix_becomes_a_job_for_each_cell)
{
    world_file (world, "ci.yml", MATRIX (""));
    project (world);
    run_t run = trigger (world);
    CHECK_INT (run.jobs.count, 3);
    CHECK_STR (run.jobs.items[0].name, "t (1)");
    CHECK_STR (run.jobs.items[2].name, "t (3)");
    CHECK_STR (run.jobs.items[1].matrix, "{\"n\":2}");
    CHECK_INT (run.jobs.items[1].state, job_queued);
}

TEST_ON_ENGINES (fail_fast_stops_the_other_cells)
{
    world_file (world, "ci.yml", MATRIX (""));
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux"), bob = agent (world, "bob", "linux");
    run_t run = trigger (world);
    CHECK (take (world, &ada) && take (world, &bob));
    begins (world, &bob);
    ends (world, &ada, result_failure);
    CHECK_STR (job_text (world, run.id, bob.offer.name), "cancelling");
    CHECK_STR (job_text (world, run.id, "t (3)"), "finished cancelled");
    order_t order;
    CHECK_INT (say (world, &bob, job_running, result_none, &order), OK);
    CHECK_INT (order, order_cancel);
    ends (world, &bob, result_cancelled);
    CHECK_STR (run_text (world, run.id), "finished failure");
}

TEST_ON_ENGINES (what_stops_a_cell_first_is_the_reason_that_stays)
{
    world_file (world, "ci.yml", MATRIX (""));
    project (world);
    fake_agent_t agents[] = {agent (world, "ada", "linux"), agent (world, "bob", "linux"),
                             agent (world, "cy", "linux")};
    run_t run = trigger (world);
    for (size_t i = 0; i < 3; i++) {
        CHECK (take (world, &agents[i]));
        begins (world, &agents[i]);
    }
    const char *why = arena_printf (world->arena, "%s failed (fail-fast)", agents[0].offer.name);
    ends (world, &agents[0], result_failure);
    ends (world, &agents[1], result_failure); // It was to stop, and failed first
    ends (world, &agents[2], result_cancelled);
    run = run_of (world, run.id);
    CHECK_STR (job_of (&run, agents[2].offer.name)->reason, why);
    CHECK_STR (run_text (world, run.id), "finished failure");
}

TEST_ON_ENGINES (without_fail_fast_the_other_cells_continue)
{
    world_file (world, "ci.yml", MATRIX ("      fail-fast: false\n"));
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    CHECK_STR (takes (world, &ada), "t (1)");
    ends (world, &ada, result_failure);
    CHECK_STR (takes (world, &ada), "t (2)");
    ends (world, &ada, result_success);
    CHECK_STR (takes (world, &ada), "t (3)");
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, run.id), "finished failure");
}

TEST_ON_ENGINES (max_parallel_holds_back_cells_until_another_ends)
{
    world_file (world, "ci.yml", MATRIX ("      max-parallel: 1\n"));
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux"), bob = agent (world, "bob", "linux");
    run_t run = trigger (world);
    CHECK (take (world, &ada) || take (world, &bob));
    fake_agent_t *first = *ada.offer.job ? &ada : &bob;
    CHECK_JOB (world, run.id, "t (2)", "pending");
    CHECK_JOB (world, run.id, "t (3)", "pending");
    run = run_of (world, run.id);
    CHECK_STR (job_of (&run, "t (2)")->wait_reason, "max-parallel: 1 of its matrix run");
    ends (world, first, result_success);
    CHECK_JOB (world, run.id, "t (2)", "assigned");
    CHECK_JOB (world, run.id, "t (3)", "pending");
}

TEST_ON_ENGINES (a_bad_workflow_is_refused_with_its_location)
{
    world_file (world, "ci.yml", ON "jobs:\n  a:\n    runs-on: linux\n    stops: []\n");
    project (world);
    run_t run;
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo"), INVALID);
    CHECK (strstr (world->turn.detail, ".github/workflows/ci.yml:5:5: "));
    world_file (world, "ci.yml", "on: push\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n");
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo"), INVALID);
    CHECK (strstr (world->turn.detail, "add `workflow_dispatch:`"));
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo", .workflow = "no.yml"), NOT_FOUND);
    CHECK_INT (ASK (world, run_trigger, &run, .project = "none"), NOT_FOUND);
}

TEST_ON_ENGINES (a_run_of_one_job_more_than_a_run_may_have_is_refused)
{
    run_t run;
    buffer_t *text = buffer_new (1 << 20);
    buffer_puts (text, ON "jobs:\n  more: {runs-on: linux, steps: [{run: make}]}\n");
    for (int i = 0; i < 20; i++) {
        buffer_printf (text, "  j%d: {runs-on: linux, steps: [{run: make}], strategy: {matrix: {x: [0", i);
        for (int k = 1; k < 250; k++)
            buffer_printf (text, ", %d", k);
        buffer_puts (text, "]}}}\n");
    }
    world_file (world, "ci.yml", buffer_text (text));
    buffer_destroy (&text);
    project (world);
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo"), INVALID);
    CHECK (strstr (world->turn.detail, "has 5001 jobs"));
}

TEST_ON_ENGINES (inputs_are_checked_and_defaulted)
{
    world_file (
        world, "ci.yml",
        "on:\n  workflow_dispatch:\n    inputs:\n      who: {default: you}\n      n: {type: number}\n"
        "jobs:\n  a:\n    name: hi ${{ inputs.who }}\n    runs-on: linux\n    steps: [{run: make}]\n");
    project (world);
    run_t run;
    MUST (world, run_trigger, &run, .project = "demo");
    CHECK_STR (run.jobs.items[0].name, "hi you");
    MUST (world, run_trigger, &run, .project = "demo", .inputs = "{\"who\":\"ada\"}");
    CHECK_STR (run.jobs.items[0].name, "hi ada");
    CHECK_INT (run.number, 2);
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo", .inputs = "{\"nobody\":1}"), INVALID);
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo", .inputs = "{\"n\":\"many\"}"), INVALID);
}

TEST_ON_ENGINES (a_job_of_no_project_needs_no_repository)
{
    fake_agent_t ada = agent (world, "ada", "linux");
    job_t job;
    MUST (world, job_submit, &job, .name = "hello", .steps = "[{\"run\":\"echo hi\"}]",
          .env = "{\"A\":\"b\"}");
    CHECK_STR (takes (world, &ada), "hello");
    CHECK_STR (ada.offer.repository, "");
    CHECK (strstr (ada.offer.definition, "echo hi"));
    ends (world, &ada, result_success);
    MUST (world, job_show, &job, .job = ada.offer.job);
    CHECK_INT (job.result, result_success);
    CHECK_INT (ASK (world, job_submit, &job, .name = "bad", .steps = "[{\"ran\":\"x\"}]"), INVALID);
    CHECK_INT (ASK (world, job_submit, &job, .name = "empty"), INVALID);
}
