/* agent_jobs.c - the whole agent against a fake server: how it takes jobs, reports them, and what it does when the server misbehaves. */

#include "common/base/clock.h"
#include "common/base/sha256.h"
#include "tests/service/agent/fake_server.h"
#include "tests/unit/test.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

// Is the log that arrived the one that the agent's last word speaks of?
static void check_whole (fake_server_t *server)
{
    sha256_t sum;
    arena_t *arena = arena_new ();
    sha256_init (&sum);
    sha256_add (&sum, fake_server_log (server), fake_server_log_size (server));
    CHECK (strstr (fake_server_status (server), sha256_hex (&sum, arena)) != NULL);
    arena_destroy (&arena);
}

#define GATHERED_US MILLISECONDS (25) // What comes within it goes together (agent/reporter.h)

static int64_t play (const char *steps, const char **requests, arena_t *arena)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    int64_t began_us = clock_monotonic_us ();
    CHECK_INT (fake_server_offer (server, "j1", steps), 202);
    fake_server_wait_finished (server);
    int64_t took_us = clock_monotonic_us () - began_us;
    fake_server_check_result (server, "success");
    check_whole (server);
    *requests = arena_strdup (arena, fake_server_requests (server));
    fake_server_destroy (&server);
    return took_us;
}

// On a busy machine even such a job takes longer than the agent gathers, and rightly costs more requests: then it is played again.
static void check_requests (const char *steps, const char *wanted)
{
    const char *requests;
    arena_t *arena = arena_new ();
    int64_t until = test_until_us ();
    while (play (steps, &requests, arena) > GATHERED_US && strcmp (requests, wanted) != 0 &&
           clock_monotonic_us () < until)
        arena_reset (arena);
    CHECK_STR (requests, wanted);
    arena_destroy (&arena);
}

TEST (a_trivial_job_costs_one_request)
{
    check_requests ("[{\"run\":\"exit 0\"}]", "rest 1,finished,");
}

TEST (the_log_of_each_step_is_separate)
{
    check_requests ("[{\"run\":\"echo a\"},{\"run\":\"echo b\"}]", "rest 1,rest 2,finished,");
}

TEST (a_log_that_is_not_text_or_is_long_is_sent_by_patch)
{
    static const struct {
        const char *steps, *requests;
    } rows[] = {
        {"[{\"run\":\"printf '\\\\377'\"}]", "PATCH 1,finished,"},
        {"[{\"run\":\"printf 'a\\\\0b'\"}]", "PATCH 1,finished,"},
        {"[{\"run\":\"seq 1 5000\"}]", "PATCH 1,finished,"},
        {"[{\"run\":\"echo a\"},{\"run\":\"printf '\\\\377'\"}]", "PATCH 1,PATCH 2,finished,"},
    };
    for (size_t i = 0; i < sizeof (rows) / sizeof (rows[0]); i++)
        check_requests (rows[i].steps, rows[i].requests);
}

TEST (a_rest_that_leaves_a_gap_is_sent_from_where_the_collector_is)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    CHECK_INT (fake_server_offer (server, "j1",
                                  "[{\"run\":\"echo; echo ready; until test -e $RUNNER_TOOL_CACHE/go; do :; "
                                  "done; echo last\"}]"),
               202);
    fake_server_wait_log (server, "\nready\n");
    fake_server_forget_log (server, 5);
    fake_server_touch (server, "tools/go");
    fake_server_wait_finished (server);
    CHECK (strstr (fake_server_log (server), "\nready\nlast\n"));
    check_whole (server);
    fake_server_destroy (&server);
}

TEST (a_second_job_is_refused_and_a_cancel_is_for_its_attempt_alone)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"echo; echo ready; sleep 60\"}]"), 202);
    fake_server_wait_log (server, "\nready\n");
    CHECK_INT (fake_server_offer (server, "j2", "[{\"run\":\"true\"}]"), 409);
    CHECK_INT (fake_server_ask (server, "GET", "/jobs/j1", NULL, NULL), 200);
    CHECK_INT (fake_server_ask (server, "GET", "/jobs/j2", NULL, NULL), 404);
    CHECK_INT (fake_server_ask (server, "PUT", "/health", NULL, NULL), 405);
    CHECK_INT (fake_server_ask (server, "GET", "/nothing", NULL, NULL), 404);
    CHECK_INT (fake_server_ask (server, "DELETE", "/jobs/j1?attempt=2&hard=1", NULL, NULL), 404);
    CHECK_INT (fake_server_ask (server, "DELETE", "/jobs/j1?hard=1", NULL, NULL), 202);
    fake_server_wait_finished (server);
    fake_server_check_result (server, "cancelled");
    fake_server_destroy (&server);
}

