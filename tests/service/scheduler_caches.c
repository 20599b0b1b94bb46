/* Whose caches a job writes and sees, as the artifact store asks it: by the run's event, never by what a job says. */

#include "tests/service/scheduler/world.h"

#include <string.h>

#define FLOW \
    "on: [push, pull_request, pull_request_target]\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"
#define PULL                                                                                                     \
    "{\"pull_request\":{\"number\":7,\"base\":{\"ref\":\"next\"},\"head\":{\"ref\":\"x\",\"sha\":\"" MERGED_HEAD \
    "\"}}}"

static const char *scopes_of (world_t *world, const char *job)
{
    cache_scopes_t scopes = {0};
    const caller_t before = world->caller;
    world->caller = (caller_t){.role = ROLE_SERVICE, .subject = "artifacts"};
    MUST (world, cache_scope, &scopes, .job = job);
    world->caller = before;
    const char *text = arena_printf (world->arena, "%s:", scopes.write);
    for (size_t i = 0; i < scopes.read.count; i++)
        text = arena_printf (world->arena, "%s %s", text, scopes.read.items[i]);
    return text;
}

// The first job of the run that the event makes.
static const char *event_job (world_t *world, const char *event, const char *ref, const char *payload)
{
    event_runs_t runs;
    MUST (world, event_post, &runs, .project = "demo", .event = event, .ref = ref, .payload = payload);
    CHECK_INT (runs.items.count, 1);
    run_t run;
    MUST (world, run_show, &run, .run = runs.items.items[0].id);
    CHECK (run.jobs.count > 0);
    return arena_strdup (world->arena, run.jobs.items[0].id);
}

TEST_ON_ENGINES (a_job_writes_the_caches_of_its_ref_and_of_a_pull_request_those_of_its_merge)
{
    world_file (world, "ci.yml", FLOW);
    project (world);
    const char *main_job = event_job (world, "push", "refs/heads/main", NULL);
    CHECK_STR (scopes_of (world, main_job), "refs/heads/main: refs/heads/main");
    CHECK_STR (scopes_of (world, event_job (world, "pull_request", NULL, PULL)),
               "refs/pull/7/merge: refs/pull/7/merge refs/heads/next refs/heads/main");
    CHECK_STR (scopes_of (world, event_job (world, "pull_request_target", NULL, PULL)),
               "refs/pull/7/merge: refs/pull/7/merge refs/heads/next refs/heads/main");
    cache_scopes_t scopes;
    world->caller = (caller_t){.role = ROLE_JOB, .subject = "another", .attempt = 1};
    CHECK_INT (ASK (world, cache_scope, &scopes, .job = main_job), FORBIDDEN);
}

TEST_ON_ENGINES (a_job_of_no_project_has_no_caches)
{
    job_t job;
    MUST (world, job_submit, &job, .name = "alone", .project = "", .steps = "[{\"run\":\"true\"}]");
    CHECK_STR (scopes_of (world, job.id), ":");
}
