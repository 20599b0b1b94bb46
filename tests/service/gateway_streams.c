/* The gateway's streams: events and logs as they grow, parked agents; how many there may be, and how they end. */

#include "common/base/clock.h"
#include "gateway/feed.h"
#include "tests/service/contract_events.h"
#include "tests/service/gateway/world.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static wire_t start_stream_of (world_t *world, const char *path, const char *token, const char *headers)
{
    char request[1000];
    wire_t http = wire_open (world->address);
    snprintf (request, sizeof (request),
              "GET %s HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer %s\r\n%s\r\n", path, token, headers);
    wire_send (&http, request);
    CHECK (wire_until (&http, "text/event-stream"));
    CHECK (wire_until (&http, "retry: 1000\n\n"));
    wire_drop (&http, (size_t) (wire_until (&http, "retry: 1000\n\n") + 13 - http.data));
    return http;
}

static wire_t start_stream (world_t *world, const char *path, const char *headers)
{
    return start_stream_of (world, path, "viewer", headers);
}

TEST (events_come_as_they_happen)
{
    world_t *world = world_new ();
    world_event (world); // Before: not of interest
    wire_t http = start_stream (world, "/events", "");
    world_event (world);
    CHECK (wire_until (&http, "\n\n"));
    CHECK (wire_until (&http, "id: 2\nevent: job.state\ndata: {\"id\":2,"));
    CHECK (!strstr (http.data, "id: 1\n"));
    world_event (world);
    CHECK (wire_until (&http, "id: 3\n"));
    wire_close (&http);
    world_destroy (&world);
}

TEST (a_client_that_comes_back_misses_nothing)
{
    world_t *world = world_new ();
    for (int i = 0; i < 5; i++)
        world_event (world);
    wire_t http = start_stream (world, "/events?after=1", "Last-Event-ID: 3\r\n");
    CHECK (wire_until (&http, "id: 5\n"));
    CHECK (strncmp (http.data, "id: 4\n", 6) == 0);
    wire_close (&http);
    wire_answer_t answer = wire_ask (world->address, "GET", "/events", "viewer", "Last-Event-ID: x\r\n", "");
    CHECK_INT (answer.status, 400);
    wire_forget (&answer);
    world_destroy (&world);
}

TEST (events_of_another_run_or_project_are_not_sent)
{
    world_t *world = world_new ();
    wire_t all = start_stream (world, "/events", "");
    wire_t other = start_stream_of (world, "/events?run=r2", "developer", "");
    wire_t project = start_stream_of (world, "/events?project=web", "admin", "");
    world_event (world);
    CHECK (wire_until (&all, "id: 1\n"));
    world_event_of (world, "r2", "p2");
    CHECK (wire_until (&other, "id: 2\nevent: job.state\n"));
    CHECK (wire_until (&project, "id: 2\nevent: job.state\n"));
    CHECK (!strstr (other.data, "id: 1\n") && !strstr (project.data, "id: 1\n"));
    wire_answer_t answer = wire_ask (world->address, "GET", "/events?project=nowhere", "viewer", "", "");
    CHECK_INT (answer.status, 404);
    wire_forget (&answer);
    wire_close (&all);
    wire_close (&other);
    wire_close (&project);
    world_destroy (&world);
}

static void one_more (void *world)
{
    world_event (world);
}

static void prune (void *data, int64_t up_to)
{
    world_t *world = data;
    world->pruned = (int) up_to;
}

TEST (the_fake_scheduler_emits_events_like_the_real_one)
{
    world_t *world = world_new ();
    contract_events (world->client, one_more, prune, world);
    world_destroy (&world);
}

