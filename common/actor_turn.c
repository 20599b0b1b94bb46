/* actor_turn.c - what handlers call with their turn: ask, wait, wake, act afterwards. */

#include "common/actor_turn.h"

#include "common/bus_frame.h"

#include <assert.h>
#include <stdlib.h>

served_t *served_new (bus_t *bus)
{
    served_t *self = calloc (1, sizeof (served_t));
    if (!self)
        abort ();
    self->keep = arena_new ();
    self->turn.arena = arena_new ();
    served_reset (self, bus);
    return self;
}

static void release (served_t *self)
{
    for (called_t *call = self->calls; call; call = call->next)
        zframe_destroy (&call->body);
    zframe_destroy (&self->identity);
    zframe_destroy (&self->body);
}

void served_reset (served_t *self, bus_t *bus)
{
    release (self);
    served_t fresh = {.bus = bus, .keep = self->keep, .tick_at_us = NEVER};
    arena_reset (self->keep);
    arena_reset (self->turn.arena);
    turn_init (&fresh.turn, self->turn.arena, "", clock_now_us (bus_clock (bus)));
    *self = fresh;
}

void served_destroy (served_t **self_p)
{
    served_t *self = *self_p;
    if (!self)
        return;
    release (self);
    arena_destroy (&self->turn.arena);
    arena_destroy (&self->keep);
    free (self);
    *self_p = NULL;
}

// Calls of a run that was undone were never sent: the next run says anew what it asks.
static void forget_unsent (served_t *self)
{
    called_t **at = &self->calls;
    while (*at && ((*at)->sent || (*at)->done))
        at = &(*at)->next;
    for (called_t *call = *at; call; call = call->next)
        zframe_destroy (&call->body);
    *at = NULL;
}

void served_begin (served_t *self)
{
    forget_unsent (self);
    arena_reset (self->turn.arena);
    self->turn.detail = NULL;
    self->turn.now_us = clock_now_us (bus_clock (self->bus));
    self->call_at = self->calls;
    self->waiting = false;
    self->afters = NULL;
    self->wakes = NULL;
    self->tick_at_us = NEVER;
}

// FNV-1a, 64 bits. Two topics of one hash would only wake each other's waiters, which look and wait again.
uint64_t topic_of (const char *topic)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (; *topic; topic++)
        hash = (hash ^ (unsigned char) *topic) * 0x100000001b3;
    return hash;
}

static called_t *add_call (served_t *self, uint16_t number, const void *ask)
{
    called_t *call = arena_alloc (self->keep, sizeof (called_t));
    call->by = self;
    call->number = number;
    call->fault = bus_pack (self->bus, number, ask, &call->body);
    call->done = call->fault != OK;
    called_t **end = &self->calls;
    while (*end)
        end = &(*end)->next;
    return *end = call;
}

fault_t actor_call (turn_t *turn, uint16_t ask_number, const void *ask, void *answer)
{
    served_t *self = (served_t *) turn;
    called_t *call = self->call_at;
    if (!call)
        call = add_call (self, ask_number, ask);
    self->call_at = call->next;
    assert (call->number == ask_number); // A handler must make the same calls in the same order each time
    if (!self->handler)
        return call->fault; // Nobody is there to wait
    if (!call->done)
        return LATER;
    if (call->fault != OK) {
        turn->detail = call->detail;
        return call->fault;
    }
    uint16_t number;
    const char *service;
    bool again;
    bus_codec (self->bus)->call_of (ask_number, &number, &service, &again);
    return bus_codec (self->bus)->unpack (number, turn, call->data, call->size, answer);
}

fault_t actor_wait (turn_t *turn, const char *topic, int64_t until_us)
{
    served_t *self = (served_t *) turn;
    uint64_t hash = topic_of (topic);
    if (until_us > turn->deadline_us)
        until_us = turn->deadline_us;
    // Woken for nothing, it does not wait for longer than it meant to at first.
    if (self->topic == hash && self->until_us > turn->now_us && self->until_us < until_us)
        until_us = self->until_us;
    self->waiting = true;
    self->waited = false;
    self->topic = hash;
    self->until_us = until_us;
    return LATER;
}

bool actor_waited (const turn_t *turn)
{
    return ((const served_t *) turn)->waited;
}

static void add_wake (turn_t *turn, const char *topic, bool everywhere)
{
    served_t *self = (served_t *) turn;
    wake_t *wake = arena_alloc (turn->arena, sizeof (wake_t));
    *wake = (wake_t){.next = self->wakes, .topic = topic_of (topic), .everywhere = everywhere};
    self->wakes = wake;
}

void actor_wake (turn_t *turn, const char *topic)
{
    add_wake (turn, topic, false);
}

void actor_announce (turn_t *turn, const char *topic)
{
    add_wake (turn, topic, true);
}

void actor_after (turn_t *turn, void (*act) (void *self, void *data), void *data)
{
    served_t *self = (served_t *) turn;
    after_t *after = arena_alloc (turn->arena, sizeof (after_t));
    after->act = act;
    after->data = data;
    after->next = self->afters;
    self->afters = after;
}

void actor_tick_at (turn_t *turn, int64_t at_us)
{
    served_t *self = (served_t *) turn;
    if (at_us < self->tick_at_us)
        self->tick_at_us = at_us;
}

actor_t *actor_of (const turn_t *turn)
{
    return ((const served_t *) turn)->host;
}
