/* What another server answers comes into the actor, in its thread and once; and never after its client was stopped. */

#include "common/http/http_actor.h"
#include "proto/codec.h"
#include "tests/http/peer.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    uint64_t number;
    char text[20];
} given_t;

typedef struct {
    http_client_t *http;
    bool in_thread; // Of the actor, every time
    pthread_t thread;
    atomic_uint results, held;
    given_t given; // Of the last result, as what follows
    http_answer_t answer;
    char body[64], type[64], detail[256];
} service_t;

typedef struct {
    service_t service;
    peer_t *peer;
    bus_t *bus;
    actor_t *actor;
    char url[128];
} world_t;

static void serve (void *self_, const peer_request_t *request)
{
    service_t *self = self_;
    if (strcmp (request->head->path, "/hold") == 0) {
        atomic_fetch_add (&self->held, 1);
        peer_wait_until_left (request->conn);
        return;
    }
    peer_answer (request->conn, 203, "Content-Type: text/x\r\n", "the body");
}

static fault_t take_result (void *context, turn_t *turn, void *data)
{
    service_t *self = context;
    const http_result_t *result = data;
    const char *type = http_answer_header (&result->answer, turn->arena, "Content-Type");
    self->in_thread &= pthread_equal (self->thread, pthread_self ()) != 0;
    self->answer = result->answer;
    self->given = *(given_t *) result->data;
    snprintf (self->body, sizeof self->body, "%s", result->answer.body);
    snprintf (self->type, sizeof self->type, "%s", type ? type : "");
    snprintf (self->detail, sizeof self->detail, "%s", result->answer.detail ? result->answer.detail : "");
    atomic_fetch_add (&self->results, 1);
    return OK;
}

static fault_t note_thread (void *context, turn_t *turn, void *data)
{
    (void) turn, (void) data;
    ((service_t *) context)->thread = pthread_self ();
    return OK;
}

static void stop (void *context)
{
    http_client_stop (((service_t *) context)->http);
}

static const actor_class_t class = {.name = "scheduler", .stop = stop};

static void setup (world_t *self)
{
    *self = (world_t){.service = {.http = http_client_new (NULL), .in_thread = true}};
    CHECK (http_client_start (self->service.http, "http"));
    self->peer = peer_new (&(peer_options_t){.serve = serve, .self = &self->service});
    self->bus = bus_new (&proto_codec, clock_system ());
    self->actor = actor_new (&class, &self->service, self->bus, NULL);
    actor_post (self->actor, note_thread, NULL);
}

static void teardown (world_t *self)
{
    actor_destroy (&self->actor);
    http_client_destroy (&self->service.http);
    peer_destroy (&self->peer);
    bus_destroy (&self->bus);
}

static void begin (world_t *self, const char *url, const given_t *given)
{
    const http_request_t request = {.url = url, .total_ms = HTTP_NO_END};
    CHECK_INT (
        http_actor_begin (self->service.http, &request, self->actor, take_result, given, sizeof *given), OK);
}

static void until (atomic_uint *number, unsigned wanted)
{
    int64_t deadline_us = test_until_us ();
    while (atomic_load (number) < wanted && clock_monotonic_us () < deadline_us)
        sched_yield ();
    CHECK_INT (atomic_load (number), wanted);
}

static const char *url (world_t *self, const char *path)
{
    snprintf (self->url, sizeof self->url, "%s%s", peer_url (self->peer), path);
    return self->url;
}

TEST (an_answer_comes_into_the_actor_with_what_was_given_to_it)
{
    world_t world;
    setup (&world);
    given_t given = {.number = 7, .text = "given"};
    begin (&world, url (&world, "/"), &given);
    memset (&given, 0, sizeof given); // It was copied
    until (&world.service.results, 1);
    actor_destroy (&world.actor); // Joins its thread: what it wrote can be read
    CHECK (world.service.in_thread);
    CHECK_INT (world.service.answer.status, 203);
    CHECK_INT (world.service.given.number, 7);
    CHECK_STR (world.service.given.text, "given");
    CHECK_STR (world.service.body, "the body");
    CHECK_STR (world.service.type, "text/x");
    teardown (&world);
}

TEST (the_reason_for_a_missing_answer_reaches_the_actor)
{
    world_t world;
    setup (&world);
    begin (&world, "http://127.0.0.1:1/", &(given_t){.number = 8});
    until (&world.service.results, 1);
    actor_destroy (&world.actor);
    CHECK_INT (world.service.answer.fault, UNAVAILABLE);
    CHECK_INT (world.service.given.number, 8);
    CHECK (strstr (world.service.detail, "onnect"));
    teardown (&world);
}

TEST (an_actor_that_ends_gets_no_answer_to_requests_in_flight)
{
    world_t world;
    setup (&world);
    begin (&world, url (&world, "/hold"), &(given_t){.number = 9});
    until (&world.service.held, 1);
    actor_destroy (&world.actor); // Its stop ends the client
    CHECK_INT (atomic_load (&world.service.results), 0);
    CHECK_INT (http_actor_begin (world.service.http, &(http_request_t){.url = url (&world, "/")}, world.actor,
                                 take_result, NULL, 0),
               UNAVAILABLE);
    teardown (&world);
}
