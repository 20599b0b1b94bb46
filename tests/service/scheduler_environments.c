/* Jobs that an environment holds back: branches, a time to wait, approvals, and what is kept of them. */

#include "tests/service/scheduler/fake_values.h"
#include "tests/service/scheduler/world.h"

#include <string.h>

#define DEPLOY                                                                          \
    "on: workflow_dispatch\njobs:\n  build: {runs-on: linux, steps: [{run: 'true'}]}\n" \
    "  deploy: {runs-on: linux, environment: production, steps: [{run: 'true'}]}\n"

static const char *const approvers[] = {"ada", "eve"};

static environment_t rules (uint32_t wait_minutes, size_t approver_count)
{
    return (environment_t){.name = "production",
                           .wait_minutes = wait_minutes,
                           .approvers = {(const char **) approvers, approver_count}};
}

static const char *reason_of (world_t *world, const char *run, const char *name)
{
    const run_t shown = run_of (world, run);
    return job_of (&shown, name)->wait_reason;
}

static void wait_for_reason (world_t *world, const char *run, const char *name, const char *reason)
{
    for (int i = 0; i < 2000 && !strstr (reason_of (world, run, name), reason); i++)
        clock_turn (world->clock, MILLISECONDS (1));
    CHECK (strstr (reason_of (world, run, name), reason));
}

static fault_t decide (world_t *world, role_t role, const char *subject, const char *run,
                       const char *decision, const char *comment)
{
    run_t shown;
    const caller_t before = world->caller;
    world->caller = (caller_t){.role = role, .subject = subject};
    fault_t fault = ASK (world, run_approve, &shown, .run = run, .decision = decision, .comment = comment);
    world->caller = before;
    return fault;
}

static run_t begin (world_t *world, const environment_t *environment)
{
    world_environment (world, environment);
    world_file (world, "ci.yml", DEPLOY);
    project (world);
    return trigger (world);
}

TEST_ON_ENGINES (a_job_for_an_environment_without_rules_runs_at_once)
{
    const run_t run = begin (world, NULL);
    wait_for_job (world, run.id, "deploy", "queued");
    CHECK_JOB (world, run.id, "build", "queued");
}

TEST_ON_ENGINES (a_job_waits_for_an_approval_and_says_whose)
{
    deployment_page_t page;
    const environment_t environment = rules (0, 2);
    const run_t run = begin (world, &environment);
    CHECK_JOB (world, run.id, "build", "queued"); // Others do not wait
    wait_for_reason (world, run.id, "deploy", "deploying to production needs an approval by ada or eve");
    CHECK_INT (decide (world, ROLE_DEVELOPER, "dan", run.id, "approved", ""), FORBIDDEN);
    CHECK_INT (decide (world, ROLE_JOB, "ada", run.id, "approved", ""), FORBIDDEN);
    CHECK_INT (decide (world, ROLE_DEVELOPER, "ada", run.id, "perhaps", ""), INVALID);
    CHECK_JOB (world, run.id, "deploy", "pending");
    MUST (world, approval_list, &page, .cursor = "");
    CHECK_INT (page.items.count, 1);
    CHECK (page.items.items[0].mine); // The tests' caller is an admin
    CHECK_STR (page.items.items[0].job, "deploy");
    CHECK_INT (decide (world, ROLE_DEVELOPER, "eve", run.id, "approved", "looks good"), OK);
    CHECK_JOB (world, run.id, "deploy", "queued");
    CHECK_INT (decide (world, ROLE_DEVELOPER, "eve", run.id, "approved", ""), CONFLICT);
    MUST (world, approval_list, &page, .cursor = "");
    CHECK_INT (page.items.count, 0);
    MUST (world, run_deployments, &page, .run = run.id);
    CHECK_INT (page.items.count, 1);
    CHECK_STR (page.items.items[0].decided_by, "eve");
    CHECK_STR (page.items.items[0].comment, "looks good");
    CHECK_INT (page.items.items[0].state, deployment_open);
}

TEST_ON_ENGINES (a_rejected_job_fails_and_says_by_whom)
{
    const environment_t environment = rules (0, 1);
    const run_t run = begin (world, &environment);
    wait_for_reason (world, run.id, "deploy", "needs an approval by ada");
    CHECK_INT (decide (world, ROLE_VIEWER, "ada", run.id, "rejected", "not on a friday"), OK);
    CHECK_JOB (world, run.id, "deploy", "finished failure");
    const run_t shown = run_of (world, run.id);
    CHECK_STR (job_of (&shown, "deploy")->reason,
               "ada rejected its deployment to production: not on a friday");
    CHECK_INT (world_number (world, "select count (*) from deployments where due_at > 0"), 0);
}

