/* What somebody sees who has a role in one of two projects, in all lists of the scheduler; what everybody sees of a public one; and that the rest
 * does not exist for them. On each engine, because the narrowing is in SQL. */

#include "tests/service/scheduler/world.h"

#include <string.h>

#define CI "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"

typedef struct {
    const char *demo, *other; // Projects
    run_t ours, theirs, of_none;
    const char *grants;
} two_t;

static const char *add_project (world_t *world, const char *name)
{
    project_t made;
    MUST (world, project_add, &made, .name = name, .url = "https://git.example/other");
    wait_for_project (world, name, "ready");
    return arena_strdup (world->arena, made.id);
}

static two_t two_projects (world_t *world)
{
    project_t demo;
    job_t job;
    two_t two;
    world_file (world, "ci.yml", CI);
    project (world);
    MUST (world, project_show, &demo, .project = "demo");
    two.demo = arena_strdup (world->arena, demo.id);
    two.other = add_project (world, "other");
    MUST (world, run_trigger, &two.ours, .project = "demo", .workflow = "ci.yml");
    MUST (world, run_trigger, &two.theirs, .project = "other", .workflow = "ci.yml");
    MUST (world, job_submit, &job, .name = "alone", .steps = "[{\"run\": \"true\"}]");
    two.of_none.id = arena_strdup (world->arena, job.run_id);
    return two;
}

static void as (world_t *world, role_t role, const char *grants)
{
    world->caller = (caller_t){.role = role, .subject = "mo", .grants = grants};
}

static void as_one_of (world_t *world, const char *project, char letter)
{
    as (world, ROLE_MEMBER, arena_printf (world->arena, "|%s=%c|", project, letter));
}

// The projects of its rows, each once, as "demo other".
static const char *projects_of_runs (world_t *world, const run_items_t *runs)
{
    const char *text = "";
    for (size_t i = 0; i < runs->count; i++)
        if (!strstr (text, runs->items[i].project))
            text = arena_printf (world->arena, "%s%s ", text, runs->items[i].project);
    return text;
}

TEST_ON_ENGINES (lists_hold_what_the_caller_may_see_and_nothing_else)
{
    const two_t two = two_projects (world);
    project_page_t projects;
    run_page_t runs;
    job_page_t jobs;
    overview_t overview;
    queue_page_t queue;
    queue_job_page_t waiting;
    const char *label = "linux";
    as_one_of (world, two.demo, 'V');
    MUST (world, project_list, &projects, );
    CHECK_INT (projects.items.count, 1);
    CHECK_STR (projects.items.items[0].name, "demo");
    CHECK_STR (projects.items.items[0].role, "VIEWER");
    MUST (world, run_list, &runs, );
    CHECK_STR (projects_of_runs (world, &runs.items), "demo ");
    MUST (world, run_list, &runs, .state = "running");
    CHECK_STR (projects_of_runs (world, &runs.items), "demo ");
    MUST (world, run_list, &runs, .actor = "ada");
    CHECK_STR (projects_of_runs (world, &runs.items), "demo ");
    MUST (world, job_list, &jobs, );
    CHECK_INT (jobs.items.count, 1);
    CHECK_STR (jobs.items.items[0].run_id, two.ours.id);
    MUST (world, job_list, &jobs, .state = "queued");
    CHECK_INT (jobs.items.count, 1);
    MUST (world, job_list, &jobs, .run = two.theirs.id);
    CHECK_INT (jobs.items.count, 0);
    MUST (world, overview_show, &overview, );
    CHECK_STR (projects_of_runs (world, &overview.running), "demo ");
    CHECK_STR (projects_of_runs (world, &overview.latest), "demo ");
    MUST (world, queue_show, &queue, );
    CHECK_INT (queue.items.count, 1);
    CHECK_INT (queue.items.items[0].size, 1);
    CHECK_INT (queue.items.items[0].jobs.count, 1);
    CHECK_STR (queue.items.items[0].jobs.items[0].project, "demo");
    MUST (world, queue_jobs, &waiting, .labels = {&label, 1});
    CHECK_INT (waiting.items.count, 1);
    CHECK_STR (waiting.items.items[0].project, "demo");
}

