/* Which jobs may have an identity, and what it says: from rows alone, for the attempt that has the job. */

#include "tests/service/scheduler/world.h"
#include "workflow/expression/value.h"

#include <string.h>

#define STEPS      "runs-on: linux, steps: [{run: 'true'}]"
#define IDENTIFIES "permissions: {id-token: write}"

static fault_t claims_of (world_t *world, const fake_agent_t *ada, uint32_t attempt, job_identity_t *out)
{
    caller_t before = world->caller;
    world->caller = (caller_t){.role = ROLE_SERVICE, .subject = "identity"};
    fault_t fault = ASK (world, job_claims, out, .job = ada->offer.job, .attempt = attempt);
    world->caller = before;
    return fault;
}

// The subject; "refused", or "withheld".
static const char *subject_of (world_t *world, const fake_agent_t *ada)
{
    const value_t *claims;
    const char *error;
    job_identity_t answer = {0};
    fault_t fault = claims_of (world, ada, ada->offer.attempt, &answer);
    if (fault == FORBIDDEN)
        return "refused";
    CHECK_INT (fault, OK);
    CHECK_INT (value_from_json (world->arena, answer.claims, strlen (answer.claims), &claims, &error), OK);
    return answer.withheld ? "withheld" : value_get_text (claims, "sub");
}

static const char *claim (world_t *world, const fake_agent_t *ada, const char *name)
{
    const value_t *claims;
    const char *error;
    job_identity_t answer = {0};
    CHECK_INT (claims_of (world, ada, ada->offer.attempt, &answer), OK);
    CHECK_INT (value_from_json (world->arena, answer.claims, strlen (answer.claims), &claims, &error), OK);
    return value_get_text (claims, name);
}

static fake_agent_t taken (world_t *world, const char *workflow)
{
    run_t run;
    world_file (world, "ci.yml", workflow);
    project (world);
    MUST (world, run_trigger, &run, .project = "demo", .workflow = "ci.yml");
    wait_for_job (world, run.id, "a", "queued"); // The rules of an environment are asked for by a tick
    fake_agent_t ada = agent (world, "ada", "linux");
    // The rules of an environment are read after the trigger's answer
    wait_for_job (world, run.id, "a", "assigned");
    CHECK (take (world, &ada));
    return ada;
}

TEST_ON_ENGINES (the_attempt_that_has_a_job_with_the_permission_may_have_an_identity)
{
    job_identity_t answer = {0};
    fake_agent_t ada = taken (world, "on: workflow_dispatch\n" IDENTIFIES "\njobs: {a: {" STEPS "}}");
    CHECK (ada.offer.id_token);
    CHECK_STR (subject_of (world, &ada), "repo:ada/demo:ref:refs/heads/main");
    CHECK_STR (claim (world, &ada, "repository"), "ada/demo");
    CHECK_STR (claim (world, &ada, "event_name"), "workflow_dispatch");
    CHECK_STR (claim (world, &ada, "run_attempt"), "1");
    CHECK_STR (claim (world, &ada, "run_number"), "1");
    CHECK_STR (claim (world, &ada, "job_workflow_ref"), "ada/demo/.github/workflows/ci.yml@refs/heads/main");
    CHECK_STR (claim (world, &ada, "project"), "demo");
    CHECK_STR (claim (world, &ada, "job_id"), ada.offer.job);
    CHECK_INT (claims_of (world, &ada, ada.offer.attempt + 1, &answer), CONFLICT);
    CHECK_INT (ASK (world, job_claims, &answer, .job = ada.offer.job, .attempt = 1), FORBIDDEN);
    ends (world, &ada, result_success);
    CHECK_INT (claims_of (world, &ada, ada.offer.attempt, &answer), CONFLICT);
}

TEST_ON_ENGINES (a_job_without_the_permission_has_no_identity)
{
    fake_agent_t ada = taken (world, "on: workflow_dispatch\n" IDENTIFIES
                                     "\njobs: {a: {permissions: {contents: read}, " STEPS "}}");
    CHECK (!ada.offer.id_token);
    CHECK_STR (subject_of (world, &ada), "refused");
    CHECK (strstr (world->turn.detail, "id-token: write"));
}

TEST_ON_ENGINES (an_environment_is_the_subject)
{
    fake_agent_t ada = taken (world, "on: workflow_dispatch\njobs: {a: {environment: Production, "
                                     "permissions: write-all, " STEPS "}}");
    CHECK_STR (subject_of (world, &ada), "repo:ada/demo:environment:Production");
    CHECK_STR (claim (world, &ada, "environment"), "Production");
}

TEST_ON_ENGINES (an_attempt_that_lost_its_job_has_no_identity_any_more)
{
    job_identity_t answer = {0};
    fake_agent_t ada = taken (world, "on: workflow_dispatch\n" IDENTIFIES "\njobs: {a: {" STEPS "}}");
    fake_agent_t before = ada;
    world_turn (world, 120);
    fake_agent_t eve = agent (world, "eve", "linux");
    CHECK (take (world, &eve));
    CHECK_STR (eve.offer.job, before.offer.job);
    CHECK_INT (claims_of (world, &before, before.offer.attempt, &answer), CONFLICT);
    CHECK_STR (subject_of (world, &eve), "repo:ada/demo:ref:refs/heads/main");
}

