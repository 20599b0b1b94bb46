/* Workflow files as people look at them: those of a project with their inputs, any text checked, and runs found by what is known of them. */

#include "tests/service/scheduler/world.h"

#include <string.h>

#define JOBS "jobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"
#define DEPLOY                                                                                    \
    "name: Deploy\non:\n  workflow_dispatch:\n    inputs:\n"                                      \
    "      target: {type: choice, options: [test, live], default: test, description: Where to}\n" \
    "      count: {type: number, required: true}\n"                                               \
    "      dry: {type: boolean, default: true}\n" JOBS

TEST_ON_ENGINES (the_workflows_of_a_project_are_listed_with_the_inputs_that_a_run_by_hand_takes)
{
    world_file (world, "deploy.yml", DEPLOY);
    world_file (world, "push.yml", "on: push\n" JOBS);
    world_file (world, "bad.yml", "on: push\njobs: 7\n");
    project (world);
    workflow_files_t files;
    MUST (world, workflow_list, &files, .project = "demo");
    CHECK_INT (files.items.count, 3);
    CHECK_STR (files.ref, "refs/heads/main");
    const workflow_file_t *deploy = &files.items.items[0];
    CHECK_STR (deploy->name, "Deploy");
    CHECK_INT (deploy->dispatch, true);
    CHECK_STR (deploy->text, ""); // Of many it would be much
    CHECK_INT (deploy->inputs.count, 3);
    const workflow_input_t *inputs = deploy->inputs.items;
    CHECK_STR (inputs[0].type, "choice");
    CHECK_STR (inputs[0].description, "Where to");
    CHECK_STR (inputs[0].default_value, "test");
    CHECK_INT (inputs[0].options.count, 2);
    CHECK_STR (inputs[0].options.items[1], "live");
    CHECK_INT (inputs[1].required, true);
    CHECK_STR (inputs[1].default_value, "");
    CHECK_STR (inputs[2].type, "boolean");
    CHECK_STR (inputs[2].default_value, "true");
    CHECK_INT (files.items.items[1].dispatch, false);
    CHECK_STR (files.items.items[1].problem, "");
    CHECK_INT (strncmp (files.items.items[2].problem, ".github/workflows/bad.yml:2:", 28), 0);
}

TEST_ON_ENGINES (one_workflow_is_shown_with_its_text_and_one_that_is_not_there_is_not_found)
{
    world_file (world, "deploy.yml", DEPLOY);
    world_file (world, "push.yml", "on: push\n" JOBS);
    project (world);
    workflow_files_t files;
    MUST (world, workflow_list, &files, .project = "demo", .path = "deploy.yml");
    CHECK_INT (files.items.count, 1);
    CHECK_STR (files.items.items[0].text, DEPLOY);
    CHECK_INT (ASK (world, workflow_list, &files, .project = "demo", .path = "no.yml"), NOT_FOUND);
}

TEST_ON_ENGINES (a_text_is_checked_as_opencicd_lint_does_and_its_jobs_are_listed)
{
    lint_report_t report;
    MUST (world, lint_check, &report,
          .text = "on: push\njobs:\n  a: {runs-on: linux, steps: [{run: make}]}\n"
                  "  b:\n    needs: a\n    name: All of it\n    runs-on: [linux, gpu]\n"
                  "    strategy: {matrix: {n: [1, 2]}}\n    steps: [{run: 'echo ${{ matrix.m }}'}]\n");
    CHECK_INT (report.findings.count, 1);
    CHECK_INT (report.findings.items[0].line, 9);
    CHECK_INT (report.jobs.count, 2);
    CHECK_STR (report.jobs.items[0].name, "a");
    CHECK_INT (report.jobs.items[0].steps, 1);
    CHECK_INT (report.jobs.items[0].matrix, false);
    CHECK_STR (report.jobs.items[1].name, "All of it");
    CHECK_STR (report.jobs.items[1].needs.items[0], "a");
    CHECK_STR (report.jobs.items[1].labels.items[1], "gpu");
    CHECK_INT (report.jobs.items[1].matrix, true);
    CHECK_INT (report.jobs.items[1].line, 4);
    MUST (world, lint_check, &report, .text = "on: push\njobs: {");
    CHECK_INT (report.findings.items[0].error, true);
    CHECK_INT (report.jobs.count, 0);
}

static size_t found (world_t *world, const run_list_t *ask)
{
    run_page_t page;
    if (world_ask (world, MSG_run_list, ask, &page) != OK)
        test_fail (__FILE__, __LINE__, "%s", world->turn.detail);
    return page.items.count;
}
#define FOUND(...) found (world, &(run_list_t){__VA_ARGS__})

TEST_ON_ENGINES (runs_are_found_by_branch_actor_event_result_and_time)
{
    world_file (world, "ci.yml", "on: [workflow_dispatch, push]\n" JOBS);
    project (world);
    event_runs_t pushed;
    run_page_t page;
    const run_t by_hand = trigger (world);
    world_turn (world, 60);
    MUST (world, event_post, &pushed, .project = "demo", .event = "push", .ref = "main");
    CHECK_INT (FOUND (.ref = "main"), 2);
    CHECK_INT (FOUND (.ref = "refs/heads/main"), 2);
    CHECK_INT (FOUND (.ref = "other"), 0);
    CHECK_INT (FOUND (.event = "push"), 1);
    CHECK_INT (FOUND (.event = "push", .project = "demo", .workflow = ".github/workflows/ci.yml"), 1);
    CHECK_INT (FOUND (.actor = by_hand.actor), 2);
    CHECK_INT (FOUND (.actor = "nobody"), 0);
    CHECK_INT (FOUND (.since = by_hand.created_at), 2);
    CHECK_INT (FOUND (.since = by_hand.created_at + 1), 1);
    CHECK_INT (FOUND (.until = by_hand.created_at + 1), 1);
    run_t run;
    MUST (world, run_cancel, &run, .run = by_hand.id);
    CHECK_INT (FOUND (.result = "cancelled"), 1);
    CHECK_INT (FOUND (.result = "success"), 0);
    CHECK_INT (ASK (world, run_list, &page, .result = "splendid"), INVALID);
}
