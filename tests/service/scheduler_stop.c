/* Runs that are cancelled, time out, or run again; concurrency groups. */

#include "tests/service/scheduler/world.h"

#include <string.h>

#define CHAIN                                                                   \
    "on: workflow_dispatch\njobs:\n"                                            \
    "  build:\n    runs-on: linux\n    steps: [{run: make}]\n"                  \
    "  test:\n    needs: build\n    runs-on: linux\n    steps: [{run: make}]\n" \
    "  tidy:\n    needs: test\n    if: always()\n    runs-on: linux\n    steps: [{run: make}]\n"

static run_t cancel (world_t *world, const char *id, bool hard)
{
    run_t run;
    MUST (world, run_cancel, &run, .run = id, .hard = hard);
    return run;
}

TEST_ON_ENGINES (a_soft_cancel_lets_the_agent_end_and_runs_what_asks_for_always)
{
    world_file (world, "ci.yml", CHAIN);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    CHECK (take (world, &ada));
    begins (world, &ada);
    run = cancel (world, run.id, false);
    CHECK_INT (run.state, run_cancelling);
    CHECK_JOB (world, run.id, "build", "cancelling");
    CHECK_JOB (world, run.id, "test", "finished cancelled");
    CHECK_INT (beats (world, &ada), order_cancel);
    ends (world, &ada, result_cancelled);
    run = run_of (world, run.id);
    CHECK_STR (job_of (&run, "build")->reason, "cancelled by ada");
    CHECK_STR (takes (world, &ada), "tidy");
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, run.id), "finished cancelled");
}

TEST_ON_ENGINES (an_agent_that_begins_a_job_which_is_to_stop_changes_nothing_that_followers_see)
{
    events_t events;
    world_file (world, "ci.yml", CHAIN);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    CHECK (take (world, &ada));
    cancel (world, run.id, false); // It has the job, and has not said so
    CHECK_JOB (world, run.id, "build", "cancelling");
    MUST (world, events_read, &events, .after = -1);
    int64_t before = events.cursor;
    begins (world, &ada);
    CHECK_JOB (world, run.id, "build", "cancelling");
    MUST (world, events_read, &events, .after = before);
    CHECK_INT (events.items.count, 0);
    ends (world, &ada, result_cancelled);
    MUST (world, events_read, &events, .after = before);
    CHECK (events.items.count > 0);
}

TEST_ON_ENGINES (a_hard_cancel_ends_without_the_agent_after_a_lease)
{
    world_file (world, "ci.yml", CHAIN);
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    CHECK (take (world, &ada));
    begins (world, &ada);
    cancel (world, run.id, true);
    CHECK_JOB (world, run.id, "tidy", "finished cancelled");
    CHECK_INT (beats (world, &ada), order_kill);
    world_turn (world, 20);
    beats (world, &ada); // It beats but does not obey
    world_turn (world, 11);
    wait_for_run (world, run.id, "finished cancelled");
    CHECK_INT (say (world, &ada, job_finished, result_success, NULL), CONFLICT);
}

TEST_ON_ENGINES (a_queued_run_is_cancelled_at_once)
{
    world_file (world, "ci.yml", CHAIN);
    project (world);
    run_t run = trigger (world);
    run = cancel (world, run.id, true);
    CHECK_INT (run.state, run_finished);
    CHECK_INT (run.result, result_cancelled);
    run_t again;
    MUST (world, run_cancel, &again, .run = run.id);
    CHECK_INT (again.state, run_finished);
    fake_agent_t ada = agent (world, "ada", "linux");
    CHECK_STR (takes (world, &ada), "");
}

TEST_ON_ENGINES (one_job_can_be_cancelled)
{
    world_file (world, "ci.yml", CHAIN);
    project (world);
    run_t run = trigger (world);
    job_t job;
    MUST (world, job_cancel, &job, .job = run.jobs.items[0].id);
    CHECK_INT (job.result, result_cancelled);
    CHECK_JOB (world, run.id, "test", "finished skipped");
    CHECK_JOB (world, run.id, "tidy", "queued");
}