TEST (many_viewers_are_one_reader_of_the_events)
{
    wire_t viewers[40];
    gateway_config_t config = GATEWAY_CONFIG;
    config.listen = "127.0.0.1:0";
    world_t *world = world_new_with (&config);
    for (int i = 0; i < 40; i++)
        viewers[i] = start_stream (world, "/events", "");
    world_event (world);
    for (int i = 0; i < 40; i++)
        CHECK (wire_until (&viewers[i], "id: 1\n"));
    int reads = world->event_reads;
    for (int event = 2; event <= 21; event++) {
        char id[16];
        world_event (world);
        snprintf (id, sizeof (id), "id: %d\n", event);
        for (int i = 0; i < 40; i++)
            CHECK (wire_until (&viewers[i], id));
    }
    // One call that waits and is woken for each event, run twice by the actor; for each viewer that would be 800
    CHECK (world->event_reads - reads <= 2 * 20 + 2);
    for (int i = 0; i < 40; i++)
        wire_close (&viewers[i]);
    world_destroy (&world);
}

// It sleeps while more events of others pass than are kept, and is not behind when its own comes.
TEST (a_viewer_of_one_run_does_not_read_what_passed_of_others)
{
    world_t *world = world_new ();
    wire_t all = start_stream (world, "/events", ""),
           one = start_stream_of (world, "/events?run=r2", "admin", "");
    world_event_of (world, "r2", "p2"); // After which it sleeps
    CHECK (wire_until (&one, "id: 1\n"));
    wire_drop (&one, one.size);
    int reads = world->viewer_reads;
    for (int event = 2; event <= FEED_KEPT + 100; event++) {
        char id[24];
        world_event (world);
        snprintf (id, sizeof (id), "id: %d\n", event);
        if (event % 50 == 0) { // The gateway has read it
            CHECK (wire_until (&all, id));
            wire_drop (&all, all.size);
        }
    }
    world_event_of (world, "r2", "p2");
    CHECK (wire_until (&one, "event: job.state\n"));
    CHECK_INT (world->viewer_reads, reads);
    wire_close (&all);
    wire_close (&one);
    world_destroy (&world);
}

TEST (a_viewer_older_than_what_the_gateway_keeps_misses_nothing)
{
    world_t *world = world_new ();
    world->feed_held = true;
    wire_t http = start_stream (world, "/events", "");
    world_event (world);
    world_event (world);
    world->feed_held = false; // It begins behind these
    world_event (world);
    CHECK (wire_until (&http, "id: 3\n"));
    CHECK (strncmp (http.data, "id: 1\n", 6) == 0 && strstr (http.data, "id: 2\n"));
    wire_close (&http);
    world_destroy (&world);
}

TEST (a_cursor_older_than_what_is_kept_gets_a_gap_event)
{
    world_t *world = world_new ();
    for (int i = 0; i < 9; i++)
        world_event (world);
    world->pruned = 5;
    wire_t http = start_stream (world, "/events", "Last-Event-ID: 3\r\n");
    CHECK (wire_until (&http, "id: 9\n"));
    CHECK (strncmp (http.data, "id: 5\nevent: gap\ndata: {\"oldest\":6}\n\nid: 6\n", 43) == 0);
    wire_close (&http);
    http = start_stream (world, "/events", "Last-Event-ID: 5\r\n");
    CHECK (wire_until (&http, "id: 9\n"));
    CHECK (!strstr (http.data, "gap"));
    wire_close (&http);
    world_destroy (&world);
}

TEST (a_viewer_gets_a_gap_event_for_a_gap_that_the_gateway_meets_itself)
{
    world_t *world = world_new ();
    wire_t http = start_stream (world, "/events", "");
    world_event (world);
    CHECK (wire_until (&http, "id: 1\n"));
    wire_drop (&http, http.size);
    world->feed_held = true;
    world->pruned = 5; // Before the gateway has read them
    for (int i = 2; i <= 9; i++)
        world_event (world);
    world->feed_held = false;
    world_event (world);
    CHECK (wire_until (&http, "id: 10\n"));
    CHECK (strstr (http.data, "event: gap\ndata: {\"oldest\":6}"));
    CHECK (strstr (http.data, "id: 6\n"));
    wire_close (&http);
    world_destroy (&world);
}

