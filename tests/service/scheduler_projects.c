/* Projects are there at once; whether their repositories can be read is found out afterwards, said, and tried again. */

#include "tests/service/scheduler/world.h"

#include <poll.h>
#include <string.h>

#define JOBS "jobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"
#define DEMO .name = "demo", .url = "https://git.example/ada/demo.git"

static project_t shown (world_t *world)
{
    project_t project;
    MUST (world, project_show, &project, .project = "demo");
    return project;
}

static void wait_for_reason (world_t *world, const char *reason)
{
    for (int i = 0; i < WAIT_MS / 5 && strcmp (shown (world).state_reason, reason) != 0; i++)
        poll (NULL, 0, 5);
    CHECK_STR (shown (world).state_reason, reason);
}

TEST_ON_ENGINES (a_project_is_there_while_its_repository_is_still_being_cloned)
{
    world_file (world, "ci.yml", "on: workflow_dispatch\n" JOBS);
    world_scm_fault (world, CONFLICT, "the repository is still being cloned: 45%");
    project_t made;
    run_t run;
    MUST (world, project_add, &made, DEMO);
    CHECK_INT (made.state, project_cloning);
    CHECK_STR (made.state_reason, "");
    wait_for_reason (world, "the repository is still being cloned: 45%");
    CHECK_INT (shown (world).state, project_cloning);
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo"), CONFLICT);
    CHECK_STR (world->turn.detail, "the repository is still being cloned: 45%");
    world_scm_fault (world, CONFLICT, "the repository is still being cloned: 90%");
    world_turn (world, 1);
    wait_for_reason (world, "the repository is still being cloned: 90%");
    world_scm_fails (world, NULL);
    world_turn (world, 1);
    wait_for_project (world, "demo", "ready");
    made = shown (world);
    CHECK_STR (made.state_reason, "");
    CHECK_STR (made.default_branch, "main");
    int fetches = world_fetches (world);
    world_turn (world, 3600);
    CHECK_INT (world_fetches (world), fetches); // What is ready is not looked at by itself
    events_t events;
    MUST (world, events_read, &events);
    CHECK_INT (events.items.count, 2);
    CHECK_STR (events.items.items[0].type, "project.added");
    CHECK_STR (events.items.items[1].type, "project.state");
    CHECK_STR (events.items.items[1].state, "ready");
    CHECK_STR (events.items.items[1].project_id, made.id);
}

TEST_ON_ENGINES (a_repository_that_cannot_be_read_shows_gits_error_and_is_retried_with_growing_pauses)
{
    static const int pauses[] = {10, 20, 40, 80, 160, 320, 640, 640};
    world_scm_fault (world, CONFLICT, "cloning"); // Which is no failure
    project_t made;
    MUST (world, project_add, &made, DEMO);
    wait_for_reason (world, "cloning");
    world_scm_fault (world, UNAVAILABLE, "git: repository not found");
    world_turn (world, 1);
    wait_for_project (world, "demo", "failed");
    CHECK_STR (shown (world).state_reason, "git: repository not found");
    for (size_t i = 0; i < sizeof pauses / sizeof pauses[0]; i++) {
        wait_for_count (world, world_fetches, (int) i + 2);
        world_turn (world, pauses[i] - 1);
        CHECK_INT (world_fetches (world), (int) i + 2);
        world_scm_fault (world, UNAVAILABLE, arena_printf (world->arena, "git: try %zu", i));
        world_turn (world, 1);
        wait_for_reason (world, arena_printf (world->arena, "git: try %zu", i));
    }
    world_scm_fails (world, NULL);
    world_turn (world, 640);
    wait_for_project (world, "demo", "ready");
    CHECK_STR (shown (world).state_reason, "");
}

TEST_ON_ENGINES (a_look_that_its_scheduler_did_not_end_is_made_by_the_next)
{
    world_scm_fault (world, LATER, "it hangs");
    project_t made;
    MUST (world, project_add, &made, DEMO);
    wait_for_count (world, world_fetches, 1);
    world_scm_fails (world, NULL);
    world_restart (world);
    world_turn (world, 30);
    wait_for_project (world, "demo", "ready");
}

