/* actor_inbox.c - messages in, answers out, and acts that other threads post. */

#include "common/actor/actor_host.h"
#include "common/base/log.h"
#include "common/bus/bus_directory.h"
#include "common/bus/bus_frame.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void send_reply (actor_t *self, zframe_t **identity_p, const wire_t *wire, zframe_t **body_p)
{
    char packed[WIRE_MAX];
    zframe_t *header = zframe_new (packed, wire_pack (wire, packed));
    if (!*body_p)
        *body_p = zframe_new (NULL, 0);
    self->mail.used = true;
    // Do not wait for a peer that is gone or too slow: it asks again, or its deadline passes.
    if (zframe_send (identity_p, self->inbox, ZFRAME_MORE | ZFRAME_DONTWAIT) == 0 &&
        zframe_send (&header, self->inbox, ZFRAME_MORE | ZFRAME_DONTWAIT) == 0)
        (void) !zframe_send (body_p, self->inbox, ZFRAME_DONTWAIT);
    zframe_destroy (identity_p);
    zframe_destroy (&header);
    zframe_destroy (body_p);
}

static void reply (actor_t *self, served_t *served, const wire_t *wire, zframe_t **body_p)
{
    if (served->reply) {
        letter_t *letter = letter_new (wire, body_p, NULL);
        served->reply->deliver (served->reply, &letter);
        receiver_release (&served->reply);
    } else
        send_reply (self, &served->identity, wire, body_p);
}

// What has no answer of its own: a fault, or another replica is to be asked instead (WIRE_ELSEWHERE).
static void turn_away (actor_t *self, served_t *served, bool elsewhere, fault_t fault, const char *text)
{
    zframe_t *body = NULL;
    const wire_t wire = {.call = served->call,
                         .number = elsewhere ? WIRE_ELSEWHERE : 0,
                         .fault = elsewhere ? UNAVAILABLE : fault,
                         .text = text};
    reply (self, served, &wire, &body);
}

// How often it may be asked; *service is whose it is.
static repeat_t repeat_of (const actor_t *self, uint16_t ask, const char **service)
{
    uint16_t answer;
    repeat_t repeat = REPEAT_ONCE;
    bool known = bus_codec (self->bus)->call_of (ask, &answer, service, &repeat);
    if (!known)
        *service = self->class->name;
    return repeat;
}

static const handler_t *find_handler (const actor_t *self, uint16_t number)
{
    for (size_t i = 0; i < self->class->count; i++)
        if (self->class->handlers[i].ask == number)
            return &self->class->handlers[i];
    return NULL;
}

// Takes over the header's fields and unpacks the request. A fault's text is in served->turn.detail.
static fault_t open_message (actor_t *self, served_t *served, const wire_t *wire)
{
    const codec_t *codec = bus_codec (self->bus);
    const char *service;
    repeat_t repeat;
    served->call = wire->call;
    served->turn.request_id = wire->text;
    served->turn.caller = wire->caller;
    served->turn.audit = *wire->audit ? wire->audit : NULL;
    int64_t now_us = clock_steady_us (bus_clock (self->bus));
    bool same_host = wire->host == bus_host (self->bus);
    served->ends_us = same_host ? wire->ends_us : now_us + wire->left_us;
    if (served->identity)
        skew_notice (&self->skew, served, wire, same_host ? wire->ends_us - wire->left_us : now_us);
    if (served->ends_us < now_us)
        return turn_fail (&served->turn, TIMEOUT, "it waited in the inbox past its deadline");
    served->handler = find_handler (self, wire->number);
    if (!served->handler || !codec->call_of (wire->number, &served->answer_number, &service, &repeat))
        return turn_fail (&served->turn, BAD_INPUT, "%s does not take message %u", self->class->name,
                          wire->number);
    once_open (self, served, wire, repeat);
    turn_t keep = served->turn;
    keep.arena = served->keep;
    void *ask = arena_alloc (served->keep, codec->size_of (wire->number));
    served->ask = ask;
    served->answer = arena_alloc (served->keep, codec->size_of (served->answer_number));
    fault_t fault =
        codec->unpack (wire->number, &keep, zframe_data (served->body), zframe_size (served->body), ask);
    served->turn.detail = keep.detail;
    return fault;
}

// A message of another service came to a port that was that service's before.
static void refuse (actor_t *self, served_t *served, const wire_t *wire, fault_t fault)
{
    const char *service;
    (void) repeat_of (self, wire->number, &service);
    served->call = wire->call;
    turn_away (self, served, strcmp (service, self->class->name) != 0, fault, served->turn.detail);
}