TEST_ON_ENGINES (who_has_a_role_everywhere_sees_all_and_who_has_none_nothing)
{
    project_page_t projects;
    run_page_t runs;
    job_page_t jobs;
    (void) two_projects (world);
    as (world, ROLE_VIEWER, NULL);
    MUST (world, run_list, &runs, );
    CHECK_INT (runs.items.count, 3);
    MUST (world, job_list, &jobs, );
    CHECK_INT (jobs.items.count, 3);
    as (world, ROLE_MEMBER, "");
    MUST (world, project_list, &projects, );
    CHECK_INT (projects.items.count, 0);
    MUST (world, run_list, &runs, );
    CHECK_INT (runs.items.count, 0);
    CHECK_STR (runs.next, "");
    MUST (world, job_list, &jobs, );
    CHECK_INT (jobs.items.count, 0);
    as (world, ROLE_NOBODY, ""); // No project is public: there is nothing to look at
    CHECK_INT (ASK (world, run_list, &runs, ), FORBIDDEN);
}

TEST_ON_ENGINES (what_one_may_not_see_does_not_exist_and_what_one_sees_is_not_ones_to_change)
{
    const two_t two = two_projects (world);
    run_t run;
    job_t job;
    project_t shown;
    done_t done;
    events_t events;
    run_page_t runs;
    as_one_of (world, two.demo, 'V');
    CHECK_INT (ASK (world, run_show, &run, .run = two.ours.id), OK);
    CHECK_INT (ASK (world, run_show, &run, .run = two.theirs.id), NOT_FOUND);
    CHECK_STR (world->turn.detail, arena_printf (world->arena, "there is no run %s", two.theirs.id));
    CHECK_INT (ASK (world, run_show, &run, .run = two.of_none.id), NOT_FOUND);
    CHECK_INT (ASK (world, job_show, &job, .job = two.theirs.jobs.items[0].id), NOT_FOUND);
    CHECK_INT (ASK (world, project_show, &shown, .project = "other"), NOT_FOUND);
    CHECK_STR (world->turn.detail, "there is no project other");
    CHECK_INT (ASK (world, run_list, &runs, .project = "other"), NOT_FOUND);
    CHECK_INT (ASK (world, events_read, &events, .project = "other"), NOT_FOUND);
    CHECK_INT (ASK (world, run_cancel, &run, .run = two.ours.id), FORBIDDEN);
    CHECK_INT (ASK (world, run_cancel, &run, .run = two.theirs.id), FORBIDDEN); // Nowhere
    as_one_of (world, two.demo, 'D');
    CHECK_INT (ASK (world, run_cancel, &run, .run = two.theirs.id), NOT_FOUND);
    CHECK_INT (ASK (world, job_submit, &job, .name = "x", .steps = "[{\"run\": \"true\"}]"), FORBIDDEN);
    CHECK_INT (ASK (world, project_set, &shown, .project = "demo", .visibility = "public"), FORBIDDEN);
    CHECK_INT (ASK (world, run_cancel, &run, .run = two.ours.id), OK);
    CHECK_INT (ASK (world, project_remove, &done, .project = "demo"), FORBIDDEN);
    CHECK_INT (ASK (world, project_add, &shown, .name = "mine", .url = "https://git.example/x"), FORBIDDEN);
    as_one_of (world, two.demo, 'M');
    CHECK_INT (ASK (world, project_remove, &done, .project = "other"), NOT_FOUND);
    CHECK_INT (ASK (world, project_remove, &done, .project = "demo"), OK);
}

