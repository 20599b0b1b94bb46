/* actor_inbox.c - messages in, answers out, and acts that other threads post. */

#include "common/actor_host.h"
#include "common/bus_frame.h"
#include "common/log.h"
#include "common/wire.h"

#include <stdlib.h>
#include <unistd.h>

static void reply (actor_t *self, zframe_t **identity_p, const wire_t *wire, zframe_t **body_p)
{
    char packed[WIRE_MAX];
    zframe_t *header = zframe_new (packed, wire_pack (wire, packed));
    if (!*body_p)
        *body_p = zframe_new (NULL, 0);
    self->mail.used = true;
    // A peer that is gone or too slow is not waited for: it asks again, or its deadline passes.
    if (zframe_send (identity_p, self->inbox, ZFRAME_MORE | ZFRAME_DONTWAIT) == 0 &&
        zframe_send (&header, self->inbox, ZFRAME_MORE | ZFRAME_DONTWAIT) == 0)
        (void) !zframe_send (body_p, self->inbox, ZFRAME_DONTWAIT);
    zframe_destroy (identity_p);
    zframe_destroy (&header);
    zframe_destroy (body_p);
}

static void refuse (actor_t *self, zframe_t **identity_p, uint64_t call, fault_t fault, const char *detail)
{
    zframe_t *body = NULL;
    reply (self, identity_p, &(wire_t){.call = call, .fault = fault, .text = detail}, &body);
}

static const handler_t *find_handler (const actor_t *self, uint16_t number)
{
    for (size_t i = 0; i < self->class->count; i++)
        if (self->class->handlers[i].ask == number)
            return &self->class->handlers[i];
    return NULL;
}

// Fills what the header says and unpacks the ask. A fault's text is in served->turn.detail.
static fault_t open_message (actor_t *self, served_t *served, const wire_t *wire)
{
    const codec_t *codec = bus_codec (self->bus);
    const char *service;
    bool again;
    served->call = wire->call;
    served->turn.request_id = wire->text;
    served->turn.caller = wire->caller;
    served->turn.deadline_us = served->turn.now_us + wire->left_us;
    if (wire->until_us && wire->until_us + MILLISECONDS (BUS_SKEW_MS) < served->turn.now_us)
        return turn_fail (&served->turn, TIMEOUT, "it waited for too long before it was taken");
    served->handler = find_handler (self, wire->number);
    if (!served->handler || !codec->call_of (wire->number, &served->answer_number, &service, &again))
        return turn_fail (&served->turn, BAD_INPUT, "%s does not take message %u", self->class->name,
                          wire->number);
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

static void take_message (actor_t *self, zmsg_t *message)
{
    served_t *served = turn_begin (self);
    served->identity = zmsg_pop (message);
    zframe_t *header = zmsg_pop (message);
    served->body = zmsg_pop (message);
    wire_t wire;
    bool good = served->body && wire_unpack (&wire, served->keep, zframe_data (header), zframe_size (header));
    fault_t fault = good ? open_message (self, served, &wire) : BAD_INPUT;
    if (good && fault == OK && self->turns > ACTOR_TURNS)
        fault = OVERLOADED;
    if (good && fault == OK)
        make_ready (self, served);
    else {
        if (good)
            refuse (self, &served->identity, wire.call, fault, served->turn.detail);
        else
            log_warn ("bytes that are no message were dropped", NULL);
        turn_end (self, &served);
    }
    zframe_destroy (&header);
}

void take_messages (actor_t *self)
{
    for (int i = 0; i < ACTOR_BATCH; i++) {
        zmsg_t *message = inlet_receive (&self->mail);
        if (!message)
            return;
        take_message (self, message);
        zmsg_destroy (&message);
    }
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
    zframe_t *body = NULL;
    if (served->fault == OK) {
        served->fault = bus_pack (self->bus, served->answer_number, served->answer, &body);
        if (served->fault != OK)
            served->turn.detail = "the answer is too large for one message";
    }
    if (served->fault != OK)
        metric_add (self->metrics[served->handler - self->class->handlers].faults, 1);
    if (served->fault == BROKEN || served->fault == NO_SPACE)
        log_error (served->turn.detail ? served->turn.detail : fault_text (served->fault), "message",
                   bus_codec (self->bus)->name_of (served->handler->ask), "request", served->turn.request_id,
                   NULL);
    wire_t wire = {.call = served->call,
                   .number = served->answer_number,
                   .fault = served->fault,
                   .text = served->turn.detail};
    reply (self, &served->identity, &wire, &body);
}
