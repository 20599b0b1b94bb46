/* A failed run says why, since when and where else; the log of each failure is looked at once. */

#include "tests/service/scheduler/world.h"

#include <string.h>

#define TWO_JOBS                                                                         \
    "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n" \
    "  b:\n    needs: a\n    runs-on: linux\n    steps: [{run: make}]\n"

static void ends_so (world_t *world, const fake_agent_t *agent, result_t result)
{
    step_row_t steps[] = {{.number = 1,
                           .id = "",
                           .name = "Test",
                           .state = step_finished,
                           .outcome = result,
                           .conclusion = result,
                           .exit_code = result == result_failure}};
    job_orders_t orders;
    const caller_t before = world->caller;
    world->caller =
        (caller_t){.role = ROLE_JOB, .subject = agent->offer.job, .attempt = agent->offer.attempt};
    MUST (world, job_status, &orders, .job = agent->offer.job, .attempt = agent->offer.attempt,
          .state = job_finished, .result = result, .reason = "step 1, \"Test\", failed", .outputs = "{}",
          .log_sha256 = A_SUM, .steps = {steps, 1});
    world->caller = before;
}

static run_t run_with (world_t *world, fake_agent_t *agent, result_t result)
{
    run_t run = trigger (world);
    CHECK (take (world, agent));
    ends_so (world, agent, result);
    if (result == result_success) {
        CHECK (take (world, agent));
        ends_so (world, agent, result);
    }
    return run;
}

static failure_digest_t digest_of (world_t *world, const char *run)
{
    failure_digest_t digest;
    MUST (world, run_failure, &digest, .run = run);
    return digest;
}

static fake_agent_t begin (world_t *world)
{
    world_file (world, "ci.yml", TWO_JOBS);
    project (world);
    return agent (world, "ada", "linux");
}

TEST_ON_ENGINES (a_digest_has_the_step_the_lines_and_what_was_skipped)
{
    fake_agent_t ada = begin (world);
    world_printed (world, "testing\nError: lost after 12 s\n");
    run_t run = run_with (world, &ada, result_failure);
    failure_digest_t digest = digest_of (world, run.id);
    CHECK (digest.complete);
    CHECK_INT (digest.failures.count, 1);
    const failure_t *failure = &digest.failures.items[0];
    CHECK_STR (failure->job_name, "a");
    CHECK_STR (failure->summary, "\"Test\" exited with 1: Error: lost after 12 s");
    CHECK_STR (digest.headline, "a: \"Test\" exited with 1: Error: lost after 12 s");
    CHECK_INT (failure->lines.items[1].line, 2);
    CHECK_INT (failure->phase, phase_main);
    CHECK_INT (strlen (failure->fingerprint), 64);
    CHECK_INT (digest.skipped.count, 1);
    CHECK_STR (digest.skipped.items[0].job_name, "b");
    CHECK_STR (digest.green_run, "");
    CHECK_INT (ASK (world, run_failure, &digest, .run = "r0000"), NOT_FOUND);
}