TEST_ON_ENGINES (a_job_that_its_agent_does_not_stop_in_time_is_killed)
{
    world_file (world, "ci.yml",
                "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    timeout-minutes: 1\n"
                "    steps: [{run: make}]\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    CHECK (take (world, &ada));
    for (int i = 0; i < 20; i++) { // Its minute, and the time that its agent has to end it
        CHECK_INT (beats (world, &ada), order_go_on);
        world_turn (world, 20);
    }
    wait_for_job (world, run.id, "a", "cancelling");
    CHECK_INT (beats (world, &ada), order_kill);
    world_turn (world, 25);
    beats (world, &ada);
    world_turn (world, 10);
    wait_for_job (world, run.id, "a", "finished cancelled"); // As GitHub counts it
    run = run_of (world, run.id);
    CHECK_STR (run.jobs.items[0].reason, "timed out after 1 min");
}

static run_t rerun (world_t *world, const char *id, const char *only, const char *job)
{
    run_t run;
    MUST (world, run_rerun, &run, .run = id, .only = only, .job = job);
    return run;
}

static run_t ended_chain (world_t *world, fake_agent_t *ada, result_t test)
{
    world_file (world, "ci.yml", CHAIN);
    project (world);
    *ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    CHECK_STR (takes (world, ada), "build");
    ends (world, ada, result_success);
    CHECK_STR (takes (world, ada), "test");
    ends (world, ada, test);
    CHECK_STR (takes (world, ada), "tidy");
    ends (world, ada, result_success);
    return run;
}

TEST_ON_ENGINES (a_rerun_of_all_begins_anew_with_the_next_attempts)
{
    fake_agent_t ada;
    run_t run = ended_chain (world, &ada, result_success), again;
    CHECK (run_of (world, run.id).finished_at > 0);
    run = rerun (world, run.id, "all", "");
    CHECK_INT (run.attempt, 2);
    CHECK_INT (run.state, run_running);
    CHECK_INT (run.result, result_none);
    CHECK_INT (run.finished_at, 0);
    CHECK_JOB (world, run.id, "test", "pending");
    CHECK_STR (takes (world, &ada), "build");
    CHECK_INT (ada.offer.attempt, 2);
    CHECK (strstr (ada.offer.contexts, "\"run_attempt\":\"2\""));
    CHECK_INT (ASK (world, run_rerun, &again, .run = run.id), CONFLICT);
}

TEST_ON_ENGINES (a_rerun_for_debugging_says_so_to_its_jobs_and_the_next_one_does_not)
{
    fake_agent_t ada;
    run_t run = ended_chain (world, &ada, result_failure), again;
    CHECK (!run_of (world, run.id).debug);
    MUST (world, run_rerun, &again, .run = run.id, .only = "failed", .debug = true);
    CHECK (again.debug);
    CHECK_STR (takes (world, &ada), "test");
    CHECK (strstr (ada.offer.contexts, ",\"runner\":{\"debug\":\"1\"}}"));
    ends (world, &ada, result_failure);
    CHECK_STR (takes (world, &ada), "tidy");
    ends (world, &ada, result_success);
    CHECK (run_of (world, run.id).debug);
    MUST (world, run_rerun, &again, .run = run.id, .only = "failed");
    CHECK_STR (takes (world, &ada), "test");
    CHECK (!strstr (ada.offer.contexts, "debug"));
}

TEST_ON_ENGINES (a_rerun_of_what_failed_keeps_what_succeeded)
{
    fake_agent_t ada;
    run_t run = ended_chain (world, &ada, result_failure);
    CHECK_STR (run_text (world, run.id), "finished failure");
    rerun (world, run.id, "failed", "");
    CHECK_JOB (world, run.id, "build", "finished success");
    CHECK_STR (takes (world, &ada), "test");
    ends (world, &ada, result_success);
    CHECK_STR (takes (world, &ada), "tidy");
    CHECK_INT (ada.offer.attempt, 2);
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, run.id), "finished success");
    run_t again;
    CHECK_INT (ASK (world, run_rerun, &again, .run = run.id, .only = "failed"), CONFLICT);
    CHECK_INT (ASK (world, run_rerun, &again, .run = run.id, .only = "some"), INVALID);
}

TEST_ON_ENGINES (a_rerun_of_one_job_takes_what_needs_it_along)
{
    fake_agent_t ada;
    run_t run = ended_chain (world, &ada, result_success);
    run = run_of (world, run.id);
    rerun (world, run.id, "job", job_of (&run, "test")->id);
    CHECK_JOB (world, run.id, "build", "finished success");
    CHECK_JOB (world, run.id, "test", "assigned");
    CHECK_JOB (world, run.id, "tidy", "pending");
}