TEST (a_soft_cancel_lets_always_steps_run)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    CHECK_INT (
        fake_server_offer (
            server, "j1",
            "[{\"run\":\"echo; echo ready; sleep 60\"},{\"if\":\"always()\",\"run\":\"echo cleaned\"}]"),
        202);
    fake_server_wait_log (server, "\nready\n");
    CHECK_INT (fake_server_ask (server, "DELETE", "/jobs/j1?nothard=1", NULL, NULL), 202);
    fake_server_wait_finished (server);
    fake_server_check_result (server, "cancelled");
    CHECK (strstr (fake_server_log (server), "\ncleaned\n"));
    check_whole (server);
    fake_server_destroy (&server);
}

TEST (a_servers_order_to_kill_is_obeyed)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    fake_server_order (server, "kill");
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"sleep 60\"}]"), 202);
    fake_server_wait_finished (server);
    fake_server_check_result (server, "cancelled");
    fake_server_destroy (&server);
}

TEST (a_cancel_that_comes_after_the_last_step_does_not_reach_the_next_job)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    fake_server_be_away (server, 503,
                         "{\"code\":\"UNAVAILABLE\"}"); // So that the first job, though ended, stays
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"true\"}]"), 202);
    fake_server_wait_ended (server, "j1");
    CHECK_INT (fake_server_ask (server, "DELETE", "/jobs/j1?hard=1", NULL, NULL), 202);
    fake_server_be_away (server, 0, NULL);
    fake_server_wait_finished (server);
    fake_server_check_result (server, "success");
    fake_server_wait_idle (server);
    CHECK_INT (fake_server_offer (server, "j2", "[{\"run\":\"echo second\"}]"), 202);
    fake_server_wait_log (server, "\nsecond\n");
    fake_server_wait_idle (server);
    fake_server_check_result (server, "success");
    fake_server_destroy (&server);
}

// Else the server, which knows of the end already, takes the next one away from it.
TEST (the_next_job_is_named_while_the_end_of_the_one_before_is_still_reported)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    fake_server_be_away (server, 503, "{\"code\":\"UNAVAILABLE\"}"); // Its answers are lost
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"true\"}]"), 202);
    fake_server_wait_ended (server, "j1");
    fake_server_wait_refused (server);
    int status;
    for (int64_t until = test_until_us ();
         (status = fake_server_offer (server, "j2", "[{\"run\":\"echo second\"}]")) == 409;)
        CHECK (clock_monotonic_us () < until);
    CHECK_INT (status, 202);
    fake_server_wait_says (server, "/health", "\"job\":\"j2\"");
    fake_server_be_away (server, 0, NULL);
    fake_server_wait_log (server, "\nsecond\n");
    fake_server_wait_idle (server);
    fake_server_destroy (&server);
}

// The reporter, once the first is over, must not take the slot that was closed meanwhile for an empty one.
TEST (an_agent_that_is_stopped_with_a_second_job_in_its_slot_ends)
{
    fake_server_t *server = fake_server_new ();
    fake_server_set_shutdown (server, 3);
    fake_server_start_agent (server, false, false);
    fake_server_be_away (server, 503, "{\"code\":\"UNAVAILABLE\"}"); // It hears of no end
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"true\"}]"), 202);
    fake_server_wait_ended (server, "j1");
    fake_server_wait_refused (server);
    int status;
    for (int64_t until = test_until_us ();
         (status = fake_server_offer (server, "j2", "[{\"run\":\"echo second\"}]")) == 409;)
        CHECK (clock_monotonic_us () < until);
    CHECK_INT (status, 202);
    fake_server_stop_agent (server);
    fake_server_destroy (&server);
}