TEST (a_live_log_begins_at_line_1_and_ends_when_it_is_sealed)
{
    world_t *world = world_new ();
    world_log (world, "one\n", 4, false);
    wire_t http = start_stream (world, "/jobs/j1/log/stream", "");
    CHECK (wire_until (&http, "\"text\":\"one\\n\"}\n\n"));
    CHECK (strncmp (http.data, "id: 1:4\nevent: log\ndata: {\"attempt\":1,\"line\":1,\"offset\":0,", 58) ==
           0);
    world_log (world, "two\n", 4, false);
    CHECK (wire_until (&http, "\"line\":2,\"offset\":4,\"step\":1,\"text\":\"two\\n\"}"));
    world_log (world, "", 0, true);
    CHECK (wire_until (
        &http, "id: 1:8\nevent: end\ndata: {\"attempt\":1,\"size\":8,\"lines\":2,\"complete\":true}"));
    CHECK (wire_ended (&http));
    wire_close (&http);
    world_destroy (&world);
}

TEST (a_character_that_two_pieces_share_comes_whole)
{
    world_t *world = world_new ();
    world_log (world, "a\xe2", 2, false);
    wire_t http = start_stream (world, "/jobs/j1/log/stream", "");
    CHECK (wire_until (&http, "id: 1:1\n"));
    CHECK (wire_until (&http, "\"text\":\"a\"}"));
    world_log (world, "\x82\xac\n", 3, true);
    CHECK (wire_until (&http, "\"offset\":1,\"step\":1,\"text\":\"\xe2\x82\xac\\n\"}"));
    CHECK (wire_until (&http, "event: end"));
    wire_close (&http);
    world_destroy (&world);
}

TEST (a_live_log_continues_after_the_last_byte_that_was_seen)
{
    world_t *world = world_new ();
    world_log (world, "one\ntwo\n", 8, true);
    wire_t http = start_stream (world, "/jobs/j1/log/stream", "Last-Event-ID: 1:4\r\n");
    CHECK (wire_until (&http, "event: end"));
    CHECK (strstr (http.data, "\"text\":\"two\\n\"}") && !strstr (http.data, "one"));
    wire_close (&http);
    world_destroy (&world);
}

// Reads until the stream ends, and looks for texts in all of it.
static void read_to_end (wire_t *http)
{
    CHECK (wire_until (http, "event: end"));
    CHECK (wire_ended (http));
}

TEST (a_log_stream_of_one_attempt_continues_in_that_attempt)
{
    world_t *world = world_new ();
    world_log (world, "one\ntwo\n", 8, true);
    world->attempt = 2;
    world_log_of (world, 2, "other\nwords\n", 12, true);
    wire_t http = start_stream (world, "/jobs/j1/log/stream", "Last-Event-ID: 1:4\r\n");
    read_to_end (&http);
    CHECK (strstr (http.data, "\"text\":\"two\\n\"}") && !strstr (http.data, "words"));
    wire_close (&http);
    // Without a place it is the latest, whole
    http = start_stream (world, "/jobs/j1/log/stream", "");
    read_to_end (&http);
    CHECK (strstr (http.data, "\"attempt\":2,\"line\":1,") && strstr (http.data, "other\\nwords"));
    wire_close (&http);
    world_destroy (&world);
}