TEST_ON_ENGINES (a_rerun_of_a_called_job_opens_the_job_that_calls_it_again)
{
    world_file (world, "ci.yml",
                "on: workflow_dispatch\njobs:\n  call: {uses: ./.github/workflows/b.yml}\n"
                "  last: {needs: call, runs-on: linux, steps: [{run: make}]}\n");
    world_file (world, "b.yml",
                "on: workflow_call\njobs:\n  b: {runs-on: linux, steps: [{run: make}]}\n"
                "  c: {runs-on: linux, steps: [{run: make}]}\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    static const char *const names[] = {"call / b", "call / c", "last"};
    for (size_t i = 0; i < 3; i++) {
        CHECK_STR (takes (world, &ada), names[i]);
        ends (world, &ada, result_success);
    }
    run = run_of (world, run.id);
    rerun (world, run.id, "job", job_of (&run, "call / b")->id);
    CHECK_JOB (world, run.id, "call", "running");
    CHECK_JOB (world, run.id, "call / c", "finished success");
    CHECK_JOB (world, run.id, "last", "pending");
    CHECK_STR (takes (world, &ada), "call / b");
    ends (world, &ada, result_failure);
    CHECK_JOB (world, run.id, "call", "finished failure");
    CHECK_JOB (world, run.id, "last", "finished skipped");
    CHECK_STR (run_text (world, run.id), "finished failure");
}

TEST_ON_ENGINES (a_job_that_has_ended_cannot_be_cancelled)
{
    fake_agent_t ada;
    run_t run = ended_chain (world, &ada, result_success);
    job_t answer;
    run = run_of (world, run.id);
    const char *id = job_of (&run, "build")->id;
    CHECK_INT (ASK (world, job_cancel, &answer, .job = id), CONFLICT);
    CHECK_JOB (world, run.id, "build", "finished success");
    run = trigger (world);
    run = run_of (world, run.id);
    id = job_of (&run, "test")->id;
    MUST (world, job_cancel, &answer, .job = id);
    MUST (world, job_cancel, &answer, .job = id); // Said again
    CHECK_JOB (world, run.id, "test", "finished cancelled");
}

TEST_ON_ENGINES (a_job_that_was_asked_to_stop_is_killed_at_the_end_of_its_time_before_it_is_given_up)
{
    world_file (world, "ci.yml",
                "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    timeout-minutes: 2\n"
                "    cancel-timeout-minutes: 1\n    steps: [{run: make}]\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world), cancelled;
    CHECK (take (world, &ada));
    begins (world, &ada);
    MUST (world, run_cancel, &cancelled, .run = run.id);
    order_t order = order_go_on;
    int seconds = 0;
    for (; order != order_kill && seconds < 1200; seconds += 5) { // Until its time and the grace are over
        order = beats (world, &ada);
        CHECK (order == order_cancel || order == order_kill);
        CHECK_JOB (world, run.id, "a", "cancelling");
        world_turn (world, 5);
    }
    CHECK_INT (order, order_kill);
    CHECK (seconds >= 180 && seconds < 240); // Both times, and half a minute
    ends (world, &ada, result_cancelled);
    CHECK_STR (run_text (world, run.id), "finished cancelled");
    run = run_of (world, run.id);
    CHECK_STR (run.jobs.items[0].reason, "cancelled by ada"); // Before its time was over
}

TEST_ON_ENGINES (a_soft_cancel_after_a_hard_one_changes_nothing)
{
    fake_agent_t ada = agent (world, "ada", "linux");
    world_file (world, "ci.yml", CHAIN);
    project (world);
    run_t run = trigger (world);
    CHECK (take (world, &ada));
    begins (world, &ada);
    cancel (world, run.id, true);
    int64_t level = world_number (world, "select cancelled from runs");
    cancel (world, run.id, false);
    CHECK_INT (world_number (world, "select cancelled from runs"), level);
    CHECK_INT (beats (world, &ada), order_kill);
    ends (world, &ada, result_cancelled);
    CHECK_STR (run_text (world, run.id), "finished cancelled");
}

TEST_ON_ENGINES (a_hard_cancel_gives_a_job_no_more_time_than_it_had)
{
    world_file (world, "ci.yml",
                "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    timeout-minutes: 2\n"
                "    cancel-timeout-minutes: 1\n    steps: [{run: make}]\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    CHECK (take (world, &ada));
    begins (world, &ada);
    for (int i = 0; i < 20; i++) { // Ten seconds are left of both times and the grace
        world_turn (world, 10);
        CHECK_INT (beats (world, &ada), order_go_on);
    }
    cancel (world, run.id, true);
    world_turn (world, 8);
    CHECK_INT (beats (world, &ada), order_kill);
    CHECK_JOB (world, run.id, "a", "cancelling");
    world_turn (world, 2);
    wait_for_job (world, run.id, "a", "finished cancelled");
}

TEST_ON_ENGINES (a_job_that_succeeds_though_it_was_to_stop_has_no_reason)
{
    fake_agent_t ada;
    ended_chain (world, &ada, result_success);
    run_t run = trigger (world), cancelled;
    for (int i = 0; i < 2; i++) {
        CHECK_STR (takes (world, &ada), "build");
        begins (world, &ada);
        MUST (world, run_cancel, &cancelled, .run = run.id);
        CHECK_JOB (world, run.id, "build", "cancelling");
        ends (world, &ada, i ? result_cancelled : result_success);
        cancelled = run_of (world, run.id);
        const job_t *job = job_of (&cancelled, "build");
        CHECK_INT (job->result, i ? result_cancelled : result_success);
        CHECK_STR (job->reason, i ? "cancelled by ada" : "");
        while (*takes (world, &ada)) // What runs always
            ends (world, &ada, result_success);
        run = trigger (world);
    }
}

TEST_ON_ENGINES (only_failed_cells_of_a_matrix_run_again)
{
    world_file (
        world, "ci.yml",
        "on: workflow_dispatch\njobs:\n  t:\n    runs-on: linux\n    strategy:\n      fail-fast: false\n"
        "      matrix: {n: [1, 2]}\n    steps: [{run: make}]\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t run = trigger (world);
    CHECK_STR (takes (world, &ada), "t (1)");
    ends (world, &ada, result_success);
    CHECK_STR (takes (world, &ada), "t (2)");
    ends (world, &ada, result_failure);
    run = rerun (world, run.id, "failed", "");
    CHECK_INT (run.jobs.count, 2);
    CHECK_JOB (world, run.id, "t (1)", "finished success");
    CHECK_STR (takes (world, &ada), "t (2)");
    ends (world, &ada, result_success);
    CHECK_STR (run_text (world, run.id), "finished success");
}

#define GROUP(cancel)                                                                       \
    "on: workflow_dispatch\nconcurrency: {group: Deploy, cancel-in-progress: " cancel "}\n" \
    "jobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"

TEST_ON_ENGINES (a_concurrency_group_lets_one_run_go_and_the_newest_wait)
{
    world_file (world, "ci.yml", GROUP ("false"));
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t first = trigger (world), second = trigger (world);
    CHECK_INT (second.state, run_pending);
    CHECK_STR (second.wait_reason, "the concurrency group deploy is held by run 1");
    CHECK_STR (second.jobs.items[0].wait_reason, "the concurrency group deploy is held by run 1");
    run_t third = trigger (world);
    CHECK_STR (run_text (world, second.id), "finished cancelled");
    CHECK_STR (run_text (world, third.id), "pending");
    CHECK (take (world, &ada));
    CHECK_STR (ada.offer.run, first.id);
    ends (world, &ada, result_success);
    CHECK_JOB (world, third.id, "a", "assigned");
    CHECK_STR (run_text (world, third.id), "running");
}

TEST_ON_ENGINES (cancel_in_progress_stops_the_holder)
{
    world_file (world, "ci.yml", GROUP ("true"));
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux");
    run_t first = trigger (world);
    CHECK (take (world, &ada));
    begins (world, &ada);
    run_t second = trigger (world);
    CHECK_STR (run_text (world, first.id), "cancelling");
    CHECK_STR (run_text (world, second.id), "pending");
    ends (world, &ada, result_cancelled);
    CHECK_JOB (world, second.id, "a", "assigned");
    run_t third = trigger (world), fourth;
    CHECK_INT (third.state, run_running); // Its holder had not begun, and ended at once
    CHECK_STR (run_text (world, second.id), "finished cancelled");
    fourth = trigger (world);
    CHECK_STR (run_text (world, third.id), "finished cancelled");
    CHECK_STR (run_text (world, fourth.id), "running");
}

TEST_ON_ENGINES (a_job_waits_for_its_own_group)
{
    world_file (world, "ci.yml",
                "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    concurrency: one\n"
                "    steps: [{run: make}]\n");
    project (world);
    fake_agent_t ada = agent (world, "ada", "linux"), bob = agent (world, "bob", "linux");
    run_t first = trigger (world), second = trigger (world);
    CHECK_JOB (world, first.id, "a", "assigned");
    CHECK_JOB (world, second.id, "a", "pending");
    CHECK_STR (second.jobs.items[0].wait_reason, "the concurrency group one is held by job a of run 1");
    fake_agent_t *has = take (world, &ada) ? &ada : &bob;
    if (has == &bob)
        CHECK (take (world, &bob));
    ends (world, has, result_success);
    CHECK_JOB (world, second.id, "a", "assigned");
}
