/* agent_requests.c - what an agent takes from whoever reaches its own HTTP server, and what it refuses. */

#include "common/base/clock.h"
#include "tests/http/wire.h"
#include "tests/service/agent/fake_server.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

// Of the right length and form each: nothing but the signature can tell.
TEST (a_request_that_the_server_did_not_sign_is_refused)
{
    static const struct {
        fake_wrong_t wrong;
        int status;
    } wrongs[] = {
        {{.key = "oca_another-secret-of-the-right-length-and-form-xx"}, 401},
        {{.agent = "a2"}, 401},
        {{.path = "/jobs/j9"}, 401},
        {{.seconds_ago = 60}, 410},
        {{.seconds_ago = -60}, 410},
    };
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    for (size_t i = 0; i < sizeof (wrongs) / sizeof (wrongs[0]); i++)
        CHECK_INT (fake_server_ask (server, "GET", "/jobs/j1", NULL, &wrongs[i].wrong), wrongs[i].status);
    CHECK_INT (fake_server_ask (server, "GET", "/jobs/j1", NULL, NULL), 404);
    const char *offer = fake_server_offer_text (server, "j1", "[{\"run\":\"echo mine\"}]", 0);
    const char *other = fake_server_offer_text (server, "j1", "[{\"run\":\"echo evil\"}]", 0);
    CHECK_INT (fake_server_ask (server, "POST", "/jobs", offer, &(fake_wrong_t){.body = other}), 401);
    CHECK_INT (fake_server_ask (server, "POST", "/jobs", offer, NULL), 202);
    fake_server_wait_finished (server);
    CHECK (strstr (fake_server_log (server), "\nmine\n"));
    fake_server_destroy (&server);
}

TEST (an_offer_without_a_job_is_refused)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    CHECK_INT (fake_server_ask (server, "POST", "/jobs", "{}", NULL), 422);
    CHECK_INT (fake_server_ask (server, "POST", "/jobs", "{\"attempt\":1}", NULL), 422);
    fake_server_destroy (&server);
}

// Whatever they have begun to say: of who is not let in no body is read, and no head and no body may take for ever.
TEST (clients_that_are_slow_or_silent_keep_no_job_away_from_its_agent)
{
    static const char *const words[] = {
        "", "POST /jo", "POST /jobs HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\nx"};
    wire_t slow[21];
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    const char *address = fake_server_agent_address (server);
    for (size_t i = 0; i < sizeof slow / sizeof *slow; i++) {
        slow[i] = wire_open (address);
        wire_send (&slow[i], words[i % 3]);
    }
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"true\"}]"), 202);
    fake_server_wait_finished (server);
    fake_server_check_result (server, "success");
    for (size_t i = 0; i < sizeof slow / sizeof *slow; i++)
        wire_close (&slow[i]);
    fake_server_destroy (&server);
}

TEST (a_head_that_can_be_read_in_two_ways_is_refused_by_an_agent)
{
    static const char *const heads[] = {
        "POST /jobs HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        "POST /jobs HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        "GET /health HTTP/1.1\nHost: a\n\n",
        "GET /health HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n",
        "GET /health HTTP/1.1\r\n\r\n",
    };
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        wire_t wire = wire_open (fake_server_agent_address (server));
        wire_send (&wire, heads[i]);
        wire_send (&wire, "GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
        wire_answer_t answer = wire_answer (&wire);
        CHECK_INT (answer.status, 400);
        CHECK (wire_ended (&wire)); // Nothing after it is taken for a request
        wire_forget (&answer);
        wire_close (&wire);
    }
    fake_server_destroy (&server);
}

TEST (an_offer_is_good_once)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    const char *offer = fake_server_offer_text (
        server, "j1", "[{\"run\":\"echo; echo ready; until test -e $RUNNER_TOOL_CACHE/go; do :; done\"}]", 0);
    CHECK_INT (fake_server_ask (server, "POST", "/jobs", offer, NULL), 202);
    fake_server_wait_log (server, "\nready\n");
    CHECK_INT (fake_server_ask (server, "POST", "/jobs", offer, NULL), 202); // It has it
    fake_server_touch (server, "tools/go");
    fake_server_wait_finished (server);
    fake_server_wait_idle (server);
    offer = fake_server_offer_text (server, "j1", "[{\"run\":\"echo twice\"}]", 0);
    CHECK_INT (fake_server_ask (server, "POST", "/jobs", offer, NULL), 410);
    CHECK (!strstr (fake_server_log (server), "twice"));
    fake_server_destroy (&server);
}