TEST (a_parked_agent_asks_for_its_jobs)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, true, false);
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"echo parked\"}]"), 202);
    fake_server_wait_finished (server);
    CHECK (strstr (fake_server_log (server), "\nparked\n"));
    check_whole (server);
    fake_server_destroy (&server);
}

TEST (an_ephemeral_agent_ends_after_its_job)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, true);
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"echo once\"}]"), 202);
    fake_server_wait_agent (server);
    fake_server_wait_finished (server);
    fake_server_destroy (&server);
}

TEST (an_agent_that_starts_again_is_the_same_one)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    CHECK_STR (fake_server_token_used (server), "Bearer registration-token");
    CHECK_INT (fake_server_mode (server, "token"), 0600);
    fake_server_stop_agent (server);
    fake_server_start_agent (server, false, false);
    CHECK (strncmp (fake_server_token_used (server), "Bearer oca_", 11) == 0);
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"true\"}]"), 202);
    fake_server_wait_finished (server);
    fake_server_destroy (&server);
}

TEST (a_collector_that_lost_bytes_gets_them_again)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    fake_server_forget_log (server, 100000);
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"seq 1 500000\"}]"), 202);
    fake_server_wait_finished (server);
    CHECK (strstr (fake_server_log (server), "\n499999\n500000\n"));
    check_whole (server);
    fake_server_destroy (&server);
}

TEST (a_collector_that_claims_bytes_which_were_never_written_is_not_believed)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    fake_server_claim_log (server, 1 << 30);
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"seq 1 500000\"}]"), 202);
    fake_server_wait_finished (server);
    CHECK (strstr (fake_server_log (server), "\n499999\n500000\n"));
    check_whole (server);
    fake_server_destroy (&server);
}

TEST (a_server_that_was_away_loses_nothing)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    CHECK_INT (
        fake_server_offer (
            server, "j1",
            "[{\"run\":\"echo; echo ready; until test -e $RUNNER_TOOL_CACHE/go; do :; done; seq 1 100000\"}]"),
        202);
    fake_server_wait_log (server, "\nready\n");
    fake_server_be_away (server, 503, "{\"code\":\"UNAVAILABLE\"}");
    CHECK_INT (fake_server_offer (server, "j2", "[]"), 409);
    fake_server_touch (server, "tools/go");
    fake_server_wait_refused (server);
    fake_server_be_away (server, 0, NULL);
    fake_server_wait_finished (server);
    CHECK (strstr (fake_server_log (server), "\n99999\n100000\n"));
    CHECK (strstr (fake_server_status (server), "\"result\":\"success\""));
    check_whole (server);
    fake_server_destroy (&server);
}

// As a proxy answers while the server behind it is being replaced.
TEST (a_refusal_that_is_not_the_server_s_own_ends_no_job)
{
    static const int statuses[] = {404, 401, 403};
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    const char *steps =
        "[{\"run\":\"echo; echo ready; until test -e $RUNNER_TOOL_CACHE/go; do echo x; sleep 0.02; done\"}]";
    CHECK_INT (fake_server_offer (server, "j1", steps), 202);
    fake_server_wait_log (server, "\nready\n");
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        fake_server_be_away (server, statuses[i], "404 page not found\n");
        fake_server_wait_refused (server);
    }
    fake_server_be_away (server, 0, NULL);
    fake_server_touch (server, "tools/go");
    fake_server_wait_finished (server);
    fake_server_check_result (server, "success");
    check_whole (server);
    fake_server_destroy (&server);
}

TEST (a_fenced_job_is_dropped_and_the_agent_is_free)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    fake_server_fence (server);
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"sleep 60\"}]"), 202);
    fake_server_wait_idle (server);
    CHECK_STR (fake_server_status (server), "");
    fake_server_destroy (&server);
}

TEST (a_million_lines_arrive_byte_by_byte)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    CHECK_INT (
        fake_server_offer (
            server, "j1",
            "[{\"run\":\"yes 012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678 | head -n 1000000\"}]"),
        202);
    fake_server_wait_finished (server);
    CHECK (fake_server_log_size (server) > 100000000);
    check_whole (server);
    fake_server_destroy (&server);
}