TEST_ON_ENGINES (who_names_an_environment_or_a_job_decides_about_that_alone)
{
    run_t shown;
    const environment_t environment = rules (0, 1);
    const run_t run = begin (world, &environment);
    wait_for_reason (world, run.id, "deploy", "needs an approval by ada");
    world->caller = (caller_t){.role = ROLE_DEVELOPER, .subject = "ada"};
    CHECK_INT (
        ASK (world, run_approve, &shown, .run = run.id, .decision = "approved", .environment = "staging"),
        CONFLICT);
    shown = run_of (world, run.id);
    CHECK_INT (ASK (world, run_approve, &shown, .run = run.id, .decision = "approved",
                    .job = job_of (&shown, "build")->id),
               CONFLICT);
    CHECK_JOB (world, run.id, "deploy", "pending");
    CHECK_INT (
        ASK (world, run_approve, &shown, .run = run.id, .decision = "approved", .environment = "Production"),
        OK);
    CHECK_JOB (world, run.id, "deploy", "queued");
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
}

TEST_ON_ENGINES (whoever_started_a_run_does_not_approve_it_where_that_is_ruled_out)
{
    environment_t environment = rules (0, 2);
    environment.no_self_review = true;
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    const run_t run = begin (world, &environment);
    wait_for_reason (world, run.id, "deploy", "needs an approval");
    CHECK_INT (decide (world, ROLE_ADMIN, "ada", run.id, "approved", ""), FORBIDDEN);
    CHECK (strstr (world->turn.detail, "not by whoever started the run"));
    CHECK_INT (decide (world, ROLE_VIEWER, "eve", run.id, "approved", ""), OK);
    CHECK_JOB (world, run.id, "deploy", "queued");
}

TEST_ON_ENGINES (a_job_waits_until_its_time_has_come_approved_or_not)
{
    const environment_t environment = rules (10, 1);
    const run_t run = begin (world, &environment);
    wait_for_reason (world, run.id, "deploy", "needs an approval by ada");
    CHECK_INT (decide (world, ROLE_DEVELOPER, "ada", run.id, "approved", ""), OK);
    CHECK_JOB (world, run.id, "deploy", "pending");
    wait_for_reason (world, run.id, "deploy",
                     "the environment production has its jobs wait, this one until ");
    world_turn (world, 300);
    CHECK_JOB (world, run.id, "deploy", "pending");
    world_restart (world); // The row remembers
    world_turn (world, 310);
    wait_for_job (world, run.id, "deploy", "queued");
}

TEST_ON_ENGINES (a_branch_that_an_environment_does_not_allow_fails_the_job)
{
    static const char *patterns[] = {"release/**"};
    const environment_t environment = {.name = "production", .branches = {patterns, 1}};
    const run_t run = begin (world, &environment);
    wait_for_job (world, run.id, "deploy", "finished failure");
    const run_t shown = run_of (world, run.id);
    CHECK_STR (job_of (&shown, "deploy")->reason,
               "the environment production does not allow refs/heads/main: only branches release/**");
    CHECK_INT (world_number (world, "select count (*) from deployments where due_at > 0"), 0);
}

TEST_ON_ENGINES (a_cancelled_run_waits_for_no_approval_any_more)
{
    run_t shown;
    deployment_page_t page;
    const environment_t environment = rules (0, 1);
    const run_t run = begin (world, &environment);
    wait_for_reason (world, run.id, "deploy", "needs an approval by ada");
    MUST (world, run_cancel, &shown, .run = run.id);
    CHECK_JOB (world, run.id, "deploy", "finished cancelled");
    MUST (world, approval_list, &page, .cursor = "");
    CHECK_INT (page.items.count, 0);
    CHECK_INT (decide (world, ROLE_DEVELOPER, "ada", run.id, "approved", ""), CONFLICT);
    CHECK_JOB (world, run.id, "deploy", "finished cancelled");
}

TEST_ON_ENGINES (a_rerun_wants_an_approval_of_its_own)
{
    run_t shown;
    deployment_page_t page;
    const environment_t environment = rules (0, 1);
    const run_t run = begin (world, &environment);
    wait_for_reason (world, run.id, "deploy", "needs an approval by ada");
    CHECK_INT (decide (world, ROLE_DEVELOPER, "ada", run.id, "approved", ""), OK);
    MUST (world, run_cancel, &shown, .run = run.id, .hard = true);
    wait_for_run (world, run.id, "finished cancelled");
    MUST (world, run_rerun, &shown, .run = run.id);
    wait_for_reason (world, run.id, "deploy", "needs an approval by ada");
    MUST (world, run_deployments, &page, .run = run.id);
    CHECK_INT (page.items.count, 2);
    CHECK_STR (page.items.items[1].decided_by, "ada");
}

