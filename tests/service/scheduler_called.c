/* Workflows of repositories that are no projects here: their jobs run, their commit is locked at the first use, and what cannot be had is named. */

#include "tests/service/scheduler/world.h"

#include <string.h>

#define A       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B       "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define SHARED  "on: workflow_call\njobs: {s: {runs-on: linux, steps: [{run: make}]}}\n"
#define CI      ".github/workflows/ci.yml"
#define CALLING "on: workflow_dispatch\njobs:\n  call: {uses: org/shared/" CI "@v1}\n"

static void refused (world_t *world, const char *part)
{
    run_t run;
    fault_t fault = ASK (world, run_trigger, &run, .project = "demo");
    const char *detail = world->turn.detail ? world->turn.detail : "";
    if (fault != INVALID || !strstr (detail, part))
        test_fail (__FILE__, __LINE__, "%s: %s", fault_name (fault), detail);
}

TEST_ON_ENGINES (a_workflow_of_a_repository_that_is_no_project_runs_and_its_commit_is_locked)
{
    action_page_t page;
    world_file (world, "ci.yml", CALLING);
    world_called (world, A, CI, SHARED, NULL);
    project (world);
    run_t run = trigger (world);
    CHECK_STR (world_called_asked (world), " org/shared v1  https://git.example/ada/demo.git ada/demo");
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), "call / s");
    CHECK_STR (ada.offer.workflow, "org/shared/" CI "@v1");
    CHECK_STR (ada.offer.workflow_sha, A);
    CHECK_STR (ada.offer.workflow_url, "https://forge.example/org/shared");
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, run.id), "finished success");
    MUST (world, action_list, &page, .project = "demo");
    CHECK_INT (page.items.count, 1);
    CHECK_STR (page.items.items[0].reference, "org/shared@v1");
    CHECK_STR (page.items.items[0].commit, A);
    CHECK_STR (page.items.items[0].job, "");
    // A rerun has the files that the run had, whatever is there now
    world_called (world, B, CI, "on: push\n", "it is gone");
    MUST (world, run_rerun, &run, .run = run.id);
    CHECK_STR (takes (world, &ada), "call / s");
    CHECK_STR (ada.offer.workflow_sha, A);
}

TEST_ON_ENGINES (a_called_workflow_whose_tag_was_moved_is_refused_until_the_move_is_accepted)
{
    action_pin_t pin;
    event_runs_t made;
    world_file (world, "ci.yml",
                "on: [push, workflow_dispatch]\njobs:\n  call: {uses: org/shared/" CI "@v1}\n");
    world_file (world, "own.yml", "on: push\njobs: {own: {runs-on: linux, steps: [{run: make}]}}\n");
    world_called (world, A, CI, SHARED, NULL);
    project (world);
    MUST (world, run_trigger, &(run_t){0}, .project = "demo", .workflow = "ci.yml");
    world_called (world, B, CI, SHARED, NULL);
    MUST (world, event_post, &made, .project = "demo", .event = "push", .ref = "refs/heads/main");
    CHECK_INT (made.items.count, 1); // The other workflow is not concerned
    CHECK_STR (made.items.items[0].workflow, ".github/workflows/own.yml");
    CHECK_INT (made.skipped.count, 1);
    CHECK (strstr (made.skipped.items[0].reason,
                   CI ":3:16: org/shared/" CI "@v1 cannot be called: org/shared@v1 was moved from " A
                      ", to which it is locked, to " B
                      ": look at what changed, then accept the new commit: opencicd "
                      "actions accept demo org/shared@v1 --commit=" B));
    CHECK (strstr (world_called_asked (world), "org/shared v1 " A " "));
    action_page_t page;
    MUST (world, action_list, &page, .project = "demo");
    CHECK_STR (page.items.items[0].moved_to, B);
    MUST (world, action_accept, &pin, .project = "demo", .reference = "org/shared@v1");
    CHECK_STR (pin.commit, B);
    MUST (world, run_trigger, &(run_t){0}, .project = "demo", .workflow = "ci.yml");
}