TEST (bytes_that_are_no_text_arrive_as_they_are)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"printf '\\\\377\\\\376\\\\200x\\\\n'\"}]"), 202);
    fake_server_wait_finished (server);
    CHECK (strstr (fake_server_log (server), "\n\xff\xfe\x80x\n"));
    check_whole (server);
    fake_server_destroy (&server);
}

static void check_given_back (fake_server_t *server, bool wanted)
{
    CHECK_INT (strstr (fake_server_status (server), "\"given_back\":true") != NULL, wanted);
}

TEST (an_agent_that_is_stopped_gives_its_job_back)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"echo; echo ready; exec tail -f /dev/null\"}]"),
               202);
    fake_server_wait_log (server, "\nready\n");
    fake_server_stop_agent (server);
    fake_server_check_result (server, "cancelled");
    check_given_back (server, true);
    check_whole (server);
    CHECK (strstr (fake_server_log (server), "This agent is shutting down"));
    fake_server_destroy (&server);
}

TEST (a_job_that_is_given_back_is_interrupted_and_still_cleans_up)
{
    fake_server_t *server = fake_server_new ();
    fake_server_set_shutdown (server, 8);
    fake_server_start_agent (server, false, false);
    CHECK_INT (
        fake_server_offer (
            server, "j1",
            "[{\"run\":\"trap 'echo; echo interrupted; exit 0' INT; echo; echo ready; while :; do sleep "
            "0.01; done\"},{\"run\":\"echo not this one\"},{\"if\":\"always()\",\"run\":\"echo; "
            "echo cleaned\"}]"),
        202);
    fake_server_wait_log (server, "\nready\n");
    fake_server_stop_agent (server);
    check_given_back (server, true);
    CHECK (strstr (fake_server_log (server), "\ninterrupted\n"));
    CHECK (strstr (fake_server_log (server), "\ncleaned\n"));
    CHECK (!strstr (fake_server_log (server), "\nnot this one\n"));
    check_whole (server);
    fake_server_destroy (&server);
}

TEST (a_job_that_ends_while_its_agent_is_stopped_has_ended)
{
    fake_server_t *server = fake_server_new ();
    fake_server_set_shutdown (server, 60);
    fake_server_start_agent (server, false, false);
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"echo; echo ready; sleep 0.3; echo done\"}]"),
               202);
    fake_server_wait_log (server, "\nready\n");
    fake_server_stop_agent (server);
    fake_server_check_result (server, "success");
    check_given_back (server, false);
    fake_server_destroy (&server);
}

TEST (a_job_that_the_server_cancelled_is_not_given_back)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    CHECK_INT (
        fake_server_offer (server, "j1",
                           "[{\"run\":\"trap '' INT; echo; echo ready; while :; do sleep 0.01; done\"}]"),
        202);
    fake_server_wait_log (server, "\nready\n");
    CHECK_INT (fake_server_ask (server, "DELETE", "/jobs/j1", NULL, NULL), 202);
    fake_server_stop_agent (server);
    fake_server_check_result (server, "cancelled");
    check_given_back (server, false);
    fake_server_destroy (&server);
}

// A log that never ends must not keep the agent from the reports by which it holds its lease.
TEST (a_job_that_prints_faster_than_its_log_is_sent_is_reported_in_time)
{
    fake_server_t *server = fake_server_new ();
    fake_server_be_slow (server, 30);
    fake_server_start_agent (server, false, false);
    CHECK_INT (
        fake_server_offer (
            server, "j1",
            "[{\"run\":\"yes | head -c 100000000; until test -e $RUNNER_TOOL_CACHE/go; do sleep 0.01; done\"}]"),
        202);
    fake_server_wait_requests (server, "PATCH 1,running,PATCH 1,");
    fake_server_be_slow (server, 0);
    fake_server_touch (server, "tools/go");
    fake_server_wait_finished (server);
    fake_server_destroy (&server);
}

static void look_for_early_end (void *early, const char *status, const char *log)
{
    const char *step = strstr (status, "\"number\":1,");
    const char *outcome = step ? strstr (step, "\"outcome\":\"") : NULL;
    if (outcome && strncmp (outcome, "\"outcome\":\"success\"", 19) == 0 && !strstr (log, "\nlast\n"))
        *(bool *) early = true;
}