TEST (an_offer_is_good_once_also_for_an_agent_that_was_started_again)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    const char *offer = fake_server_offer_text (server, "j1", "[{\"run\":\"echo once\"}]", 0);
    CHECK_INT (fake_server_ask (server, "POST", "/jobs", offer, NULL), 202);
    fake_server_wait_finished (server);
    fake_server_wait_idle (server);
    fake_server_stop_agent (server);
    fake_server_start_agent (server, false, false);
    offer = fake_server_offer_text (server, "j1", "[{\"run\":\"echo twice\"}]", 0);
    CHECK_INT (fake_server_ask (server, "POST", "/jobs", offer, NULL), 410);
    CHECK (!strstr (fake_server_log (server), "twice"));
    fake_server_destroy (&server);
}

TEST (a_stale_offer_is_not_begun_whichever_way_it_came)
{
    for (int parked = 0; parked < 2; parked++) {
        fake_server_t *server = fake_server_new ();
        fake_server_start_agent (server, parked, false);
        const char *offer = fake_server_offer_text (server, "j1", "[{\"run\":\"echo stale\"}]", 5);
        if (parked)
            fake_server_park (server, offer);
        else
            CHECK_INT (fake_server_ask (server, "POST", "/jobs", offer, NULL), 410);
        fake_server_wait_asked (server);
        CHECK_INT (fake_server_offer (server, "j2", "[{\"run\":\"echo fresh\"}]"), 202);
        fake_server_wait_finished (server);
        CHECK (strstr (fake_server_log (server), "\nfresh\n"));
        CHECK (!strstr (fake_server_log (server), "stale"));
        fake_server_destroy (&server);
    }
}

TEST (an_agent_goes_by_the_clock_of_its_server)
{
    fake_server_t *server = fake_server_new ();
    fake_server_set_clock (server, 3600);
    fake_server_start_agent (server, false, false);
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"echo ahead\"}]"), 202);
    fake_server_wait_finished (server);
    fake_server_set_clock (
        server, -3600); // Stepped back meanwhile: what is signed then is taken after some heartbeats
    fake_server_wait_idle (server);
    fake_server_destroy (&server);
}

TEST (an_agent_that_got_no_answer_to_its_registration_is_the_same_one)
{
    fake_server_t *server = fake_server_new ();
    fake_server_lose_registrations (server, 2);
    fake_server_start_agent (server, false, false);
    CHECK_INT (fake_server_keys (server), 1);
    fake_server_destroy (&server);
}

TEST (an_agent_that_ends_refuses_what_is_pushed_to_it_meanwhile)
{
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    CHECK_INT (fake_server_offer (server, "j1", "[{\"run\":\"echo; echo ready; exec tail -f /dev/null\"}]"),
               202);
    fake_server_wait_log (server, "\nready\n");
    fake_server_offer_all_the_while (server);
    fake_server_stop_agent (server);
    fake_server_destroy (&server);
}

TEST (a_signal_lets_an_agent_ask_at_once_what_it_is_to_do)
{
    sigset_t set, before;
    sigemptyset (&set);
    sigaddset (&set, SIGUSR1);
    pthread_sigmask (SIG_BLOCK, &set, &before); // In every thread, as the agent's own program does
    fake_server_t *server = fake_server_new ();
    fake_server_start_agent (server, false, false);
    fake_server_wait_idle (server);
    int64_t began_us = clock_monotonic_us ();
    for (int i = 0; i < 6; i++) {
        CHECK_INT (kill (getpid (), SIGUSR1), 0);
        fake_server_wait_asked (server);
    }
    CHECK (clock_monotonic_us () - began_us < SECONDS (50)); // It asks every ten seconds by itself
    fake_server_destroy (&server);
    pthread_sigmask (SIG_SETMASK, &before, NULL);
}
