/* Events: of repositories, which make runs; of ours, which tell what changed; and those that time brings. */

#include "tests/service/contract_events.h"
#include "tests/service/scheduler/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define JOBS "jobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"

TEST_ON_ENGINES (an_event_runs_the_workflows_that_wait_for_it_and_says_why_not_the_others)
{
    world_file (world, "ci.yml", "on: push\n" JOBS);
    world_file (world, "release.yml", "on: {push: {tags: ['v*']}}\n" JOBS);
    world_file (world, "bad.yml", "on: push\njobs: 1\n");
    project (world);
    event_runs_t runs;
    MUST (world, event_post, &runs, .project = "demo", .event = "push", .ref = "refs/heads/main",
          .payload = "{\"pusher\":{\"name\":\"eve\"}}", .actor = "eve");
    CHECK_INT (runs.items.count, 1);
    CHECK_STR (runs.items.items[0].workflow, ".github/workflows/ci.yml");
    CHECK_STR (runs.items.items[0].actor, "ada"); // Who asked, not who was said to have
    CHECK_INT (runs.skipped.count, 2);
    CHECK (*runs.skipped.items[0].reason && *runs.skipped.items[1].reason);
    CHECK (strstr (runs.skipped.items[1].reason, "bad.yml:2:"));
    MUST (world, event_post, &runs, .project = "demo", .event = "issues");
    CHECK_INT (runs.items.count, 0);
    CHECK_INT (runs.skipped.count, 3);
}

TEST_ON_ENGINES (a_workflow_that_only_its_path_filters_keep_from_running_is_named)
{
    event_runs_t runs;
    world_file (world, "docs.yml", "name: docs\non: {push: {paths: ['docs/**']}}\n" JOBS);
    world_file (world, "both.yml", "name: both\non: {push: {paths: ['docs/**'], branches: [other]}}\n" JOBS);
    world_file (world, "release.yml", "name: release\non: release\n" JOBS);
    project (world);
    MUST (world, event_post, &runs, .project = "demo", .event = "push", .ref = "refs/heads/main",
          .before = "old");
    CHECK_INT (runs.items.count, 0);
    CHECK_INT (runs.skipped.count, 3);
    for (size_t i = 0; i < 3; i++)
        CHECK_STR (runs.skipped.items[i].name,
                   strstr (runs.skipped.items[i].workflow, "docs.yml") ? "docs" : "");
}

TEST_ON_ENGINES (the_runs_of_one_event_have_numbers_of_their_own)
{
    event_runs_t runs;
    for (int i = 1; i <= 3; i++)
        world_file (world, arena_printf (world->arena, "ci%d.yml", i), "on: push\n" JOBS);
    project (world);
    for (int of = 1; of <= 4; of += 3) {
        MUST (world, event_post, &runs, .project = "demo", .event = "push", .ref = "refs/heads/main");
        CHECK_INT (runs.items.count, 3);
        for (int i = 0; i < 3; i++)
            CHECK_INT (runs.items.items[i].number, of + i);
    }
}

TEST_ON_ENGINES (services_learn_at_which_commit_a_forge_shows_a_run)
{
    event_runs_t runs;
    commit_at_t at;
    world_file (world, "ci.yml", "on: [push, pull_request]\n" JOBS);
    project (world);
    MUST (world, event_post, &runs, .project = "demo", .event = "push", .ref = "refs/heads/main");
    const run_t pushed = runs.items.items[0];
    CHECK_INT (ASK (world, run_commit, &at, .run = pushed.id), FORBIDDEN);
    MUST (world, event_post, &runs, .project = "demo", .event = "pull_request",
          .payload =
              "{\"pull_request\": {\"number\": 7, \"head\": {\"ref\": \"topic\", \"sha\": \"" MERGED_HEAD
              "\"}}}");
    world->caller = (caller_t){.role = ROLE_SERVICE, .subject = "scm"};
    MUST (world, run_commit, &at, .run = pushed.id);
    CHECK_STR (at.sha, pushed.sha);
    CHECK_STR (at.ref, "refs/heads/main");
    MUST (world, run_commit, &at, .run = runs.items.items[0].id);
    CHECK_STR (at.sha, MERGED_HEAD);
    CHECK (strcmp (runs.items.items[0].sha, MERGED_HEAD) != 0); // Its merge is what runs
    CHECK_STR (at.ref, "refs/heads/topic");
}

