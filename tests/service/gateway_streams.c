/* The gateway's streams: events and logs as they grow, parked agents; how many there may be, and how they end. */

#include "common/clock.h"
#include "tests/service/gateway/world.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static http_t start_stream (world_t *world, const char *path, const char *headers)
{
    char request[1000];
    http_t http = http_open (world->address);
    snprintf (request, sizeof (request),
              "GET %s HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer viewer\r\n%s\r\n", path, headers);
    http_send (&http, request);
    CHECK (http_until (&http, "text/event-stream"));
    CHECK (http_until (&http, "retry: 1000\n\n"));
    http_drop (&http, (size_t) (http_until (&http, "retry: 1000\n\n") + 13 - http.data));
    return http;
}

TEST (events_come_as_they_happen)
{
    world_t *world = world_new ();
    world_event (world); // Before: not of interest
    http_t http = start_stream (world, "/events", "");
    world_event (world);
    CHECK (http_until (&http, "\n\n"));
    CHECK (http_until (&http, "id: 2\nevent: job.state\ndata: {\"id\":2,"));
    CHECK (!strstr (http.data, "id: 1\n"));
    world_event (world);
    CHECK (http_until (&http, "id: 3\n"));
    http_close (&http);
    world_destroy (&world);
}

TEST (a_client_that_comes_back_misses_nothing)
{
    world_t *world = world_new ();
    for (int i = 0; i < 5; i++)
        world_event (world);
    http_t http = start_stream (world, "/events?after=1", "Last-Event-ID: 3\r\n");
    CHECK (http_until (&http, "id: 5\n"));
    CHECK (strncmp (http.data, "id: 4\n", 6) == 0);
    http_close (&http);
    answer_t answer = http_ask (world->address, "GET", "/events", "viewer", "Last-Event-ID: x\r\n", "");
    CHECK_INT (answer.status, 400);
    http_forget (&answer);
    world_destroy (&world);
}

TEST (a_live_log_begins_at_line_1_and_ends_when_it_is_sealed)
{
    world_t *world = world_new ();
    world_log (world, "one\n", 4, false);
    http_t http = start_stream (world, "/jobs/j1/log/stream", "");
    CHECK (http_until (&http, "\"text\":\"one\\n\"}\n\n"));
    CHECK (strncmp (http.data, "id: 4\nevent: log\ndata: {\"attempt\":1,\"line\":1,\"offset\":0,", 56) == 0);
    world_log (world, "two\n", 4, false);
    CHECK (http_until (&http, "\"line\":2,\"offset\":4,\"step\":0,\"text\":\"two\\n\"}"));
    world_log (world, "", 0, true);
    CHECK (http_until (&http, "event: end\ndata: {\"attempt\":1,\"size\":8,\"lines\":2}"));
    CHECK (http_ended (&http));
    http_close (&http);
    world_destroy (&world);
}

TEST (a_character_that_two_pieces_share_comes_whole)
{
    world_t *world = world_new ();
    world_log (world, "a\xe2", 2, false);
    http_t http = start_stream (world, "/jobs/j1/log/stream", "");
    CHECK (http_until (&http, "id: 1\n"));
    CHECK (http_until (&http, "\"text\":\"a\"}"));
    world_log (world, "\x82\xac\n", 3, true);
    CHECK (http_until (&http, "\"offset\":1,\"step\":0,\"text\":\"\xe2\x82\xac\\n\"}"));
    CHECK (http_until (&http, "event: end"));
    http_close (&http);
    world_destroy (&world);
}

TEST (a_live_log_goes_on_after_the_last_byte_that_was_seen)
{
    world_t *world = world_new ();
    world_log (world, "one\ntwo\n", 8, true);
    http_t http = start_stream (world, "/jobs/j1/log/stream", "Last-Event-ID: 4\r\n");
    CHECK (http_until (&http, "event: end"));
    CHECK (strstr (http.data, "\"text\":\"two\\n\"}") && !strstr (http.data, "one"));
    http_close (&http);
    world_destroy (&world);
}