TEST_ON_ENGINES (a_called_workflow_that_cannot_be_had_is_refused_with_its_place_and_the_reason)
{
    world_file (world, "ci.yml", CALLING);
    world_called (world, A, ".github/workflows/other.yml", SHARED, NULL);
    project (world);
    refused (world, CI ":3:16: org/shared/" CI
                       "@v1 cannot be called: https://forge.example/org/shared has no such file at "
                       "commit aaaaaaaaaaaa");
    world_called (world, A, CI, SHARED, "no source has it; https://forge.example/org/shared: git: not found");
    refused (world, CI ":3:16: org/shared/" CI
                       "@v1 cannot be called: no project here is org/shared, and no source has it; "
                       "https://forge.example/org/shared: git: not found");
    world_called (world, A, CI, "on: push\njobs: {}\n", NULL);
    refused (world, "org/shared/" CI "@v1:2:");
    world_file (world, "ci.yml", "on: workflow_dispatch\njobs:\n  call: {uses: org/shared/" CI "@a..b}\n");
    refused (world,
             CI ":3:16: org/shared/" CI "@a..b cannot be called: uses: \"org/shared@a..b\" has no valid tag, "
                "branch or commit after the @");
    world_file (world, "ci.yml", "on: workflow_dispatch\njobs:\n  call: {uses: ../shared/" CI "@v1}\n");
    refused (world, "has no valid owner and repository before the @");
    world_file (world, "ci.yml", "on: workflow_dispatch\njobs:\n  call: {uses: org/shared/" CI "}\n");
    refused (world, "write owner/repo/.github/workflows/FILE@ref");
}

TEST_ON_ENGINES (a_called_workflow_may_name_its_server_and_calls_its_own_neighbours)
{
    world_file (world, "ci.yml",
                "on: workflow_dispatch\njobs:\n  call: {uses: 'https://forge.example/org/shared/" CI "@" A
                "'}\n");
    world_called (world, A, CI, "on: workflow_call\njobs: {next: {uses: './.github/workflows/next.yml'}}\n",
                  NULL);
    project (world);
    refused (world, "https://forge.example/org/shared/" CI "@" A
                    ":2:21: https://forge.example/org/shared/.github/workflows/"
                    "next.yml@" A " cannot be called: https://forge.example/org/shared has no such file");
    CHECK (strstr (world_called_asked (world), "https://forge.example org/shared " A " "));
    action_page_t page;
    MUST (world, action_list, &page, .project = "demo");
    CHECK_INT (page.items.count, 0); // A commit needs no lock
}

TEST_ON_ENGINES (a_project_whose_address_only_contains_the_name_is_not_the_repository_that_is_called)
{
    project_t other;
    world_file (world, "ci.yml", CALLING);
    world_called (world, A, CI, SHARED, NULL);
    project (world);
    MUST (world, project_add, &other, .name = "tools", .url = "https://git.example/org/shared-tools.git");
    wait_for_project (world, "tools", "ready");
    MUST (world, project_add, &other, .name = "mine", .url = "https://git.example/my-org/shared.git");
    wait_for_project (world, "mine", "ready");
    trigger (world);
    CHECK_STR (world_called_asked (world), " org/shared v1  https://git.example/ada/demo.git ada/demo");
}

TEST_ON_ENGINES (the_workflows_of_one_event_call_fifty_other_repositories_at_most)
{
    event_runs_t made;
    const char *text = "on: push\njobs:\n";
    for (int i = 0; i < 50; i++)
        text = arena_printf (world->arena, "%s  c%d: {uses: org/r%d/" CI "@v1}\n", text, i, i);
    world_file (world, "ci.yml", text);
    world_file (world, "more.yml", "on: push\njobs:\n  c: {uses: org/more/" CI "@v1}\n");
    world_called (world, A, CI, SHARED, NULL);
    project (world);
    MUST (world, event_post, &made, .project = "demo", .event = "push", .ref = "refs/heads/main");
    CHECK_INT (made.items.count, 1);
    CHECK_INT (made.skipped.count, 1);
    CHECK_STR (made.skipped.items[0].reason,
               ".github/workflows/more.yml:3:13: org/more/" CI
               "@v1 cannot be called: the workflows of one event call files of at "
               "most 50 other repositories");
}