TEST (a_place_in_a_log_that_does_not_say_of_which_attempt_begins_anew_and_says_so)
{
    static const struct {
        const char *path, *seen;
        bool reset;
        const char *has, *has_not;
    } cases[] = {{"/jobs/j1/log/stream", "4", true, "other\\nwords", "one"}, // As older servers wrote it
                 {"/jobs/j1/log/stream?attempt=1", "4", false, "\"two\\n\"", "one"},
                 {"/jobs/j1/log/stream?attempt=2", "1:4", true, "other\\nwords", "two"},
                 {"/jobs/j1/log/stream?attempt=2", "2:6", false, "\"words\\n\"", "other"}};
    world_t *world = world_new ();
    world_log (world, "one\ntwo\n", 8, true);
    world->attempt = 2;
    world_log_of (world, 2, "other\nwords\n", 12, true);
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        char header[64];
        snprintf (header, sizeof (header), "Last-Event-ID: %s\r\n", cases[i].seen);
        wire_t http = start_stream (world, cases[i].path, header);
        read_to_end (&http);
        CHECK_INT (!!strstr (http.data, "event: reset\n"), cases[i].reset);
        CHECK (strstr (http.data, cases[i].has) && !strstr (http.data, cases[i].has_not));
        wire_close (&http);
    }
    static const char *const wrong[] = {"x", "1:", ":4", "1:4:5", "-1:4", "1:-4", "4294967296:1"};
    for (size_t i = 0; i < sizeof (wrong) / sizeof (wrong[0]); i++) {
        char header[64];
        snprintf (header, sizeof (header), "Last-Event-ID: %s\r\n", wrong[i]);
        wire_answer_t answer = wire_ask (world->address, "GET", "/jobs/j1/log/stream", "viewer", header, "");
        CHECK_INT (answer.status, 400);
        wire_forget (&answer);
    }
    world_destroy (&world);
}

TEST (whoever_follows_an_attempt_stays_with_it_when_the_next_begins)
{
    world_t *world = world_new ();
    world_log (world, "one\n", 4, false);
    wire_t http = start_stream (world, "/jobs/j1/log/stream", "");
    CHECK (wire_until (&http, "\"text\":\"one\\n\"}"));
    world->attempt = 2;
    world_log_of (world, 2, "other words\n", 12, true);
    world_log (world, "two\n", 4, true);
    read_to_end (&http);
    CHECK (strstr (http.data, "\"text\":\"two\\n\"}") && !strstr (http.data, "words"));
    CHECK (strstr (http.data, "id: 1:8\nevent: end\ndata: {\"attempt\":1,"));
    wire_close (&http);
    world_destroy (&world);
}

TEST (a_stream_of_a_step_ends_where_the_step_does)
{
    char log[2 * WORLD_STEP_3];
    memset (log, 'a', sizeof (log));
    memset (log + WORLD_STEP_3, 'b', WORLD_STEP_3);
    world_t *world = world_new ();
    world_log (world, log, 50, false);
    wire_t http = start_stream (world, "/jobs/j1/log/stream?step=1", "");
    CHECK (wire_until (&http, "id: 1:50\n"));
    world_log (world, log + 50, sizeof (log) - 50, false);
    read_to_end (&http);
    CHECK (strstr (http.data, "id: 1:162\n") && !strstr (http.data, "bbb"));
    wire_close (&http);
    http = start_stream (world, "/jobs/j1/log/stream?step=1", "Last-Event-ID: 1:160\r\n");
    read_to_end (&http);
    CHECK (strstr (http.data, "\"text\":\"aa\"}") && !strstr (http.data, "bbb"));
    wire_close (&http);
    http = start_stream (world, "/jobs/j1/log/stream?step=3", "");
    CHECK (wire_until (&http, "id: 1:324\n"));
    CHECK (!strstr (http.data, "aaa") && !strstr (http.data, "event: end")); // It may go on
    wire_close (&http);
    world_destroy (&world);
}

TEST (the_stream_of_a_job_without_a_log_ends)
{
    world_t *world = world_new ();
    wire_t http = start_stream (world, "/jobs/skipped/log/stream", "");
    read_to_end (&http);
    CHECK (strstr (http.data,
                   "id: 0:0\nevent: end\ndata: {\"attempt\":0,\"size\":0,\"lines\":0,\"complete\":true}"));
    wire_close (&http);
    // An attempt that left nothing, of a job that goes on
    world->attempt = 3;
    http = start_stream (world, "/jobs/j1/log/stream?attempt=2", "");
    read_to_end (&http);
    CHECK (strstr (http.data, "id: 2:0\nevent: end\n"));
    wire_close (&http);
    // And one that never was, of a job that has ended
    world->finished = true;
    http = start_stream (world, "/jobs/j1/log/stream?attempt=9", "");
    read_to_end (&http);
    wire_close (&http);
    world_destroy (&world);
}