// An agent that is killed between the two would leave a step that is shown as successful, and whose log lacks its end.
TEST (a_step_is_not_reported_as_ended_before_its_log_is_stored)
{
    static const struct {
        const char *prints;
        int slow_ms; // For a piece of the log
    } rows[] = {
        {"sleep 0.6; echo; echo last", 0},                          // A report is due before the log
        {"yes | head -c 20000000; sleep 0.2; echo; echo last", 50}, // The lease is held meanwhile
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fake_server_t *server = fake_server_new ();
        bool early = false;
        char steps[256];
        snprintf (steps, sizeof steps,
                  "[{\"run\":\"%s\"},{\"run\":\"until test -e $RUNNER_TOOL_CACHE/go; do sleep 0.01; done\"}]",
                  rows[i].prints);
        fake_server_start_agent (server, false, false);
        fake_server_on_status (server, look_for_early_end, &early);
        fake_server_be_slow (server, rows[i].slow_ms);
        CHECK_INT (fake_server_offer (server, "j1", steps), 202);
        fake_server_wait_log (server, "\nlast\n");
        fake_server_touch (server, "tools/go");
        fake_server_wait_finished (server);
        CHECK (!early);
        check_whole (server);
        fake_server_destroy (&server);
    }
}

// Its step's process, which goes on until tools/go is there, and says that it lives in tools/pid.
#define LOOPS \
    "[{\"run\":\"echo $$ > $RUNNER_TOOL_CACHE/pid; echo; echo ready; until test -e $RUNNER_TOOL_CACHE/go; do :; done\"}]"

static char state_of_step (fake_server_t *server)
{
    char path[64], text[512] = "";
    snprintf (path, sizeof path, "/proc/%d/stat", fake_server_read_number (server, "tools/pid"));
    FILE *file = fopen (path, "r");
    size_t size = file ? fread (text, 1, sizeof text - 1, file) : 0;
    text[size] = 0;
    if (file)
        fclose (file);
    const char *end = strrchr (text, ')');
    return end ? end[2] : 'X';
}

static void wait_for_step (fake_server_t *server, char state, bool wanted)
{
    int64_t until = test_until_us ();
    while ((state_of_step (server) == state) != wanted && clock_monotonic_us () < until)
        sched_yield ();
    CHECK_INT (state_of_step (server) == state, wanted);
}

TEST (a_job_is_paused_when_its_lease_ends_and_continues_when_the_server_answers)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    CHECK_INT (fake_server_offer (server, "j1", LOOPS), 202);
    fake_server_wait_log (server, "\nready\n");
    int64_t away_us = clock_monotonic_us ();
    fake_server_be_away (server, 503, "{\"code\":\"UNAVAILABLE\"}");
    wait_for_step (server, 'T', true);
    CHECK (clock_monotonic_us () - away_us < SECONDS (4)); // The lease is of 3 s
    CHECK (clock_monotonic_us () - away_us >
           SECONDS (1)); // Of a heartbeat a second and reports, the last was heard
    fake_server_be_away (server, 0, NULL);
    wait_for_step (server, 'T', false);
    fake_server_touch (server, "tools/go");
    fake_server_wait_finished (server);
    fake_server_check_result (server, "success");
    check_whole (server);
    fake_server_destroy (&server);
}

TEST (a_paused_job_that_now_belongs_to_another_attempt_is_killed)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    CHECK_INT (fake_server_offer (server, "j1", LOOPS), 202);
    fake_server_wait_log (server, "\nready\n");
    fake_server_be_away (server, 503, "{\"code\":\"UNAVAILABLE\"}");
    wait_for_step (server, 'T', true);
    fake_server_fence (server);
    fake_server_be_away (server, 0, NULL);
    wait_for_step (server, 'X', true);
    fake_server_wait_idle (server);
    fake_server_destroy (&server);
}

TEST (an_agent_that_is_stopped_before_it_could_register_exits_cleanly)
{
    fake_server_t *server = fake_server_new ();
    fake_server_be_away (server, 503, "{\"code\":\"UNAVAILABLE\"}");
    fake_server_launch_agent (server, true, false);
    fake_server_wait_refused (server);
    fake_server_stop_agent (server);
    fake_server_destroy (&server);
}