TEST_ON_ENGINES (a_job_that_calls_what_fails_is_no_failure_of_its_own)
{
    world_file (world, "ci.yml", "on: workflow_dispatch\njobs:\n  call: {uses: ./.github/workflows/b.yml}\n");
    world_file (world, "b.yml", "on: workflow_call\njobs:\n  a: {runs-on: linux, steps: [{run: make}]}\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = run_with (world, &ada, result_failure);
    CHECK_JOB (world, run.id, "call", "finished failure");
    CHECK_INT (world_number (world, "select count (*) from failures"), 1);
    failure_digest_t digest = digest_of (world, run.id);
    CHECK_INT (digest.failures.count, 1);
    CHECK_STR (digest.failures.items[0].job_name, "call / a");
}

TEST_ON_ENGINES (a_run_without_failures_has_an_empty_digest)
{
    fake_agent_t ada = begin (world);
    run_t run = run_with (world, &ada, result_success);
    failure_digest_t digest = digest_of (world, run.id);
    CHECK_INT (digest.failures.count + digest.skipped.count, 0);
    CHECK_STR (digest.headline, "");
    CHECK (digest.complete);
    CHECK_INT (world_excerpts (world), 0);
}

TEST_ON_ENGINES (history_says_since_when_a_failure_is_known_and_how_often_it_came_and_went)
{
    fake_agent_t ada = begin (world);
    world_printed (world, "Error: lost after 12 s\n");
    run_t green = run_with (world, &ada, result_success); // Of the same commit
    run_t first = run_with (world, &ada, result_failure);
    digest_of (world, first.id);
    world_printed (world, "Error: lost after 345 s\n");
    run_t second = run_with (world, &ada, result_failure);
    failure_digest_t digest = digest_of (world, second.id);
    const failure_t *failure = &digest.failures.items[0];
    CHECK_STR (digest.green_run, green.id);
    CHECK_STR (digest.red_run, first.id);
    CHECK_INT (digest.red_runs, 2);
    CHECK_STR (failure->since_run, first.id);
    CHECK (failure->flaky);
    CHECK_INT (failure->flaky_runs, 2);
    CHECK_INT (failure->of_runs, 3);
    CHECK_INT (failure->seen.count, 1);
    CHECK_STR (failure->seen.items[0].run_id, first.id);
    CHECK_INT (digest.commits.count, 0); // There is no other commit

    world_printed (world, "Error: something else\n");
    run_t third = run_with (world, &ada, result_failure);
    digest = digest_of (world, third.id);
    CHECK_STR (digest.failures.items[0].since_run, third.id);
    CHECK_INT (digest.failures.items[0].seen.count, 0);
}

TEST_ON_ENGINES (commits_since_the_last_success_are_listed_or_it_is_said_why_not)
{
    fake_agent_t ada = begin (world);
    world_commit (world, "old"); // The pretended repository knows what has changed since
    run_with (world, &ada, result_success);
    world_commit (world, "1111111111111111111111111111111111111111");
    run_t run = run_with (world, &ada, result_failure);
    failure_digest_t digest = digest_of (world, run.id);
    CHECK_INT (digest.commits.count, 1);
    CHECK_STR (digest.commits.items[0].subject, "Make it so");
    CHECK_STR (digest.commits.items[0].author, "ada");
    world_scm_fault (world, UNAVAILABLE, "the repository's host has not answered yet");
    digest = digest_of (world, run.id);
    CHECK_INT (digest.commits.count, 0);
    CHECK_INT (digest.failures.count, 1);
    CHECK_STR (digest.commits_unknown, "the repository's host has not answered yet");
}

TEST_ON_ENGINES (a_log_that_cannot_be_read_yet_is_looked_at_later_and_only_once)
{
    fake_agent_t ada = begin (world);
    world_printed (world, "Error: lost\n");
    world_excerpt_fault (world, UNAVAILABLE);
    run_t run = run_with (world, &ada, result_failure);
    wait_for_count (world, world_excerpts, 1);
    CHECK_INT (world_number (world, "select count (*) from failures where due_at > 0"), 1);
    world_excerpt_fault (world, OK);
    world_restart (world);
    world_turn (world, 11);
    failure_digest_t digest = digest_of (world, run.id);
    CHECK (digest.complete);
    CHECK_STR (digest.failures.items[0].summary, "\"Test\" exited with 1: Error: lost");
    int asked = world_excerpts (world);
    digest_of (world, run.id);
    world_turn (world, 60);
    CHECK_INT (world_excerpts (world), asked);
    CHECK_INT (world_number (world, "select count (*) from failures where due_at > 0"), 0);
}

TEST_ON_ENGINES (a_rerun_has_a_digest_of_its_own)
{
    fake_agent_t ada = begin (world);
    world_printed (world, "Error: lost\n");
    run_t run = run_with (world, &ada, result_failure);
    CHECK_INT (digest_of (world, run.id).failures.count, 1);
    MUST (world, run_rerun, &run, .run = run.id, .only = "failed", .job = "");
    CHECK_INT (digest_of (world, run.id).failures.count, 0);
    CHECK (take (world, &ada));
    ends_so (world, &ada, result_failure);
    failure_digest_t digest = digest_of (world, run.id);
    CHECK_INT (digest.failures.items[0].attempt, 2);
    CHECK_INT (world_number (world, "select count (*) from failures"), 2);
}

// Its steps are those of the next attempt by then.
TEST_ON_ENGINES (a_failure_that_was_followed_by_another_attempt_before_its_log_was_looked_at_keeps_nothing)
{
    done_t done;
    fake_agent_t ada = begin (world);
    world_printed (world, "Error: lost\n");
    world_excerpt_fault (world, UNAVAILABLE);
    run_t run = run_with (world, &ada, result_failure);
    wait_for_count (world, world_excerpts, 1);
    MUST (world, run_rerun, &run, .run = run.id, .only = "failed", .job = "");
    CHECK (take (world, &ada));
    ends_so (world, &ada, result_failure);
    world_excerpt_fault (world, OK);
    world->caller = (caller_t){.role = ROLE_SERVICE, .subject = "scheduler"};
    MUST (world, failure_look, &done, .job = ada.offer.job, .attempt = 1);
    MUST (world, failure_look, &done, .job = ada.offer.job, .attempt = 2);
    world->caller = (caller_t){.role = ROLE_ADMIN, .subject = "ada"};
    CHECK_INT (world_number (world, "select count (*) from failures where attempt = 1 and fingerprint <> ''"),
               0);
    CHECK_INT (world_number (world, "select count (*) from failures where attempt = 2 and fingerprint <> ''"),
               1);
    CHECK_INT (world_number (world, "select count (*) from failures where due_at > 0"), 0);
}

TEST_ON_ENGINES (a_cancelled_run_says_so_and_by_whom)
{
    fake_agent_t ada = begin (world);
    run_t run = trigger (world);
    CHECK (take (world, &ada));
    MUST (world, run_cancel, &run, .run = run.id);
    ends_so (world, &ada, result_cancelled);
    failure_digest_t digest = digest_of (world, run.id);
    CHECK_INT (digest.failures.items[0].cause, cause_cancelled);
    CHECK_INT (digest.failures.items[0].result, result_cancelled);
    CHECK_STR (digest.failures.items[0].fingerprint, "");
    CHECK_INT (world_excerpts (world), 0);
}
