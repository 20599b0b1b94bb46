/* agent_jobs.c - the whole agent against a fake server: how it takes jobs, reports them, and what it does when the server misbehaves. */

#include "common/sha256.h"
#include "tests/service/agent/fake_server.h"
#include "tests/unit/test.h"

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

static void check_result (fake_server_t *server, const char *result)
{
    char wanted[64];
    snprintf (wanted, sizeof wanted, "\"result\":\"%s\"", result);
    if (!strstr (fake_server_status (server), wanted))
        test_fail (__FILE__, __LINE__, "the result is not %s: %s\n%s", result, fake_server_status (server),
                   fake_server_log (server));
}

TEST (a_trivial_job_costs_one_request)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"exit 0\"}]"), 202);
    fake_server_wait_finished (server);
    CHECK_STR (fake_server_requests (server), "rest 1,finished,");
    CHECK (strstr (fake_server_status (server), "\"result\":\"success\""));
    check_whole (server);
    fake_server_destroy (&server);
}

TEST (the_log_of_each_step_is_told_apart)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"echo a\"},{\"run\":\"echo b\"}]"), 202);
    fake_server_wait_finished (server);
    CHECK_STR (fake_server_requests (server), "rest 1,rest 2,finished,");
    check_whole (server);
    fake_server_destroy (&server);
}

TEST (a_log_that_is_no_text_or_long_is_patched)
{
    static const struct {
        const char *steps, *requests;
    } rows[] = {
        {"[{\"run\":\"printf '\\\\377'\"}]", "PATCH 1,finished,"},
        {"[{\"run\":\"printf 'a\\\\0b'\"}]", "PATCH 1,finished,"},
        {"[{\"run\":\"seq 1 5000\"}]", "PATCH 1,finished,"},
        {"[{\"run\":\"echo a\"},{\"run\":\"printf '\\\\377'\"}]", "PATCH 1,PATCH 2,finished,"},
    };
    for (size_t i = 0; i < sizeof (rows) / sizeof (rows[0]); i++) {
        fake_server_t *server = fake_server_new ();
        fake_server_start_agent (server, false, false);
        CHECK_INT (fake_server_offer (server, "j1", rows[i].steps), 202);
        fake_server_wait_finished (server);
        CHECK_STR (fake_server_requests (server), rows[i].requests);
        check_whole (server);
        fake_server_destroy (&server);
    }
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

TEST (a_second_job_is_refused_and_so_is_a_wrong_key)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"echo; echo ready; sleep 60\"}]"), 202);
    fake_server_wait_log (server, "\nready\n");
    CHECK_INT (fake_server_offer (server, "j2", "[{\"run\":\"true\"}]"), 409);
    CHECK_INT (fake_server_ask (server, "GET", "/jobs/j1", true), 200);
    CHECK_INT (fake_server_ask (server, "GET", "/jobs/j2", true), 404);
    CHECK_INT (fake_server_ask (server, "GET", "/jobs/j1", false), 401);
    CHECK_INT (fake_server_ask (server, "DELETE", "/jobs/j1", false), 401);
    CHECK_INT (fake_server_ask (server, "GET", "/health", false), 200);
    CHECK_INT (fake_server_ask (server, "PUT", "/health", true), 405);
    CHECK_INT (fake_server_ask (server, "GET", "/nothing", true), 404);
    CHECK_INT (fake_server_ask (server, "DELETE", "/jobs/j1?hard=1", true), 202);
    fake_server_wait_finished (server);
    check_result (server, "cancelled");
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
    CHECK_INT (fake_server_ask (server, "DELETE", "/jobs/j1", true), 202);
    fake_server_wait_finished (server);
    check_result (server, "cancelled");
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
    check_result (server, "cancelled");
    fake_server_destroy (&server);
}

TEST (a_cancel_that_comes_after_the_last_step_does_not_reach_the_next_job)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    fake_server_be_away (server, true); // So that the first job, though ended, stays
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"true\"}]"), 202);
    fake_server_wait_ended (server, "j1");
    CHECK_INT (fake_server_ask (server, "DELETE", "/jobs/j1?hard=1", true), 202);
    fake_server_be_away (server, false);
    fake_server_wait_finished (server);
    check_result (server, "success");
    fake_server_wait_idle (server);
    CHECK_INT (fake_server_offer (server, "j2", "[{\"run\":\"echo second\"}]"), 202);
    fake_server_wait_log (server, "\nsecond\n");
    fake_server_wait_idle (server);
    check_result (server, "success");
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
    fake_server_stop_agent (server);
    fake_server_start_agent (server, false, false);
    CHECK_STR (fake_server_token_used (server), "Bearer agent-token");
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
    fake_server_be_away (server, true);
    CHECK_INT (fake_server_offer (server, "j2", "[]"), 409);
    fake_server_touch (server, "tools/go");
    fake_server_wait_refused (server);
    fake_server_be_away (server, false);
    fake_server_wait_finished (server);
    CHECK (strstr (fake_server_log (server), "\n99999\n100000\n"));
    CHECK (strstr (fake_server_status (server), "\"result\":\"success\""));
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
