/* Which secrets an attempt may have, as identity asks; and the variables that a run is planned with. */

#include "common/base/id.h"
#include "tests/service/scheduler/fake_values.h"
#include "tests/service/scheduler/world.h"

#include <string.h>

#define NAMES_TWO "jobs: {build: {runs-on: linux, steps: [{run: 'echo ${{ secrets.A }} ${{ secrets.B }}'}]}}"

static fault_t grant_to (world_t *world, const fake_agent_t *ada, uint32_t attempt, const char *key,
                         grant_t *out)
{
    caller_t before = world->caller;
    world->caller = (caller_t){.role = ROLE_SERVICE, .subject = "identity"};
    fault_t fault = ASK (world, job_grant, out, .job = ada->offer.job, .attempt = attempt, .key = key);
    world->caller = before;
    return fault;
}

static grant_t granted (world_t *world, const fake_agent_t *ada)
{
    grant_t grant = {0};
    CHECK_INT (grant_to (world, ada, ada->offer.attempt, ada->offer.secrets_key, &grant), OK);
    return grant;
}

static const char *names_of (world_t *world, const grant_t *grant)
{
    const char *text = grant->withheld ? "withheld " : "";
    for (size_t i = 0; i < grant->names.count; i++)
        text = arena_printf (world->arena, "%s%s ", text, grant->names.items[i]);
    for (size_t i = 0; i < grant->passed.count; i++)
        text = arena_printf (world->arena, "%s%s=%s ", text, grant->passed.items[i].name,
                             grant->passed.items[i].from);
    return arena_printf (world->arena, "%s%s%s", text, grant->shared ? "shared" : "",
                         grant->all ? " all" : "");
}