TEST_ON_ENGINES (an_event_may_be_for_one_workflow_alone)
{
    world_file (world, "ci.yml", "on: push\n" JOBS);
    world_file (world, "other.yml", "on: push\n" JOBS);
    world_file (world, "bad.yml", "on: push\njobs: 1\n");
    project (world);
    event_runs_t runs;
    MUST (world, event_post, &runs, .project = "demo", .event = "push", .workflow = "other.yml");
    CHECK_INT (runs.items.count, 1);
    CHECK_STR (runs.items.items[0].workflow, ".github/workflows/other.yml");
    CHECK_INT (runs.skipped.count, 0);
    MUST (world, event_post, &runs, .project = "demo", .event = "push",
          .workflow = ".github/workflows/bad.yml");
    CHECK_INT (runs.items.count, 0);
    CHECK_INT (runs.skipped.count, 1);
    CHECK_INT (ASK (world, event_post, &runs, .project = "demo", .event = "push", .workflow = "absent.yml"),
               NOT_FOUND);
}

TEST_ON_ENGINES (path_filters_decide_where_it_is_known_what_changed)
{
    world_file (world, "docs.yml", "on: {push: {paths: ['docs/**']}}\n" JOBS);
    world_file (world, "src.yml", "on: {push: {paths-ignore: ['docs/**']}}\n" JOBS);
    project (world);
    event_runs_t runs;
    MUST (world, event_post, &runs, .project = "demo", .event = "push", .before = "old");
    CHECK_INT (runs.items.count, 1);
    CHECK_STR (runs.items.items[0].workflow, ".github/workflows/src.yml");
    MUST (world, event_post, &runs, .project = "demo", .event = "push", .before = "same");
    CHECK_INT (runs.items.count, 0);
    MUST (world, event_post, &runs, .project = "demo", .event = "push", .before = "gone");
    CHECK_INT (runs.items.count, 2);
    MUST (world, event_post, &runs, .project = "demo", .event = "push");
    CHECK_INT (runs.items.count, 2);
}

#define OTHER_HEAD "5555555555555555555555555555555555555555"
#define PULL(number, head)                                            \
    "{\"action\": \"opened\", \"pull_request\": {\"number\": " number \
    ", \"head\": {\"ref\": \"topic\", \"sha\": \"" head               \
    "\"}, \"base\": {\"ref\": \"main\", \"sha\": \"" OTHER_HEAD "\"}}}"

TEST_ON_ENGINES (a_pull_request_runs_its_merge_and_its_head_where_that_is_not_of_it)
{
    world_file (world, "ci.yml", "on: pull_request\n" JOBS);
    project (world);
    event_runs_t runs;
    MUST (world, event_post, &runs, .project = "demo", .event = "pull_request",
          .payload = PULL ("7", MERGED_HEAD));
    CHECK_INT (runs.items.count, 1);
    CHECK_STR (runs.items.items[0].ref, "refs/pull/7/merge");
    CHECK_STR (runs.items.items[0].sha, "3333333333333333333333333333333333333333");
    // The forge has not renewed the merge yet
    MUST (world, event_post, &runs, .project = "demo", .event = "pull_request",
          .payload = PULL ("7", OTHER_HEAD));
    CHECK_STR (runs.items.items[0].ref, "refs/pull/7/head");
    CHECK_STR (runs.items.items[0].sha, OTHER_HEAD);
    // Who names a ref is believed
    MUST (world, event_post, &runs, .project = "demo", .event = "pull_request", .ref = "refs/heads/x",
          .payload = PULL ("7", OTHER_HEAD));
    CHECK_STR (runs.items.items[0].ref, "refs/heads/x");
}

TEST_ON_ENGINES (an_event_has_the_payload_of_a_webhook)
{
    world_file (
        world, "ci.yml",
        "on: [push, workflow_dispatch]\nrun-name: \"${{ github.event.repository.default_branch }} ${{ "
        "github.event.sender.login }} ${{ github.event.head_commit.message }} ${{ "
        "github.event.commits[0].committer.name }} ${{ github.repository_id > 0 }}\"\n" JOBS);
    project (world);
    event_runs_t runs;
    MUST (world, event_post, &runs, .project = "demo", .event = "push");
    CHECK_INT (runs.items.count, 1);
    CHECK_STR (runs.items.items[0].title, "main ada Make it so bob true");
    CHECK_STR (trigger (world).title, "main ada   true");
}