TEST_ON_ENGINES (of_many_runs_that_are_named_those_of_others_are_not_there)
{
    const two_t two = two_projects (world);
    const char *ids[] = {two.theirs.id, two.ours.id};
    runs_changed_t changed;
    as_one_of (world, two.demo, 'D');
    MUST (world, runs_cancel, &changed, .runs = {ids, 2});
    CHECK_INT (changed.items.count, 2);
    CHECK (!changed.items.items[0].done && changed.items.items[1].done);
    CHECK_STR (changed.items.items[0].code, "NOT_FOUND");
    CHECK_STR (changed.items.items[0].project, "");
    MUST (world, runs_rerun, &changed, .workflow = "ci.yml");
    for (size_t i = 0; i < changed.items.count; i++)
        CHECK_STR (changed.items.items[i].project, "demo");
    as (world, ROLE_ADMIN, NULL);
    CHECK_JOB (world, two.theirs.id, "a", "queued");
}

TEST_ON_ENGINES (everybody_sees_the_runs_of_a_public_project_without_its_agents_and_its_address)
{
    const two_t two = two_projects (world);
    project_t shown;
    run_page_t runs;
    run_t run;
    run_planned_t plan;
    event_runs_t made;
    CHECK_INT (ASK (world, project_set, &shown, .project = "demo", .visibility = "everybody"), INVALID);
    MUST (world, project_set, &shown, .project = "demo", .visibility = "public");
    CHECK_STR (shown.visibility, "public");
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    for (int times = 0; times < 2; times++) {
        as (world, times ? ROLE_MEMBER : ROLE_NOBODY, "");
        MUST (world, run_list, &runs, );
        CHECK_STR (projects_of_runs (world, &runs.items), "demo ");
        MUST (world, run_show, &run, .run = two.ours.id);
        CHECK_STR (run.jobs.items[0].agent_name, "");
        CHECK_STR (run.jobs.items[0].agent_id, "");
        MUST (world, project_show, &shown, .project = "demo");
        CHECK_STR (shown.url, "");
        CHECK_STR (shown.role, "");
        CHECK_INT (ASK (world, run_show, &run, .run = two.theirs.id), NOT_FOUND);
        CHECK_INT (ASK (world, run_plan, &plan, .run = two.ours.id), FORBIDDEN);
        CHECK_INT (ASK (world, run_cancel, &run, .run = two.ours.id), FORBIDDEN);
        CHECK_INT (ASK (world, event_post, &made, .project = "demo", .event = "push"), FORBIDDEN);
    }
    as (world, ROLE_ADMIN, NULL);
    MUST (world, project_set, &shown, .project = "demo", .visibility = "private");
    as (world, ROLE_NOBODY, "");
    CHECK_INT (ASK (world, run_show, &run, .run = two.ours.id), NOT_FOUND);
}

TEST_ON_ENGINES (events_are_of_what_the_caller_may_see)
{
    const two_t two = two_projects (world);
    events_t events;
    as_one_of (world, two.other, 'V');
    MUST (world, events_read, &events, .after = 0);
    CHECK (events.items.count > 0);
    for (size_t i = 0; i < events.items.count; i++)
        CHECK_STR (events.items.items[i].project_id, two.other);
    as (world, ROLE_ADMIN, NULL);
    size_t all = events.items.count;
    MUST (world, events_read, &events, .after = 0);
    CHECK (events.items.count > all);
}

TEST_ON_ENGINES (a_registered_project_is_trusted_for_administrators_alone)
{
    project_t made;
    as (world, ROLE_MAINTAINER, NULL);
    MUST (world, project_add, &made, .name = "mine", .url = "https://git.example/mine");
    CHECK (!made.trusted && !world_check_was_trusted (world));
    as (world, ROLE_MEMBER, "|p1=M|");
    CHECK_INT (ASK (world, project_add, &made, .name = "ours", .url = "https://git.example/ours"), FORBIDDEN);
    as (world, ROLE_ADMIN, NULL);
    MUST (world, project_add, &made, .name = "all", .url = "https://git.example/all");
    CHECK (made.trusted);
}