#define PULL(id)                                                                                                  \
    "{\"number\":7,\"pull_request\":{\"number\":7,\"title\":\"x\",\"head\":{\"ref\":\"x\",\"sha\":\"" MERGED_HEAD \
    "\",\"repo\":{\"id\":" id "}},\"base\":{\"ref\":\"main\",\"repo\":{\"id\":1}}}}"

static const char *of_pull (world_t *world, fake_agent_t *ada, const char *payload, bool offered)
{
    event_runs_t runs;
    MUST (world, event_post, &runs, .project = "demo", .event = "pull_request", .payload = payload);
    CHECK_INT (runs.items.count, 1);
    CHECK (take (world, ada));
    CHECK_INT (ada->offer.id_token, offered);
    const char *subject = subject_of (world, ada);
    ends (world, ada, result_success);
    return subject;
}

TEST_ON_ENGINES (a_run_of_a_forks_code_has_no_identity_however_its_workflow_is_written)
{
    world_file (world, "ci.yml", "on: pull_request\npermissions: write-all\njobs: {a: {" STEPS "}}");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (of_pull (world, &ada, PULL ("1"), true), "repo:ada/demo:pull_request");
    CHECK_STR (of_pull (world, &ada, PULL ("2"), false), "withheld");
}

// A called workflow's job: what its callers have, and what it says itself.
static const char *of_call (world_t *world, fake_agent_t *ada, const char *caller, const char *between,
                            const char *called)
{
    world_file (world, "last.yml",
                arena_printf (world->arena, "on: workflow_call\njobs: {do: {%s " STEPS "}}", called));
    world_file (world, "called.yml",
                arena_printf (world->arena,
                              "on: workflow_call\njobs: {on: {%s uses: ./.github/workflows/last.yml}}",
                              between));
    world_file (
        world, "ci.yml",
        arena_printf (world->arena,
                      "on: workflow_dispatch\njobs: {call: {%s uses: ./.github/workflows/called.yml}}",
                      caller));
    run_t run;
    MUST (world, run_trigger, &run, .project = "demo", .workflow = "ci.yml");
    world_restart (world); // No replica remembers: the rows do
    CHECK (take (world, ada));
    const char *subject = subject_of (world, ada);
    CHECK_INT (ada->offer.id_token, strcmp (subject, "refused") != 0);
    if (ada->offer.id_token)
        CHECK_STR (claim (world, ada, "job_workflow_ref"),
                   "ada/demo/.github/workflows/last.yml@refs/heads/main");
    ends (world, ada, result_success);
    return subject;
}

TEST_ON_ENGINES (a_called_workflow_has_an_identity_only_where_all_that_call_it_say_so)
{
    world_file (world, "called.yml", "on: workflow_call\njobs: {do: {" STEPS "}}");
    world_file (world, "ci.yml", "on: workflow_dispatch\njobs: {a: {" STEPS "}}");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    const char *has = "repo:ada/demo:ref:refs/heads/main";
    CHECK_STR (of_call (world, &ada, IDENTIFIES ",", "", ""), has);
    CHECK_STR (of_call (world, &ada, IDENTIFIES ",", IDENTIFIES ",", IDENTIFIES ","), has);
    CHECK_STR (of_call (world, &ada, IDENTIFIES ",", "", IDENTIFIES ","), has);
    CHECK_STR (of_call (world, &ada, IDENTIFIES ",", "permissions: {},", ""), "refused");
    CHECK_STR (of_call (world, &ada, IDENTIFIES ",", "", "permissions: {},"), "refused");
    CHECK_STR (of_call (world, &ada, "", "", IDENTIFIES ","), "refused");
    CHECK_STR (of_call (world, &ada, "", "", ""), "refused");
}

TEST_ON_ENGINES (of_two_projects_whose_repository_has_one_name_only_the_first_has_identities)
{
    project_t made;
    run_t run;
    fake_agent_t ada = taken (world, "on: workflow_dispatch\n" IDENTIFIES "\njobs: {a: {" STEPS "}}");
    ends (world, &ada, result_success);
    world_turn (world, 1);
    MUST (world, project_add, &made, .name = "copy", .url = "https://evil.example/Ada/demo/");
    wait_for_project (world, "copy", "ready");
    MUST (world, run_trigger, &run, .project = "copy", .workflow = "ci.yml");
    CHECK (take (world, &ada));
    CHECK_STR (subject_of (world, &ada), "refused");
    CHECK (strstr (world->turn.detail, "the project demo was registered earlier"));
    ends (world, &ada, result_success);
    MUST (world, project_add, &made, .name = "other", .url = "https://git.example/ada/demo2.git");
    wait_for_project (world, "other", "ready");
    MUST (world, run_trigger, &run, .project = "other", .workflow = "ci.yml");
    CHECK (take (world, &ada));
    CHECK_STR (subject_of (world, &ada), "repo:ada/demo2:ref:refs/heads/main");
    ends (world, &ada, result_success);
    MUST (world, run_trigger, &run, .project = "demo", .workflow = "ci.yml");
    CHECK (take (world, &ada));
    CHECK_STR (subject_of (world, &ada), "repo:ada/demo:ref:refs/heads/main");
}