TEST (a_live_log_may_be_asked_for_before_its_first_byte_but_not_of_a_job_that_is_not)
{
    world_t *world = world_new ();
    http_t http = start_stream (world, "/jobs/j1/log/stream", "");
    world_log (world, "one\n", 4, true);
    CHECK (http_until (&http, "event: end"));
    CHECK (strstr (http.data, "\"text\":\"one\\n\"}"));
    http_close (&http);
    answer_t answer = http_ask (world->address, "GET", "/jobs/j9/log/stream", "viewer", "", "");
    CHECK_INT (answer.status, 404);
    http_forget (&answer);
    world_destroy (&world);
}

TEST (streams_past_their_places_are_refused_and_the_api_goes_on)
{
    http_t streams[8];
    world_t *world = world_new ();
    for (int i = 0; i < 8; i++)
        streams[i] = start_stream (world, "/events", "");
    char text[32];
    answer_t answer = http_ask (world->address, "GET", "/events", "viewer", "", "");
    CHECK_INT (answer.status, 503);
    CHECK_STR (answer_header (&answer, "Retry-After", text, sizeof (text)), "1");
    http_forget (&answer);
    answer = http_ask (world->address, "GET", "/agents/a1/next?wait=5", "a1", "", "");
    CHECK_INT (answer.status, 503);
    http_forget (&answer);
    answer = http_ask (world->address, "GET", "/jobs/j1", "viewer", "", "");
    CHECK_INT (answer.status, 200);
    http_forget (&answer);
    for (int i = 0; i < 8; i++)
        http_close (&streams[i]);
    // A place is free as soon as a write shows that its client has gone
    int64_t until_us = clock_monotonic_us () + SECONDS (10);
    do {
        world_event (world);
        answer = http_ask (world->address, "GET", "/agents/a1/next?wait=1", "a1", "", "");
        http_forget (&answer);
    } while (answer.status != 204 && clock_monotonic_us () < until_us);
    CHECK_INT (answer.status, 204);
    world_destroy (&world);
}

TEST (a_stop_ends_streams_and_parked_agents_at_once)
{
    world_t *world = world_new ();
    http_t stream = start_stream (world, "/events", "");
    http_t parked = http_open (world->address);
    http_send (&parked,
               "GET /agents/a1/next?wait=60 HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer a1\r\n\r\n");
    while (world->parked == 0)
        CHECK (!http_comes (&parked, 10));
    int64_t began_us = clock_monotonic_us ();
    gateway_destroy (&world->gateway);
    CHECK (clock_monotonic_us () < began_us + SECONDS (5));
    CHECK (http_ended (&stream));
    answer_t answer = http_answer (&parked);
    CHECK_INT (answer.status, 503);
    http_forget (&answer);
    http_close (&stream);
    http_close (&parked);
    world_destroy (&world);
}

typedef struct {
    world_t *world;
    answer_t answer;
} slow_t;

static void *ask_slowly (void *data)
{
    slow_t *self = data;
    self->answer = http_ask (self->world->address, "GET", "/artifacts/f1/content", "viewer", "", "");
    return NULL;
}

TEST (a_stop_waits_for_answers_that_are_under_way)
{
    for (int i = 0; i < 5; i++) {
        pthread_t thread;
        world_t *world = world_new ();
        slow_t slow = {.world = world};
        http_t http = http_open (world->address);
        http_send (&http,
                   "POST /projects/x/runs HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer developer\r\n"
                   "Content-Length: 2\r\n\r\n{");
        pthread_create (&thread, NULL, ask_slowly, &slow);
        pthread_join (thread, NULL);
        CHECK_INT (slow.answer.status, 200);
        http_forget (&slow.answer);
        http_send (&http, "}");
        gateway_destroy (&world->gateway);
        answer_t answer = http_answer (&http);
        CHECK_INT (answer.status, 201);
        http_forget (&answer);
        http_close (&http);
        world_destroy (&world);
    }
}