// Its body and where its answer goes are in the turn.
static void take_one (actor_t *self, served_t *served, const void *header, size_t size)
{
    served->bytes = served->body ? zframe_size (served->body) : 0;
    self->bytes += served->bytes;
    wire_t wire;
    bool good = served->body && wire_unpack (&wire, served->keep, header, size);
    if (good && wire.number == WIRE_PROBE) {
        turn_away (self, served, false, OK, "");
        turn_end (self, &served);
        return;
    }
    fault_t fault = good ? open_message (self, served, &wire) : BAD_INPUT;
    if (good && fault == OK && (self->turns > ACTOR_TURNS || self->bytes > ACTOR_BYTES))
        fault = OVERLOADED;
    if (good && fault == OK)
        make_ready (self, served);
    else {
        if (good)
            refuse (self, served, &wire, fault);
        else
            log_warn ("bytes that are not a message were dropped", NULL);
        turn_end (self, &served);
    }
}

static void take_message (actor_t *self, zmsg_t *message)
{
    served_t *served = turn_begin (self);
    served->identity = zmsg_pop (message);
    zframe_t *header = zmsg_pop (message);
    served->body = zmsg_pop (message);
    take_one (self, served, header ? zframe_data (header) : NULL, header ? zframe_size (header) : 0);
    zframe_destroy (&header);
}

void take_letters (actor_t *self)
{
    for (int i = 0; i < ACTOR_BATCH; i++) {
        letter_t *letter = mailbox_take (self->mailbox);
        self->more = letter != NULL;
        if (!letter)
            return;
        served_t *served = turn_begin (self);
        served->reply = letter->reply;
        served->body = letter->body;
        letter->reply = NULL;
        letter->body = NULL;
        take_one (self, served, letter->header, letter->size);
        letter_destroy (&letter);
    }
}

void take_messages (actor_t *self)
{
    if (!self->inbox)
        return;
    for (int i = 0; i < ACTOR_BATCH; i++) {
        zmsg_t *message = pollable_receive (&self->mail);
        if (!message)
            return;
        take_message (self, message);
        zmsg_destroy (&message);
    }
}

void take_more (actor_t *self)
{
    take_messages (self);
    take_letters (self);
    bus_requests_serve (self->requests);
}

static void take_post (actor_t *self, const post_t *post)
{
    if (post->between) {
        post->between (post->data);
        free (post->data);
        return;
    }
    served_t *served = turn_begin (self);
    served->act = post->act;
    served->data = post->data;
    make_ready (self, served);
}

void take_posts (actor_t *self)
{
    uint64_t count;
    (void) !read (self->wake, &count, sizeof count);
    pthread_mutex_lock (&self->lock);
    post_t *posts = self->posts;
    self->posts = NULL;
    pthread_mutex_unlock (&self->lock);
    post_t *first = NULL;
    for (post_t *next; posts; posts = next) {
        next = posts->next;
        posts->next = first;
        first = posts;
    }
    for (post_t *next; first; first = next) {
        next = first->next;
        take_post (self, first);
        free (first);
    }
}

void answer_turn (actor_t *self, served_t *served)
{
    zframe_t *body = served->packed;
    served->packed = NULL;
    if (served->fault == OK && !body) {
        served->fault = bus_pack (self->bus, served->answer_number, served->answer, &body);
        if (served->fault != OK)
            served->turn.detail = "the answer is too large for one message";
    }
    if (served->fault != OK) {
        zframe_destroy (&body);
        metric_add (self->metrics[served->handler - self->class->handlers].faults, 1);
    }
    if (served->fault == BROKEN || served->fault == NO_SPACE)
        log_error (served->turn.detail ? served->turn.detail : fault_text (served->fault), "message",
                   bus_codec (self->bus)->name_of (served->handler->ask), "request", served->turn.request_id,
                   NULL);
    wire_t wire = {.call = served->call,
                   .number = served->answer_number,
                   .fault = served->fault,
                   .text = served->turn.detail};
    reply (self, served, &wire, &body);
}

void answer_unfinished (actor_t *self, served_t *served)
{
    const char *service;
    bool again = repeat_of (self, served->handler->ask, &service) == REPEAT_AGAIN;
    zframe_destroy (&served->packed);
    metric_add (self->metrics[served->handler - self->class->handlers].faults, 1);
    turn_away (self, served, again, UNAVAILABLE, "the service is being stopped");
}