TEST (the_end_of_a_log_is_waited_for_although_its_job_has_ended)
{
    world_t *world = world_new ();
    world_log (world, "one\n", 4, false);
    world->finished = true;
    wire_t http = start_stream (world, "/jobs/j1/log/stream", "Last-Event-ID: 1:4\r\n");
    CHECK (wire_until (&http, ": ping")); // There was nothing yet
    world_log (world, "two\n", 4, true);
    CHECK (wire_until (&http, "event: end"));
    CHECK (strstr (http.data, "\"text\":\"two\\n\"}"));
    CHECK (wire_until (&http, "\"size\":8,\"lines\":2,\"complete\":true}"));
    wire_close (&http);
    world_destroy (&world);
}

TEST (the_end_of_a_log_that_is_never_sealed_is_not_waited_for_for_ever)
{
    world_t *world = world_new ();
    wire_t http = start_stream (world, "/jobs/quiet/log/stream", "Last-Event-ID: 1:4\r\n");
    CHECK (wire_until (&http, "event: end\ndata: {\"attempt\":1,\"size\":4,\"lines\":0,\"complete\":false}"));
    int pings = 0;
    for (const char *at = http.data; (at = strstr (at, ": ping")); at++)
        pings++;
    CHECK (pings > 1); // Not at the first silence
    wire_close (&http);
    world_destroy (&world);
}

TEST (a_live_log_may_be_asked_for_before_its_first_byte_but_not_of_a_job_that_is_not)
{
    world_t *world = world_new ();
    wire_t http = start_stream (world, "/jobs/j1/log/stream", "");
    world_log (world, "one\n", 4, true);
    CHECK (wire_until (&http, "event: end"));
    CHECK (strstr (http.data, "\"text\":\"one\\n\"}"));
    wire_close (&http);
    wire_answer_t answer = wire_ask (world->address, "GET", "/jobs/j9/log/stream", "viewer", "", "");
    CHECK_INT (answer.status, 404);
    wire_forget (&answer);
    world_destroy (&world);
}

TEST (streams_of_one_token_past_its_share_are_refused_and_others_continue)
{
    wire_t streams[2];
    world_t *world = world_new (); // Of 8 slots a token may have 2
    for (int i = 0; i < 2; i++)
        streams[i] = start_stream (world, "/events", "");
    char text[32];
    wire_answer_t answer = wire_ask (world->address, "GET", "/events", "viewer", "", "");
    CHECK_INT (answer.status, 503);
    CHECK_STR (wire_header (&answer, "Retry-After", text, sizeof (text)), "1");
    wire_forget (&answer);
    wire_t log = start_stream (world, "/jobs/j1/log/stream", ""); // Logs have slots of their own
    wire_t other = start_stream_of (world, "/events", "developer", "");
    answer = wire_ask (world->address, "GET", "/agents/a1/next?wait=1", "a1", "", "");
    CHECK_INT (answer.status, 204);
    wire_forget (&answer);
    answer = wire_ask (world->address, "GET", "/artifacts/f1/content", "viewer", "", "");
    CHECK_INT (answer.status, 200);
    wire_forget (&answer);
    wire_close (&streams[0]);
    // A place is free as soon as a write shows that its client has gone
    int64_t until_us = test_until_us ();
    wire_t again = {.fd = -1};
    do {
        world_event (world);
        again = wire_open (world->address);
        wire_send (&again, "GET /events HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer viewer\r\n\r\n");
        answer = wire_answer_head (&again);
        wire_close (&again);
    } while (answer.status != 200 && clock_monotonic_us () < until_us);
    CHECK_INT (answer.status, 200);
    wire_close (&streams[1]);
    wire_close (&log);
    wire_close (&other);
    world_destroy (&world);
}