TEST_ON_ENGINES (a_trigger_that_reads_the_repository_makes_the_project_ready)
{
    world_file (world, "ci.yml", "on: workflow_dispatch\n" JOBS);
    world_scm_fault (world, UNAVAILABLE, "git: down");
    project_t made;
    run_t run;
    MUST (world, project_add, &made, DEMO);
    wait_for_project (world, "demo", "failed");
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo"), UNAVAILABLE);
    CHECK_STR (world->turn.detail, "git: down");
    world_scm_fails (world, NULL);
    trigger (world);
    CHECK_INT (shown (world).state, project_ready);
    CHECK_STR (shown (world).default_branch, "main");
}

TEST_ON_ENGINES (a_project_is_trusted_where_an_administrator_registered_it)
{
    world_file (world, "ci.yml", "on: [workflow_dispatch, push]\n" JOBS);
    static const struct {
        const char *name;
        role_t role;
        bool trusted;
    } rows[] = {{"a", ROLE_ADMIN, true}, {"b", ROLE_DEVELOPER, false}, {"c", ROLE_SERVICE, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        project_t made;
        run_t run;
        event_runs_t runs;
        job_t job;
        world->caller.role = rows[i].role;
        MUST (world, project_add, &made, .name = rows[i].name, .url = "https://git.example/x");
        CHECK_INT (made.trusted, rows[i].trusted);
        CHECK_INT (world_check_was_trusted (world), rows[i].trusted);
        world->caller.role = ROLE_ADMIN; // Whoever asks later
        wait_for_project (world, rows[i].name, "ready");
        CHECK_INT (world_was_trusted (world), rows[i].trusted);
        MUST (world, run_trigger, &run, .project = rows[i].name);
        CHECK_INT (world_was_trusted (world), rows[i].trusted);
        MUST (world, event_post, &runs, .project = rows[i].name, .event = "push");
        CHECK_INT (world_was_trusted (world), rows[i].trusted);
        MUST (world, job_submit, &job, .name = "x", .project = rows[i].name,
              .steps = "[{\"run\": \"true\"}]");
        CHECK_INT (world_was_trusted (world), rows[i].trusted);
    }
}

TEST_ON_ENGINES (only_the_scheduler_itself_looks_at_repositories)
{
    done_t done;
    project (world);
    CHECK_INT (ASK (world, project_sync, &done, .project = "demo"), FORBIDDEN);
}

TEST_ON_ENGINES (a_ref_that_is_not_there_is_the_callers_mistake)
{
    world_file (world, "ci.yml", "on: [workflow_dispatch, push]\n" JOBS);
    project (world);
    run_t run;
    event_runs_t runs;
    world_scm_fault (world, NOT_FOUND, "the repository has no branch or tag nope");
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo", .ref = "nope"), INVALID);
    CHECK_STR (world->turn.detail, "the repository has no branch or tag nope");
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo", .sha = "abcd"), INVALID);
    CHECK_INT (ASK (world, event_post, &runs, .project = "demo", .event = "push", .ref = "nope"), INVALID);
    CHECK_INT (ASK (world, run_trigger, &run, .project = "demo"), NOT_FOUND);
}

TEST_ON_ENGINES (what_older_rows_hold_before_the_host_is_never_shown)
{
    project (world);
    world_sql (world, "update projects set url = 'https://ci:S3cret@git.example/x' where name = 'demo'");
    project_t made;
    project_page_t page;
    CHECK_STR (shown (world).url, "https://git.example/x");
    MUST (world, project_list, &page);
    CHECK_STR (page.items.items[0].url, "https://git.example/x");
    CHECK_INT (ASK (world, project_add, &made, DEMO), CONFLICT);
    CHECK (!strstr (world->turn.detail, "S3cret"));
}

TEST_ON_ENGINES (the_answer_to_an_event_says_that_path_filters_were_not_applied)
{
    world_file (world, "ci.yml", "on: {push: {paths: ['z/**']}}\n" JOBS);
    project (world);
    event_runs_t runs;
    MUST (world, event_post, &runs, .project = "demo", .event = "push", .before = "gone");
    CHECK_INT (runs.items.count, 1);
    CHECK_STR (runs.note, "path filters are not applied, because the changed files are unknown: it is gone");
    MUST (world, event_post, &runs, .project = "demo", .event = "push", .before = "old");
    CHECK_INT (runs.items.count, 0);
    CHECK_STR (runs.note, "");
    MUST (world, event_post, &runs, .project = "demo", .event = "push");
    CHECK_STR (runs.note, "");
}

// ---- schedules ----

#define HOURLY "on: {schedule: [{cron: '0 * * * *'}], workflow_dispatch: , push: }\n" JOBS

static run_page_t runs_of (world_t *world, const char *event)
{
    run_page_t page, some = {0};
    MUST (world, run_list, &page);
    some.items.items = arena_array (world->arena, page.items.count + 1, sizeof (run_t));
    for (size_t i = 0; i < page.items.count; i++)
        if (strcmp (page.items.items[i].event, event) == 0)
            some.items.items[some.items.count++] = page.items.items[i];
    return some;
}

static void wait_for_scheduled (world_t *world, size_t count)
{
    for (int i = 0; i < WAIT_MS / 5 && runs_of (world, "schedule").items.count != count; i++)
        poll (NULL, 0, 5);
    CHECK_INT (runs_of (world, "schedule").items.count, count);
}

TEST_ON_ENGINES (schedules_come_from_the_tip_of_the_default_branch_and_from_no_other_commit)
{
    world_file (world, "ci.yml", "on: [workflow_dispatch, push]\n" JOBS);
    project (world);
    run_t run;
    event_runs_t runs;
    world_file (world, "ci.yml", HOURLY); // In a commit that is not the tip, whatever ref is named
    MUST (world, run_trigger, &run, .project = "demo", .ref = "main",
          .sha = "00000000000000000000000000000000000000ee");
    MUST (world, event_post, &runs, .project = "demo", .event = "push", .ref = "refs/heads/main",
          .sha = "00000000000000000000000000000000000000ee");
    MUST (world, event_post, &runs, .project = "demo", .event = "push", .ref = "refs/heads/evil");
    world_turn (world, 3600);
    CHECK_INT (runs_of (world, "schedule").items.count, 0);
    world_commit (world, "00000000000000000000000000000000000000ee"); // It was merged
    MUST (world, event_post, &runs, .project = "demo", .event = "push", .ref = "refs/heads/main",
          .sha = "00000000000000000000000000000000000000ee");
    world_turn (world, 3600);
    wait_for_scheduled (world, 1);
}

TEST_ON_ENGINES (a_cron_line_that_left_the_file_no_longer_fires)
{
    world_file (world, "ci.yml", HOURLY);
    project (world);
    world_turn (world, 3600);
    wait_for_scheduled (world, 1);
    world_file (world, "ci.yml", "on: {workflow_dispatch: , schedule: [{cron: '30 23 * * *'}]}\n" JOBS);
    world_commit (world, "0000000000000000000000000000000000000002");
    trigger (world);
    int fetches = world_fetches (world);
    world_turn (world, 3600);
    world_turn (world, 3600);
    CHECK_INT (world_fetches (world), fetches); // Nothing is even looked at
    CHECK_INT (runs_of (world, "schedule").items.count, 1);
}

TEST_ON_ENGINES (of_several_missed_times_the_last_is_run)
{
    world_file (world, "ci.yml",
                "on: {schedule: [{cron: '*/10 * * * *'}]}\nrun-name: due ${{ github.event.due_at }}\n" JOBS);
    project (world);             // At 17:46:40
    world_turn (world, 34 * 60); // 18:20:40
    wait_for_scheduled (world, 1);
    CHECK_STR (runs_of (world, "schedule").items.items[0].title, "due 1900002000000000"); // 18:20
}

TEST_ON_ENGINES (a_due_time_that_is_posted_twice_is_run_once)
{
    world_file (world, "ci.yml", HOURLY);
    project (world); // At 17:46:40
    world_turn (world, 14 * 60);
    wait_for_scheduled (world, 1);
    event_runs_t runs;
    world->caller.role = ROLE_SERVICE;
    for (int i = 0; i < 2; i++) { // As after an answer that was lost
        MUST (world, event_post, &runs, .project = "demo", .event = "schedule",
              .payload =
                  "{\"schedule\": \"0 * * * *\", \"timezone\": \"\", \"due_at\": \"1900000800000000\"}");
        CHECK_INT (runs.items.count, 0);
    }
    world->caller.role = ROLE_ADMIN;
    CHECK_INT (runs_of (world, "schedule").items.count, 1);
}
