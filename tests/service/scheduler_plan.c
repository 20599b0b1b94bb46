/* A run as it was planned: why each of its jobs runs or does not. */

#include "tests/service/scheduler/world.h"

#include "workflow/expression/value.h"

#include <string.h>

#define CI                                                                                               \
    "name: CI\non: workflow_dispatch\nenv: {A: b}\njobs:\n"                                              \
    "  test:\n    runs-on: linux\n    strategy: {matrix: {n: [1, 2]}}\n    env: {C: d}\n"                \
    "    steps: [{run: make, name: build, if: 'always()'}, {uses: a/b@v1, with: {x: y}, env: {E: f}}]\n" \
    "  deploy:\n    needs: test\n    if: github.ref == 'refs/heads/other'\n    runs-on: [linux, x64]\n"  \
    "    environment: production\n    container: debian:12\n    steps: [{run: ship}]\n"                  \
    "  last:\n    needs: deploy\n    if: always()\n    runs-on: linux\n    steps: [{run: rest}]\n"

static const plan_job_t *planned (const run_planned_t *page, const char *key)
{
    for (size_t i = 0; i < page->items.count; i++)
        if (strcmp (page->items.items[i].key, key) == 0)
            return &page->items.items[i];
    test_fail (__FILE__, __LINE__, "nothing was planned for %s", key);
}

static const char *value_of (const plan_job_t *job, const char *source)
{
    for (size_t i = 0; i < job->parts.count; i++)
        if (strcmp (job->parts.items[i].source, source) == 0)
            return job->parts.items[i].value;
    return "it was not evaluated";
}

TEST_ON_ENGINES (why_a_job_runs_or_does_not_is_said_with_every_value_of_its_condition)
{
    run_planned_t page;
    world_file (world, "ci.yml", CI);
    project (world);
    run_t run = trigger (world);
    MUST (world, run_plan, &page, .run = run.id, .cursor = "");
    CHECK_STR (page.source, CI);
    CHECK_INT (page.items.count, 3);
    const plan_job_t *test = planned (&page, "test"), *deploy = planned (&page, "deploy");
    CHECK (test->decided && test->runs);
    CHECK_STR (test->matrix, "n");
    CHECK_INT (test->cells.count, 2);
    CHECK_STR (test->cells.items[1].matrix, "{\"n\":2}");
    CHECK_STR (test->cells.items[1].labels.items[0], "linux");
    CHECK_STR (test->env.items[0], "A");
    CHECK_STR (test->env.items[1], "C");
    CHECK_STR (test->steps.items[0].condition, "always()");
    CHECK_STR (test->steps.items[1].uses, "a/b@v1");
    CHECK_STR (test->steps.items[1].with.items[0], "x");
    CHECK_STR (test->steps.items[1].env.items[0], "E");
    CHECK (!deploy->decided);
    CHECK_INT (deploy->parts.count, 0);
    CHECK_STR (deploy->condition, "github.ref == 'refs/heads/other'");
    CHECK_STR (deploy->environment, "production");
    CHECK_STR (deploy->container, "debian:12");
    CHECK_INT (deploy->runs_on.count, 2);
    fake_agent_t ada = agent (world, "ada", "linux");
    for (int i = 0; i < 2; i++) {
        CHECK (take (world, &ada));
        ends (world, &ada, result_success);
    }
    MUST (world, run_plan, &page, .run = run.id, .cursor = "");
    deploy = planned (&page, "deploy");
    CHECK (deploy->decided && !deploy->runs);
    CHECK_STR (value_of (deploy, "github.ref"), "\"refs/heads/main\"");
    CHECK_STR (value_of (deploy, "github.ref == 'refs/heads/other'"), "false");
    CHECK_STR (deploy->reason, "its condition does not hold: github.ref == 'refs/heads/other'");
    CHECK_STR (deploy->cells.items[0].reason, deploy->reason);
    CHECK (planned (&page, "last")->runs);
}

TEST_ON_ENGINES (a_job_that_ran_before_the_run_was_cancelled_is_explained_as_it_was_decided)
{
    run_planned_t page;
    run_t stopped;
    world_file (world, "ci.yml", CI);
    project (world);
    run_t run = trigger (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    ends (world, &ada, result_success);
    MUST (world, run_cancel, &stopped, .run = run.id);
    MUST (world, run_plan, &page, .run = run.id, .cursor = "");
    CHECK (planned (&page, "test")->runs);
    CHECK (!planned (&page, "deploy")->runs);
}

TEST_ON_ENGINES (a_plan_is_read_page_by_page_and_job_by_job)
{
    run_planned_t page;
    world_file (world, "ci.yml", CI);
    project (world);
    run_t run = trigger (world);
    MUST (world, run_plan, &page, .run = run.id, .cursor = "", .limit = 2);
    CHECK_INT (page.items.count, 2);
    MUST (world, run_plan, &page, .run = run.id, .cursor = page.next, .limit = 2);
    CHECK_INT (page.items.count, 1);
    CHECK_STR (page.items.items[0].key, "last");
    CHECK_STR (page.next, "");
    CHECK_STR (page.source, "");
    MUST (world, run_plan, &page, .run = run.id, .cursor = "", .job = "deploy");
    CHECK_INT (page.items.count, 1);
    CHECK_INT (ASK (world, run_plan, &page, .run = run.id, .cursor = "", .job = "none"), NOT_FOUND);
    CHECK_INT (ASK (world, run_plan, &page, .run = run.id, .cursor = "-1"), INVALID);
    CHECK_INT (ASK (world, run_plan, &page, .run = "r0", .cursor = ""), NOT_FOUND);
}

TEST_ON_ENGINES (a_called_workflow_is_planned_within_the_run_and_long_values_are_cut)
{
    run_planned_t page;
    run_t run;
    char *text = arena_array (world->arena, 9000, 1);
    memset (text, '"', 8999);
    world_file (world, "called.yml",
                "on:\n  workflow_call:\n    inputs: {text: {type: string}}\njobs:\n  inner:\n"
                "    if: inputs.text != ''\n    runs-on: linux\n    steps: [{run: make}]\n");
    world_file (world, "ci.yml",
                "on:\n  workflow_dispatch:\n    inputs: {text: {type: string}}\njobs:\n  outer:\n"
                "    uses: ./.github/workflows/called.yml\n    with: {text: '${{ inputs.text }}'}\n");
    project (world);
    MUST (world, run_trigger, &run, .project = "demo", .workflow = "ci.yml",
          .inputs = arena_printf (world->arena, "{\"text\":\"%.4000s\"}", "x"));
    MUST (world, run_plan, &page, .run = run.id, .cursor = "");
    CHECK_STR (planned (&page, "outer")->uses, "./.github/workflows/called.yml");
    CHECK_STR (value_of (planned (&page, "outer/inner"), "inputs.text"), "\"x\"");
    value_t *inputs = value_object (world->arena);
    value_set (world->arena, inputs, "text", value_string (world->arena, text));
    MUST (world, run_trigger, &run, .project = "demo", .workflow = "ci.yml",
          .inputs = value_to_json (world->arena, inputs, 0));
    MUST (world, run_plan, &page, .run = run.id, .cursor = "", .job = "outer/inner");
    CHECK (strlen (value_of (planned (&page, "outer/inner"), "inputs.text")) < 2100);
}