TEST (a_stop_ends_streams_and_parked_agents_at_once)
{
    world_t *world = world_new ();
    wire_t stream = start_stream (world, "/events", "");
    wire_t parked = wire_open (world->address);
    wire_send (&parked,
               "GET /agents/a1/next?wait=60 HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer a1\r\n\r\n");
    while (world->parked == 0)
        CHECK (!wire_comes (&parked, 10));
    int64_t began_us = clock_monotonic_us ();
    gateway_destroy (&world->gateway);
    CHECK (clock_monotonic_us () < began_us + SECONDS (5));
    CHECK (wire_ended (&stream));
    wire_answer_t answer = wire_answer (&parked);
    CHECK_INT (answer.status, 503);
    wire_forget (&answer);
    wire_close (&stream);
    wire_close (&parked);
    world_destroy (&world);
}

static void *stop_now (void *data)
{
    gateway_destroy (&((world_t *) data)->gateway);
    return NULL;
}

// One request waits for a service, one for its client: the stop gives both a second. What rests has been told long before.
TEST (a_stop_ends_connections_at_rest_before_the_requests_that_it_cuts_off)
{
    gateway_config_t config = GATEWAY_CONFIG;
    config.listen = "127.0.0.1:0";
    config.shutdown_seconds = 0;
    pthread_t thread;
    world_t *world = world_new_with (&config);
    wire_t rests = wire_open (world->address), body = wire_open (world->address),
           waits = wire_open (world->address);
    wire_send (&rests, "GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n");
    wire_answer_t answer = wire_answer (&rests);
    CHECK_INT (answer.status, 200);
    wire_forget (&answer);
    wire_send (&body, "POST /projects/x/runs HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer developer\r\n"
                      "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    CHECK (wire_until (&body, "100 Continue"));
    wire_send (&waits, "GET /jobs/slow HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer viewer\r\n\r\n");
    for (int64_t until_us = test_until_us (); world->slow == 0 && clock_monotonic_us () < until_us;)
        (void) wire_comes (&waits, 5);
    pthread_create (&thread, NULL, stop_now, world);
    for (bool ended = false; !ended;) { // In this order: where both have come, nothing is said
        bool answered = wire_comes (&waits, 0);
        ended = wire_comes (&rests, 10);
        CHECK (ended || !answered);
    }
    CHECK (wire_ended (&rests)); // Without an answer to what was not asked
    answer = wire_answer (&waits);
    CHECK_INT (answer.status, 503);
    wire_forget (&answer);
    pthread_join (thread, NULL);
    wire_close (&rests);
    wire_close (&body);
    wire_close (&waits);
    world_destroy (&world);
}

typedef struct {
    world_t *world;
    wire_answer_t answer;
} slow_t;

static void *ask_slowly (void *data)
{
    slow_t *self = data;
    self->answer = wire_ask (self->world->address, "GET", "/artifacts/f1/content", "viewer", "", "");
    return NULL;
}

TEST (a_stop_waits_for_answers_that_are_under_way)
{
    for (int i = 0; i < 5; i++) {
        pthread_t thread;
        world_t *world = world_new ();
        slow_t slow = {.world = world};
        wire_t http = wire_open (world->address);
        wire_send (&http,
                   "POST /projects/x/runs HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer developer\r\n"
                   "Content-Length: 2\r\n\r\n{");
        pthread_create (&thread, NULL, ask_slowly, &slow);
        pthread_join (thread, NULL);
        CHECK_INT (slow.answer.status, 200);
        wire_forget (&slow.answer);
        wire_send (&http, "}");
        gateway_destroy (&world->gateway);
        wire_answer_t answer = wire_answer (&http);
        CHECK_INT (answer.status, 201);
        wire_forget (&answer);
        wire_close (&http);
        world_destroy (&world);
    }
}
