/* Jobs that are held when they fail: by whom that is asked, who may look into them, how the bytes of a shell travel, and what ends it all. */

#include "tests/service/scheduler/world.h"

#include "common/base/clock.h"

#include <stdio.h>
#include <string.h>

#define ONE "on: workflow_dispatch\njobs:\n  a:\n    runs-on: linux\n    steps: [{run: make}]\n"

static const caller_t ada = {.role = ROLE_ADMIN, .subject = "ada"},
                      dan = {.role = ROLE_DEVELOPER, .subject = "dan"},
                      eve = {.role = ROLE_DEVELOPER, .subject = "eve"};

static fault_t ask_as (world_t *world, caller_t caller, uint16_t number, const void *ask, void *answer)
{
    world->caller = caller;
    fault_t fault = world_ask (world, number, ask, answer);
    world->caller = ada;
    return fault;
}
#define AS(world, caller, message, answer, ...) \
    ask_as (world, caller, MSG_##message, &(message##_t){__VA_ARGS__}, answer)

static caller_t agent_of (const fake_agent_t *agent)
{
    return (caller_t){.role = ROLE_JOB, .subject = agent->offer.job, .attempt = agent->offer.attempt};
}

// The job of a run that dan runs again, to be held, as an agent has it; its result so far is a failure.
static run_t rerun_held (world_t *world, fake_agent_t *agent_, uint32_t minutes)
{
    run_t again;
    world_file (world, "ci.yml", ONE);
    project (world);
    *agent_ = agent (world, "ada", "linux");
    run_t run = trigger (world);
    CHECK (take (world, agent_));
    CHECK_INT (agent_->offer.hold_minutes, 0);
    ends (world, agent_, result_failure);
    CHECK_INT (AS (world, dan, run_rerun, &again, .run = run.id, .only = "failed", .hold_minutes = minutes),
               OK);
    CHECK (take (world, agent_));
    CHECK_INT (agent_->offer.hold_minutes, minutes);
    return again;
}

static held_job_t held (world_t *world, fake_agent_t *agent_, run_t *run)
{
    held_job_t hold = {0};
    *run = rerun_held (world, agent_, 30);
    CHECK_INT (beats (world, agent_), order_go_on);
    CHECK_INT (AS (world, agent_of (agent_), hold_begin, &hold, .job = agent_->offer.job, .reason = "exit 3"),
               OK);
    CHECK_INT (hold.seconds_left, 1800);
    return hold;
}

static held_job_t open_by (world_t *world, caller_t caller, const char *job)
{
    held_job_t hold = {0};
    CHECK_INT (
        AS (world, caller, shell_open, &hold, .job = job, .terminal = "xterm", .columns = 90, .rows = 30),
        OK);
    CHECK (*hold.shell);
    return hold;
}

static fault_t put (world_t *world, caller_t caller, const held_job_t *hold, int64_t at, const char *text)
{
    done_t done;
    return AS (world, caller, shell_write, &done, .job = hold->job, .shell = hold->shell, .at = at,
               .data = {text, strlen (text)});
}

static const char *get (world_t *world, caller_t caller, const held_job_t *hold, int64_t at)
{
    shell_bytes_t bytes = {0};
    CHECK_INT (AS (world, caller, shell_read, &bytes, .job = hold->job, .shell = hold->shell, .at = at,
                   .columns = 90, .rows = 30),
               OK);
    CHECK_INT (bytes.next, at + (int64_t) bytes.data.size);
    return arena_strndup (world->arena, bytes.data.data, bytes.data.size);
}

TEST_ON_ENGINES (a_job_is_held_where_that_was_asked_and_shown_as_such)
{
    fake_agent_t one;
    run_t run;
    job_t job;
    held_job_t hold = held (world, &one, &run);
    MUST (world, job_show, &job, .job = hold.job);
    CHECK_INT (job.state, job_running);
    CHECK_INT (job.held_until, hold.until);
    CHECK_STR (job.reason, "exit 3");
    ends (world, &one, result_failure);
    MUST (world, job_show, &job, .job = hold.job);
    CHECK_INT (job.held_until, 0);
    CHECK_INT (job.result, result_failure);
}

TEST_ON_ENGINES (a_job_of_which_nobody_asked_it_is_not_held)
{
    fake_agent_t one;
    held_job_t hold = {0};
    (void) rerun_held (world, &one, 0);
    CHECK_INT (beats (world, &one), order_go_on);
    CHECK_INT (AS (world, agent_of (&one), hold_begin, &hold, .job = one.offer.job, .reason = "exit 3"), OK);
    CHECK_INT (hold.until, 0);
    CHECK_INT (AS (world, ada, shell_open, &hold, .job = one.offer.job), CONFLICT);
}

TEST_ON_ENGINES (only_who_asked_for_the_hold_and_admins_look_into_a_job)
{
    fake_agent_t one;
    run_t run;
    held_job_t other, hold = held (world, &one, &run);
    CHECK_INT (AS (world, eve, shell_open, &other, .job = hold.job), FORBIDDEN);
    CHECK_INT (AS (world, eve, hold_end, &other, .job = hold.job), FORBIDDEN);
    held_job_t own = open_by (world, dan, hold.job);
    CHECK_INT (put (world, eve, &own, 0, "rm"), FORBIDDEN);
    CHECK_INT (AS (world, ada, shell_open, &other, .job = hold.job), CONFLICT); // dan is in it
    for (int i = 0; i < 12; i++) { // ... and has not been heard of for a while
        world_turn (world, 10);
        CHECK_INT (beats (world, &one), order_go_on);
    }
    (void) open_by (world, ada, hold.job);
    CHECK_INT (put (world, dan, &own, 0, "ls"), GONE);
}

TEST_ON_ENGINES (the_agent_of_another_attempt_has_no_part_in_it)
{
    fake_agent_t one;
    run_t run;
    held_job_t hold = held (world, &one, &run), own = open_by (world, dan, hold.job);
    caller_t old = agent_of (&one),
             other = {.role = ROLE_JOB, .subject = "j00000000000000000000", .attempt = 1};
    old.attempt--;
    CHECK_INT (put (world, old, &own, 0, "x"), FORBIDDEN);
    CHECK_INT (put (world, other, &own, 0, "x"), FORBIDDEN);
    CHECK_INT (AS (world, old, hold_show, &hold, .job = own.job), CONFLICT);
    CHECK_INT (AS (world, other, hold_begin, &hold, .job = own.job, .reason = ""), FORBIDDEN);
}

TEST_ON_ENGINES (what_is_typed_reaches_the_agent_and_what_is_printed_the_user)
{
    fake_agent_t one;
    run_t run;
    held_job_t hold = held (world, &one, &run), own = open_by (world, dan, hold.job), seen = {0};
    caller_t job = agent_of (&one);
    CHECK_INT (AS (world, job, hold_show, &seen, .job = hold.job), OK);
    CHECK_STR (seen.shell, own.shell);
    CHECK_STR (seen.terminal, "xterm");
    CHECK_INT (seen.columns, 90);
    CHECK_INT (put (world, dan, &own, 0, "ls"), OK);
    CHECK_INT (put (world, dan, &own, 2, "\r"), OK);
    CHECK_STR (get (world, job, &own, 0), "ls\r");
    CHECK_STR (get (world, job, &own, 1), "s\r");
    CHECK_INT (put (world, job, &own, 0, "a b c"), OK);
    CHECK_STR (get (world, dan, &own, 0), "a b c");
    CHECK_STR (get (world, dan, &own, 4), "c");
    CHECK_STR (get (world, dan, &own, 5), "");
}

TEST_ON_ENGINES (what_is_sent_again_is_there_once_and_a_gap_is_refused)
{
    fake_agent_t one;
    run_t run;
    held_job_t hold = held (world, &one, &run), own = open_by (world, dan, hold.job);
    caller_t job = agent_of (&one);
    CHECK_INT (put (world, dan, &own, 0, "abc"), OK);
    CHECK_INT (put (world, dan, &own, 0, "abc"), OK);
    CHECK_INT (put (world, dan, &own, 1, "bcd"), OK);
    CHECK_STR (get (world, job, &own, 0), "abcd");
    CHECK_INT (put (world, dan, &own, 5, "f"), CONFLICT);
}

TEST_ON_ENGINES (a_writer_waits_where_the_reader_is_far_behind_and_memory_is_bounded)
{
    fake_agent_t one;
    run_t run;
    shell_bytes_t bytes = {0};
    held_job_t hold = held (world, &one, &run), own = open_by (world, dan, hold.job);
    caller_t job = agent_of (&one);
    done_t done;
    char *piece = arena_alloc (world->arena, MAX_SHELL_PIECE);
    int64_t at = 0;
    memset (piece, 'x', MAX_SHELL_PIECE);
    for (; at < MAX_SHELL_AHEAD; at += MAX_SHELL_PIECE)
        CHECK_INT (AS (world, job, shell_write, &done, .job = own.job, .shell = own.shell, .at = at,
                       .data = {piece, MAX_SHELL_PIECE}),
                   OK);
    CHECK_INT (world_number (world, "select count (*) from shell_pieces"), MAX_SHELL_AHEAD / MAX_SHELL_PIECE);
    for (int64_t from = 0; from < MAX_SHELL_AHEAD; from = bytes.next) {
        CHECK_INT (AS (world, dan, shell_read, &bytes, .job = own.job, .shell = own.shell, .at = from), OK);
        CHECK_INT (bytes.data.size, MAX_SHELL_PIECE);
    }
    CHECK_STR (get (world, dan, &own, at), ""); // It has all, and says so
    CHECK_INT (put (world, job, &own, at, "more"), OK);
    CHECK_STR (get (world, dan, &own, at), "more");
    CHECK (world_number (world, "select count (*) from shell_pieces") <= 2);
}

TEST_ON_ENGINES (the_end_of_a_shell_reaches_its_user_after_all_that_it_printed)
{
    fake_agent_t one;
    run_t run;
    shell_bytes_t bytes = {0};
    done_t done;
    held_job_t hold = held (world, &one, &run), own = open_by (world, dan, hold.job);
    caller_t job = agent_of (&one);
    CHECK_INT (put (world, job, &own, 0, "bye"), OK);
    const shell_write_t last = {
        .job = own.job, .shell = own.shell, .at = 3, .ended = true, .exit_status = 7, .reason = ""};
    CHECK_INT (ask_as (world, job, MSG_shell_write, &last, &done), OK);
    CHECK_INT (ask_as (world, job, MSG_shell_write, &last, &done), OK); // Again
    CHECK_INT (AS (world, dan, shell_read, &bytes, .job = own.job, .shell = own.shell, .at = 0), OK);
    CHECK_INT (bytes.data.size, 3);
    CHECK (bytes.ended);
    CHECK_INT (bytes.exit_status, 7);
    CHECK_STR (get (world, dan, &own, 3), "");
    CHECK_INT (world_number (world, "select count (*) from shell_pieces"), 0);
    held_job_t next = open_by (world, dan, hold.job);
    CHECK (strcmp (next.shell, own.shell) != 0);
}

TEST_ON_ENGINES (its_owner_ends_the_hold)
{
    fake_agent_t one;
    run_t run;
    job_t job;
    held_job_t seen = {0}, hold = held (world, &one, &run);
    CHECK_INT (AS (world, dan, hold_end, &seen, .job = hold.job), OK);
    CHECK_INT (AS (world, agent_of (&one), hold_show, &seen, .job = hold.job, .wait = 20), OK);
    CHECK (seen.over);
    MUST (world, job_show, &job, .job = hold.job);
    CHECK_INT (job.held_until, 0);
    CHECK_INT (AS (world, dan, hold_end, &seen, .job = hold.job), CONFLICT);
    CHECK_INT (AS (world, dan, shell_open, &seen, .job = hold.job), CONFLICT);
}

TEST_ON_ENGINES (a_hold_ends_by_itself_and_its_time_does_not_count_as_the_jobs)
{
    fake_agent_t one;
    run_t run;
    held_job_t seen = {0}, hold = held (world, &one, &run);
    for (int i = 0; i < 190; i++) { // Every ten seconds, until it is over
        world_turn (world, 10);
        CHECK_INT (beats (world, &one), order_go_on);
    }
    CHECK_INT (AS (world, agent_of (&one), hold_show, &seen, .job = hold.job, .wait = 20), OK);
    CHECK (seen.over);
    CHECK_INT (AS (world, dan, shell_open, &seen, .job = hold.job), CONFLICT);
}

TEST_ON_ENGINES (a_held_job_whose_agent_is_lost_has_failed_and_its_shell_has_ended)
{
    fake_agent_t one;
    run_t run;
    shell_bytes_t bytes = {0};
    held_job_t hold = held (world, &one, &run), own = open_by (world, dan, hold.job);
    world_turn (world, 120);
    wait_for_run (world, run.id, "finished failure");
    job_t job;
    MUST (world, job_show, &job, .job = hold.job);
    CHECK_STR (job.reason, "exit 3");
    CHECK_INT (AS (world, dan, shell_read, &bytes, .job = own.job, .shell = own.shell, .at = 0), OK);
    CHECK (bytes.ended);
    CHECK_STR (bytes.reason, "the job has ended");
}

TEST_ON_ENGINES (another_rerun_holds_nothing_unless_it_says_so)
{
    fake_agent_t one;
    run_t run, again;
    (void) held (world, &one, &run);
    ends (world, &one, result_failure);
    MUST (world, run_rerun, &again, .run = run.id);
    CHECK (take (world, &one));
    CHECK_INT (one.offer.hold_minutes, 0);
}