TEST_ON_ENGINES (a_job_that_names_no_secret_is_offered_no_key)
{
    world_file (world, "ci.yml",
                "on: workflow_dispatch\njobs: {build: {runs-on: linux, steps: [{run: 'true'}]}}");
    project (world);
    trigger (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    CHECK_STR (ada.offer.secrets_key, "");
}

TEST_ON_ENGINES (the_attempt_that_holds_the_job_is_granted_what_the_job_names)
{
    grant_t grant = {0};
    world_file (world, "ci.yml", "on: workflow_dispatch\n" NAMES_TWO);
    project (world);
    trigger (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    const char *key = ada.offer.secrets_key;
    grant = granted (world, &ada);
    CHECK_STR (names_of (world, &grant), "A B shared");
    CHECK (id_is (grant.project, 'p'));
    CHECK_INT (grant_to (world, &ada, ada.offer.attempt, "guessed", &grant), FORBIDDEN);
    CHECK_INT (grant_to (world, &ada, ada.offer.attempt + 1, key, &grant), CONFLICT);
    CHECK_INT (ASK (world, job_grant, &grant, .job = ada.offer.job, .attempt = ada.offer.attempt, .key = key),
               FORBIDDEN); // Only services ask
    ends (world, &ada, result_success);
    CHECK_INT (grant_to (world, &ada, ada.offer.attempt, key, &grant), CONFLICT);
}

TEST_ON_ENGINES (an_attempt_that_lost_its_job_is_granted_nothing_any_more)
{
    grant_t grant = {0};
    world_file (world, "ci.yml", "on: workflow_dispatch\n" NAMES_TWO);
    project (world);
    trigger (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    fake_agent_t before = ada;
    world_turn (world, 120);
    fake_agent_t eve = agent (world, "eve", "linux");
    CHECK (take (world, &eve));
    CHECK_STR (eve.offer.job, before.offer.job);
    CHECK_INT (grant_to (world, &before, before.offer.attempt, before.offer.secrets_key, &grant), CONFLICT);
    CHECK_INT (grant_to (world, &eve, eve.offer.attempt, before.offer.secrets_key, &grant), FORBIDDEN);
    grant = granted (world, &eve);
    CHECK_STR (names_of (world, &grant), "A B shared");
}

static grant_t after_event (world_t *world, fake_agent_t *ada, const char *payload)
{
    event_runs_t runs;
    MUST (world, event_post, &runs, .project = "demo", .event = "pull_request", .payload = payload);
    CHECK_INT (runs.items.count, 1);
    CHECK (take (world, ada));
    grant_t grant = granted (world, ada);
    ends (world, ada, result_success);
    return grant;
}

#define PULL(id)                                                                                                  \
    "{\"number\":7,\"pull_request\":{\"number\":7,\"title\":\"x\",\"head\":{\"ref\":\"x\",\"sha\":\"" MERGED_HEAD \
    "\",\"repo\":{\"id\":" id "}},\"base\":{\"ref\":\"main\",\"repo\":{\"id\":1}}}}"

TEST_ON_ENGINES (a_run_of_a_forks_code_is_granted_nothing_however_its_workflow_is_written)
{
    world_file (world, "ci.yml",
                "on: pull_request\npermissions: write-all\n"
                "jobs: {build: {runs-on: linux, steps: [{run: '${{ toJSON(secrets) }} ${{ secrets.A }}'}]}}");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    grant_t own = after_event (world, &ada, PULL ("1")), forks = after_event (world, &ada, PULL ("2"));
    CHECK_STR (names_of (world, &own), "A shared all");
    CHECK (!own.withheld);
    CHECK (forks.withheld);
}

#define CALLED                                                   \
    "on: {workflow_call: {secrets: {key: {required: false}}}}\n" \
    "jobs: {do: {runs-on: linux, steps: [{run: '${{ secrets.key }} ${{ secrets.A }}'}]}}"

static grant_t of_call (world_t *world, fake_agent_t *ada, const char *secrets)
{
    world_file (world, "called.yml", CALLED);
    world_file (world, "ci.yml",
                arena_printf (world->arena,
                              "on: workflow_dispatch\njobs: {call: {uses: ./.github/workflows/called.yml%s}}",
                              secrets));
    run_t run;
    MUST (world, run_trigger, &run, .project = "demo", .workflow = "ci.yml");
    CHECK (take (world, ada));
    grant_t grant = granted (world, ada);
    ends (world, ada, result_success);
    return grant;
}

TEST_ON_ENGINES (a_called_workflow_is_granted_what_its_caller_passes)
{
    world_file (world, "called.yml", CALLED);
    world_file (world, "ci.yml",
                "on: workflow_dispatch\njobs: {a: {runs-on: linux, steps: [{run: 'true'}]}}");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    grant_t none = of_call (world, &ada, ""), all = of_call (world, &ada, ", secrets: inherit");
    grant_t named = of_call (world, &ada, ", secrets: {key: '${{ secrets.A }}'}");
    CHECK_STR (names_of (world, &none), "key A ");
    CHECK_STR (names_of (world, &named), "key A key=A ");
    CHECK_STR (names_of (world, &all), "key A shared");
}

TEST_ON_ENGINES (a_called_workflow_passes_on_what_it_was_given_and_no_other_secret_of_the_project)
{
    world_file (world, "last.yml",
                "on: {workflow_call: {secrets: {x: {required: false}, y: {required: false}}}}\n"
                "jobs: {do: {runs-on: linux, steps: [{run: '${{ secrets.x }} ${{ secrets.y }}'}]}}");
    world_file (world, "called.yml",
                "on: {workflow_call: {secrets: {key: {required: false}}}}\n"
                "jobs: {on: {uses: ./.github/workflows/last.yml, secrets: {x: '${{ secrets.key }}',"
                " y: '${{ secrets.OTHER }}'}}}");
    world_file (world, "ci.yml",
                "on: workflow_dispatch\njobs: {call: {uses: ./.github/workflows/called.yml,"
                " secrets: {key: '${{ secrets.A }}'}}}");
    project (world);
    run_t run;
    MUST (world, run_trigger, &run, .project = "demo", .workflow = "ci.yml");
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    grant_t grant = granted (world, &ada);
    CHECK_STR (names_of (world, &grant), "x y x=A ");
}

TEST_ON_ENGINES (a_run_is_planned_with_the_variables_that_were_there_when_it_was_made_or_run_again)
{
    world_variables (world, "{\"WHERE\":\"linux\",\"GO\":\"yes\"}");
    world_file (
        world, "ci.yml",
        "on: workflow_dispatch\njobs:\n  first: {runs-on: linux, steps: [{run: 'true'}]}\n"
        "  second: {needs: first, if: vars.GO == 'yes', runs-on: '${{ vars.WHERE }}', steps: [{run: 'true'}]}");
    project (world);
    run_t run;
    MUST (world, run_trigger, &run, .project = "demo", .workflow = "ci.yml");
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK (take (world, &ada));
    world_variables (world, "{\"WHERE\":\"gpu\",\"GO\":\"no\"}");
    world_restart (world); // No replica remembers: the row does
    ends (world, &ada, result_success);
    CHECK (take (world, &ada));
    CHECK (strstr (ada.offer.contexts, "\"vars\":{\"WHERE\":\"linux\",\"GO\":\"yes\"}"));
    ends (world, &ada, result_success);
    MUST (world, run_rerun, &run, .run = run.id);
    CHECK (take (world, &ada));
    ends (world, &ada, result_success);
    CHECK_JOB (world, run.id, "second", "finished skipped");
}

TEST_ON_ENGINES (a_removed_project_has_its_secrets_and_its_locked_references_removed)
{
    done_t done;
    project (world);
    world_sql (world, "insert into action_pins (project_id, reference, locked_to, job_id, locked_at)"
                      " select id, 'org/shared@v1', 'a', '', 1 from projects where name = 'demo'");
    MUST (world, project_remove, &done, .project = "demo");
    CHECK_INT (world_number (world, "select count (*) from action_pins"), 0);
    world_turn (world, 1);
    wait_for_count (world, world_values_purged, 1);
}