TEST_ON_ENGINES (a_run_is_called_after_what_happened)
{
    world_file (world, "ci.yml", "name: CI\non: [push, pull_request, issues, workflow_dispatch]\n" JOBS);
    project (world);
    static const struct {
        const char *event, *payload, *want;
    } rows[] = {
        {"push", "", "Make it so"},
        {"pull_request", "{\"action\": \"opened\", \"pull_request\": {\"title\": \"Add it\"}}", "Add it"},
        {"issues", "{}", "CI"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        event_runs_t runs;
        MUST (world, event_post, &runs, .project = "demo", .event = rows[i].event,
              .payload = rows[i].payload);
        CHECK_INT (runs.items.count, 1);
        CHECK_STR (runs.items.items[0].title, rows[i].want);
    }
    CHECK_STR (trigger (world).title, "CI");
}

TEST_ON_ENGINES (a_dispatch_has_all_its_inputs_and_in_the_event_as_texts)
{
    world_file (
        world, "ci.yml",
        "on: {workflow_dispatch: {inputs: {flag: {type: boolean}, level: {default: low}, count: {type: number}}}}\n"
        "run-name: ${{ toJSON(github.event.inputs) }}\njobs:\n  a:\n"
        "    if: github.event.inputs.flag == 'true' && inputs.flag == true\n    runs-on: linux\n    steps: [{run: make}]\n");
    project (world);
    run_t run;
    MUST (world, run_trigger, &run, .project = "demo", .inputs = "{\"flag\": true, \"count\": \"7\"}");
    CHECK_STR (run.title, "{\n  \"flag\": \"true\",\n  \"level\": \"low\",\n  \"count\": \"7\"\n}");
    CHECK_JOB (world, run.id, "a", "queued");
    event_runs_t runs;
    MUST (world, event_post, &runs, .project = "demo", .event = "workflow_dispatch",
          .payload = "{\"inputs\": {\"flag\": \"true\"}}");
    CHECK_INT (runs.items.count, 1);
    CHECK_JOB (world, runs.items.items[0].id, "a", "queued");
    MUST (world, event_post, &runs, .project = "demo", .event = "workflow_dispatch",
          .payload = "{\"inputs\": {\"flag\": \"maybe\"}}");
    CHECK_INT (runs.items.count, 0);
    CHECK_STR (runs.skipped.items[0].reason,
               ".github/workflows/ci.yml:1:35: input \"flag\" must be true or false, not \"maybe\"");
}

TEST_ON_ENGINES (a_condition_on_the_attempt_holds_in_the_first_one)
{
    world_file (
        world, "ci.yml",
        "on: push\nrun-name: attempt ${{ github.run_attempt }}\njobs:\n  a:\n    if: github.run_attempt == 1\n"
        "    runs-on: linux\n    steps: [{run: make}]\n");
    project (world);
    event_runs_t runs;
    MUST (world, event_post, &runs, .project = "demo", .event = "push");
    CHECK_INT (runs.items.count, 1);
    CHECK_STR (runs.items.items[0].title, "attempt 1");
    CHECK_JOB (world, runs.items.items[0].id, "a", "queued");
}

TEST_ON_ENGINES (a_file_with_more_faults_than_a_reason_holds_is_skipped_all_the_same)
{
    const char *faults = "";
    for (int i = 0; i < 20; i++)
        faults = arena_printf (world->arena, "%s      - {run: x, if: \"%0200d.a(\"}\n", faults, i);
    world_file (
        world, "bad.yml",
        arena_printf (world->arena, "on: push\njobs:\n  a:\n    runs-on: linux\n    steps:\n%s", faults));
    world_file (world, "ci.yml", "on: push\n" JOBS);
    project (world);
    event_runs_t runs;
    MUST (world, event_post, &runs, .project = "demo", .event = "push");
    CHECK_INT (runs.items.count, 1);
    CHECK_INT (runs.skipped.count, 1);
    CHECK (strlen (runs.skipped.items[0].reason) > 4000);
}

TEST_ON_ENGINES (a_name_that_an_expression_makes_too_long_is_cut)
{
    world_file (
        world, "ci.yml",
        "on: push\nrun-name: ${{ format('{0}{0}{0}{0}{0}{0}{0}{0}', github.event.long) }}\njobs:\n  a:\n"
        "    name: ${{ format('{0}{0}{0}{0}{0}{0}{0}{0}', github.event.long) }}\n    runs-on: linux\n"
        "    steps: [{run: make}]\n");
    project (world);
    event_runs_t runs;
    const char *payload = "";
    for (int i = 0; i < 1000; i++)
        payload = arena_printf (world->arena, "%s\xe2\x82\xac", payload);
    payload = arena_printf (world->arena, "{\"long\": \"%s\"}", payload);
    MUST (world, event_post, &runs, .project = "demo", .event = "push", .payload = payload);
    CHECK_INT (runs.items.count, 1);
    CHECK_INT (strlen (runs.items.items[0].title), 4095); // Whole characters, of three bytes each
    CHECK_INT (runs.items.items[0].jobs.count, 1);
    CHECK_INT (strlen (runs.items.items[0].jobs.items[0].name), 4095);
}

TEST_ON_ENGINES (events_report_every_change_in_order_and_wait_for_the_next)
{
    world_file (world, "ci.yml", "on: workflow_dispatch\n" JOBS);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    events_t events;
    MUST (world, events_read, &events, .after = -1);
    CHECK_INT (events.items.count, 0);
    int64_t cursor = events.cursor;
    run_t run = trigger (world);
    CHECK (take (world, &ada));
    ends (world, &ada, result_success);
    MUST (world, events_read, &events, .after = cursor, .run = run.id);
    static const char *const want[] = {"run.created running", "job.state queued", "job.state assigned",
                                       "job.state finished", "run.state finished"};
    CHECK_INT (events.items.count, 5);
    for (size_t i = 0; i < 5; i++) {
        const event_t *event = &events.items.items[i];
        CHECK_STR (arena_printf (world->arena, "%s %s", event->type, event->state), want[i]);
        CHECK (i == 0 || event->id > events.items.items[i - 1].id);
    }
    CHECK_STR (events.items.items[4].result, "success");
    MUST (world, events_read, &events, .after = events.cursor, .run = run.id);
    CHECK_INT (events.items.count, 0);
}

static void one_more (void *world)
{
    static int count;
    char name[32];
    snprintf (name, sizeof name, "more-%d", ++count);
    (void) agent (world, name, "linux");
}

static void prune (void *world, int64_t up_to)
{
    char sql[80];
    snprintf (sql, sizeof sql, "delete from events where id <= %lld", (long long) up_to);
    world_sql (world, sql);
}

TEST_ON_ENGINES (events_arrive_as_their_readers_were_promised)
{
    contract_events (world->client, one_more, prune, world);
}

TEST_ON_ENGINES (an_invalid_address_is_refused_before_there_is_a_project)
{
    project_t made;
    world_scm_refuses (world, true);
    CHECK_INT (ASK (world, project_add, &made, .name = "x", .url = "x"), INVALID);
    CHECK_STR (world->turn.detail, "url: it is no address");
    CHECK_INT (ASK (world, project_add, &made, .name = "../x", .url = "u"), INVALID);
    CHECK_INT (ASK (world, project_show, &made, .project = "x"), NOT_FOUND);
}

TEST_ON_ENGINES (a_run_is_found_by_the_number_that_its_jobs_see)
{
    world_file (world, "ci.yml",
                "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    name: ${{ github.run_id }}\n"
                "    steps: [{run: x}]\n");
    project (world);
    run_t run = trigger (world);
    done_t found;
    int64_t number = strtoll (run.jobs.items[0].name, NULL, 10);
    CHECK (number > 0);
    MUST (world, run_find, &found, .number = number);
    CHECK_STR (found.id, run.id);
    CHECK_INT (ASK (world, run_find, &found, .number = number + 1), NOT_FOUND);
    CHECK_INT (ASK (world, run_find, &found, .number = 0), NOT_FOUND); // What runs of before have
}

TEST_ON_ENGINES (projects_are_listed_by_page_and_removed_with_their_runs)
{
    world_file (world, "ci.yml", "on: workflow_dispatch\n" JOBS);
    project (world);
    project_t other;
    MUST (world, project_add, &other, .name = "other", .url = "https://git.example/o.git");
    CHECK_INT (ASK (world, project_add, &other, .name = "other", .url = "https://git.example/o.git"),
               CONFLICT);
    project_page_t page;
    MUST (world, project_list, &page, .limit = 1);
    CHECK_INT (page.items.count, 1);
    CHECK_STR (page.items.items[0].name, "demo");
    MUST (world, project_list, &page, .limit = 1, .cursor = page.next);
    CHECK_STR (page.items.items[0].name, "other");
    run_t run = trigger (world);
    done_t done;
    CHECK_INT (ASK (world, project_remove, &done, .project = "demo"), CONFLICT);
    MUST (world, run_cancel, &run, .run = run.id);
    MUST (world, project_remove, &done, .project = "demo");
    CHECK_INT (ASK (world, run_show, &run, .run = run.id), NOT_FOUND);
    job_page_t jobs;
    for (int i = 0; i < 100; i++) {
        MUST (world, job_list, &jobs);
        if (jobs.items.count == 0)
            break;
        world_turn (world, 1);
    }
    CHECK_INT (jobs.items.count, 0);
}

TEST_ON_ENGINES (runs_and_jobs_are_listed_latest_first_by_page_and_state)
{
    world_file (world, "ci.yml", "on: workflow_dispatch\n" JOBS);
    project (world);
    run_t runs[3];
    for (int i = 0; i < 3; i++) {
        runs[i] = trigger (world);
        world_turn (world, 1);
    }
    run_page_t page;
    MUST (world, run_list, &page, .project = "demo", .limit = 2);
    CHECK_INT (page.items.count, 2);
    CHECK_INT (page.items.items[0].number, 3);
    MUST (world, run_list, &page, .project = "demo", .limit = 2, .cursor = page.next);
    CHECK_INT (page.items.count, 1);
    CHECK_STR (page.next, "");
    run_t run;
    MUST (world, run_cancel, &run, .run = runs[1].id);
    MUST (world, run_list, &page, .state = "running");
    CHECK_INT (page.items.count, 2);
    MUST (world, run_list, &page, .state = "finished");
    CHECK_INT (page.items.count, 1);
    CHECK_INT (ASK (world, run_list, &page, .state = "lost"), INVALID);
    job_page_t jobs;
    MUST (world, job_list, &jobs, .state = "queued");
    CHECK_INT (jobs.items.count, 2);
    MUST (world, job_list, &jobs, .run = runs[1].id);
    CHECK_INT (jobs.items.count, 1);
}

#define CRON "on: {schedule: [{cron: '0 * * * *'}], workflow_dispatch: }\n" JOBS

TEST_ON_ENGINES (a_schedule_runs_when_its_time_comes_once)
{
    world_file (world, "ci.yml", CRON);
    project (world); // At 17:46:40
    world_turn (world, 12 * 60);
    CHECK_INT (count_runs (world), 0);
    world_turn (world, 81); // 18:00:01: what is asked at 18:00 has the time that it is given
    wait_for_runs (world, 1);
    run_page_t page;
    MUST (world, run_list, &page);
    CHECK_STR (page.items.items[0].event, "schedule");
    world_turn (world, 120);
    CHECK_INT (count_runs (world), 1);
    world_turn (world, 3600);
    wait_for_runs (world, 2);
}

TEST_ON_ENGINES (a_schedule_that_ends_the_server_each_time_is_set_aside_until_its_file_changes)
{
    project_t shown;
    world_file (world, "ci.yml", CRON);
    project (world);
    world_scm_fails (world, "as if the server had ended while it was at it");
    world_turn (world, 14 * 60);
    for (int i = 0; i < 3; i++) {
        MUST (world, project_show, &shown, .project = "demo");
        CHECK_STR (shown.schedules_suspended, "");
        world_restart (world);
        world_turn (world, 61);
    }
    MUST (world, project_show, &shown, .project = "demo");
    CHECK_STR (shown.schedules_suspended, "0 * * * *");
    world_scm_fails (world, NULL);
    world_turn (world, 3600);
    CHECK_INT (count_runs (world), 0);
    trigger (world); // Of the same commit
    MUST (world, project_show, &shown, .project = "demo");
    CHECK_STR (shown.schedules_suspended, "0 * * * *");
    world_commit (world, "0000000000000000000000000000000000000002");
    run_t run = trigger (world);
    CHECK_INT (run.number, 2);
    MUST (world, project_show, &shown, .project = "demo");
    CHECK_STR (shown.schedules_suspended, "");
    world_turn (world, 3600);
    wait_for_runs (world, 3);
}

TEST_ON_ENGINES (a_time_missed_while_the_server_was_down_runs_once_if_it_is_not_old)
{
    world_file (world, "ci.yml", "on: {schedule: [{cron: '0 18 * * *'}]}\n" JOBS);
    project (world);
    world_scm_fails (world, "down");
    world_turn (world, 30 * 60); // 18:16
    CHECK_INT (count_runs (world), 0);
    world_scm_fails (world, NULL);
    world_restart (world);
    world_turn (world, 61);
    wait_for_runs (world, 1);
    world_turn (world, 90);
    CHECK_INT (count_runs (world), 1);
    world_scm_fails (world, "down");
    world_turn (world, 24 * 3600);
    world_turn (world, 2 * 3600);
    world_scm_fails (world, NULL);
    world_turn (world, 120);
    CHECK_INT (count_runs (world), 1);
}

TEST_ON_ENGINES (a_cron_line_in_two_timezones_starts_each_workflow_in_its_own)
{
    if (access ("/usr/share/zoneinfo/Asia/Tokyo", R_OK) != 0)
        return;
    world_file (world, "utc.yml", "on: {schedule: [{cron: '0 18 * * *'}]}\n" JOBS);
    world_file (world, "tokyo.yml", "on: {schedule: [{cron: '0 18 * * *', timezone: Asia/Tokyo}]}\n" JOBS);
    project (world); // At 17:46:40, UTC
    world_turn (world, 15 * 60);
    wait_for_runs (world, 1);
    run_page_t page;
    MUST (world, run_list, &page);
    CHECK_STR (page.items.items[0].workflow, ".github/workflows/utc.yml");
    world_turn (world, 15 * 3600);
    wait_for_runs (world, 2);
    MUST (world, run_list, &page);
    CHECK_STR (page.items.items[0].workflow, ".github/workflows/tokyo.yml");
}

TEST_ON_ENGINES (schedules_follow_the_default_branch)
{
    world_file (world, "ci.yml", CRON);
    project (world);
    world_file (world, "ci.yml", "on: workflow_dispatch\n" JOBS);
    world_commit (world, "0000000000000000000000000000000000000002");
    trigger (world);
    world_turn (world, 3600);
    world_turn (world, 60);
    CHECK_INT (count_runs (world), 1);
}

// 40 jobs print an event of 400 KB as JSON: what one of them may do all of them together may not.
TEST_ON_ENGINES (jobs_whose_expressions_take_too_long_together_fail_and_say_so)
{
    const char *jobs = "on: push\njobs:\n";
    for (int i = 0; i < 40; i++)
        jobs = arena_printf (
            world->arena,
            "%s  j%d: {runs-on: linux, if: \"${{ toJSON(github.event) != '' }}\", steps: [{run: x}]}\n", jobs,
            i);
    world_file (world, "ci.yml", jobs);
    project (world);
    size_t size = 400 << 10;
    char *text = arena_alloc (world->arena, size + 1);
    memset (text, 'x', size);
    text[size] = '\0';
    event_runs_t runs;
    MUST (world, event_post, &runs, .project = "demo", .event = "push",
          .payload = arena_printf (world->arena, "{\"text\": \"%s\"}", text));
    CHECK_INT (runs.items.count, 1);
    run_t run = run_of (world, runs.items.items[0].id);
    CHECK_STR (state_name (&states_job, run.jobs.items[0].state), "queued");
    CHECK_INT (run.jobs.items[39].state, job_finished);
    CHECK (strstr (run.jobs.items[39].reason, "take too much time"));
}