// The tick had sent it before the run was cancelled, and identity took its time.
TEST_ON_ENGINES (a_look_of_an_earlier_attempt_that_comes_late_leaves_the_next_attempt_waiting)
{
    run_t shown;
    done_t done;
    const environment_t environment = rules (0, 1);
    const run_t run = begin (world, &environment);
    wait_for_reason (world, run.id, "deploy", "needs an approval by ada");
    shown = run_of (world, run.id);
    const char *job = job_of (&shown, "deploy")->id;
    MUST (world, run_cancel, &shown, .run = run.id, .hard = true);
    wait_for_run (world, run.id, "finished cancelled");
    MUST (world, run_rerun, &shown, .run = run.id);
    wait_for_reason (world, run.id, "deploy", "needs an approval by ada");
    world->caller = (caller_t){.role = ROLE_SERVICE, .subject = "scheduler"};
    MUST (world, deployment_look, &done, .job = job, .run_attempt = 1);
    CHECK_INT (decide (world, ROLE_DEVELOPER, "ada", run.id, "approved", ""), OK);
    CHECK_JOB (world, run.id, "deploy", "queued");
}

TEST_ON_ENGINES (a_job_of_a_group_claims_it_when_it_is_approved_and_not_before)
{
    world_file (
        world, "other.yml",
        "on: workflow_dispatch\njobs: {other: {runs-on: linux, concurrency: site, steps: [{run: 'true'}]}}");
    const environment_t environment = rules (0, 1);
    world_environment (world, &environment);
    world_file (
        world, "ci.yml",
        "on: workflow_dispatch\njobs: {deploy: {runs-on: linux, environment: production, concurrency: site,"
        " steps: [{run: 'true'}]}}");
    project (world);
    run_t run, other;
    MUST (world, run_trigger, &run, .project = "demo", .workflow = "ci.yml");
    wait_for_reason (world, run.id, "deploy", "needs an approval by ada");
    MUST (world, run_trigger, &other, .project = "demo", .workflow = "other.yml");
    CHECK_JOB (world, other.id, "other", "queued");
    CHECK_INT (decide (world, ROLE_DEVELOPER, "ada", run.id, "approved", ""), OK);
    CHECK (strstr (reason_of (world, run.id, "deploy"), "the concurrency group site is held by job other"));
}

TEST_ON_ENGINES (a_replica_approves_what_another_one_planned)
{
    const environment_t environment = rules (0, 1);
    const run_t run = begin (world, &environment);
    wait_for_reason (world, run.id, "deploy", "needs an approval by ada");
    world_t *second = world_second (world, 0);
    CHECK_INT (decide (second, ROLE_DEVELOPER, "ada", run.id, "approved", ""), OK);
    CHECK_JOB (world, run.id, "deploy", "queued");
    fake_agent_t agent_of = agent (world, "ada", "linux");
    CHECK (take (world, &agent_of));
    ends (world, &agent_of, result_success);
    CHECK (take (world, &agent_of));
    ends (world, &agent_of, result_success);
    CHECK_STR (run_text (second, run.id), "finished success");
    world_end_second (second);
}

// The next job says where what it deployed can be seen.
static void finish_with_url (world_t *world, fake_agent_t *agent, const char *url)
{
    job_orders_t orders;
    CHECK (take (world, agent));
    const caller_t before = world->caller;
    world->caller =
        (caller_t){.role = ROLE_JOB, .subject = agent->offer.job, .attempt = agent->offer.attempt};
    MUST (world, job_status, &orders, .job = agent->offer.job, .attempt = agent->offer.attempt,
          .state = job_finished, .result = result_success, .log_sha256 = A_SUM, .reason = "",
          .environment_url = url);
    world->caller = before;
}

TEST_ON_ENGINES (a_job_shows_where_what_it_deployed_can_be_seen_unless_that_is_no_web_address)
{
    static const struct {
        const char *url;
        bool shown;
    } cases[] = {{"https://site.example/7", true},     {"http://site.example", true},
                 {"javascript:alert(1)", false},       {"https://site.example/a b", false},
                 {"https://site.example/\x7f", false}, {" https://site.example", false}};
    run_t run = begin (world, NULL);
    fake_agent_t ada = agent (world, "ada", "linux");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        wait_for_job (world, run.id, "deploy", "queued");
        finish_with_url (world, &ada, cases[i].url);
        finish_with_url (world, &ada, cases[i].url);
        const run_t shown = run_of (world, run.id);
        CHECK_STR (job_of (&shown, "deploy")->environment_url, cases[i].shown ? cases[i].url : "");
        CHECK_STR (job_of (&shown, "deploy")->environment, "production");
        CHECK_STR (job_of (&shown, "build")->environment_url, ""); // It is for no environment
        run = trigger (world);
    }
}
