/* actor_turn.c - what handlers call with their turn: call, wait, wake, act after the commit. */

#include "common/actor/actor_turn.h"

#include "common/actor/effects.h"
#include "common/base/id.h"
#include "common/base/log.h"
#include "common/bus/bus_frame.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define DEADLINE_STEP_US SECONDS (1) // Deadlines follow a step of the time of day that is larger than this

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
    receiver_release (&self->reply);
    zframe_destroy (&self->identity);
    zframe_destroy (&self->body);
    zframe_destroy (&self->packed);
}

void served_reset (served_t *self, bus_t *bus)
{
    release (self);
    served_t fresh = {.bus = bus, .keep = self->keep, .tick_at_us = NEVER, .ends_us = NEVER};
    arena_reset (self->keep);
    arena_reset (self->turn.arena);
    turn_init (&fresh.turn, self->turn.arena, "", clock_now_us (bus_clock (bus)));
    fresh.turn.served = &self->turn;
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

// A plain turn is no part of a served_t: what is written there would be somebody else's memory.
served_t *served_of (const turn_t *turn)
{
    if (turn->served != turn) {
        log_error ("this turn is no actor's, and cannot wait, call, wake or act later", "request",
                   turn->request_id, NULL);
        abort ();
    }
    return (served_t *) (uintptr_t) turn;
}

// Calls of a run that was rolled back were never sent: the next run records its calls anew.
static void forget_unsent (served_t *self)
{
    called_t **at = &self->calls;
    while (*at && ((*at)->sent || (*at)->done))
        at = &(*at)->next;
    for (called_t *call = *at; call; call = call->next)
        zframe_destroy (&call->body);
    *at = NULL;
}

// In this run's time of day. It stays the same to the microsecond, because services identify a turn by it, unless the clock was set.
static void keep_deadline (served_t *self)
{
    if (self->ends_us == NEVER)
        return;
    int64_t deadline_us = self->turn.now_us + (self->ends_us - self->began_us);
    if (llabs (deadline_us - self->turn.deadline_us) > DEADLINE_STEP_US)
        self->turn.deadline_us = deadline_us;
}

void served_begin (served_t *self)
{
    forget_unsent (self);
    arena_reset (self->turn.arena);
    self->turn.detail = NULL;
    // In this order: what passes between the two makes a tick early, not late
    self->began_us = clock_steady_us (bus_clock (self->bus));
    self->turn.now_us = clock_now_us (bus_clock (self->bus));
    keep_deadline (self);
    self->call_at = self->calls;
    self->id_at = &self->ids;
    self->waiting = self->stale = false;
    self->remembered = false;
    zframe_destroy (&self->packed);
    self->wrote = false;
    self->audit.note = NULL;
    self->ahead = NULL;
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

void served_forget_calls (served_t *self)
{
    forget_unsent (self);
    self->calls = self->call_at = NULL;
    self->stale = false;
}

static called_t *add_call (served_t *self, uint16_t number, uint64_t asked, zframe_t **body_p)
{
    called_t *call = arena_alloc (self->keep, sizeof (called_t));
    call->by = self;
    call->number = number;
    call->asked = asked;
    call->body = *body_p;
    *body_p = NULL;
    called_t **end = &self->calls;
    while (*end)
        end = &(*end)->next;
    return *end = call;
}

static uint64_t hash_of (const void *data, size_t size)
{
    unsigned char sum[crypto_generichash_BYTES_MIN];
    uint64_t hash;
    crypto_generichash (sum, sizeof sum, data, size, NULL, 0);
    memcpy (&hash, sum, sizeof hash);
    return hash;
}

// What the handler's requests depend on has changed since they were sent: the answers belong to other requests.
static fault_t begin_anew (served_t *self)
{
    if (++self->anew > ANEW_MAX)
        return turn_fail (&self->turn, CONFLICT, "what this depends on changes all the time; try again");
    self->stale = true;
    return LATER;
}

fault_t actor_call (turn_t *turn, uint16_t ask_number, const void *ask, void *answer)
{
    served_t *self = served_of (turn);
    called_t *call = self->call_at;
    zframe_t *body;
    TRY (turn_room (turn));
    if (bus_pack (self->bus, ask_number, ask, &body) != OK)
        return turn_fail (turn, TOO_LARGE, "a request to another service is too large for one message");
    uint64_t asked = hash_of (zframe_data (body), zframe_size (body));
    if (call && (call->number != ask_number || call->asked != asked)) {
        zframe_destroy (&body);
        return begin_anew (self);
    }
    if (!call)
        call = add_call (self, ask_number, asked, &body);
    zframe_destroy (&body);
    self->call_at = call->next;
    if (!self->handler)
        return OK; // A tick cannot wait
    if (!call->done)
        return LATER;
    if (call->fault != OK) {
        turn->detail = call->detail;
        return call->fault;
    }
    uint16_t number;
    const char *service;
    repeat_t repeat;
    bus_codec (self->bus)->call_of (ask_number, &number, &service, &repeat);
    return bus_codec (self->bus)->unpack (number, turn, call->data, call->size, answer);
}

fault_t actor_wait (turn_t *turn, const char *topic, int64_t until_us)
{
    return actor_wait_any (turn, &topic, 1, until_us);
}

int64_t served_steady (const served_t *self, int64_t at_us)
{
    int64_t steady_us;
    if (at_us == NEVER || __builtin_add_overflow (self->began_us - self->turn.now_us, at_us, &steady_us))
        return NEVER;
    return steady_us;
}

fault_t actor_wait_any (turn_t *turn, const char *const *topics, size_t count, int64_t until_us)
{
    served_t *self = served_of (turn);
    if (count > ACTOR_TOPICS)
        return turn_fail (turn, BROKEN, "more than %d topics to wait for", ACTOR_TOPICS);
    bool same = self->wait_count == count;
    for (size_t i = 0; i < count; i++) {
        uint64_t topic = topic_of (topics[i]);
        same = same && self->waits[i].topic == topic;
        self->waits[i] = (wait_t){.topic = topic, .by = self};
    }
    self->wait_count = count;
    until_us = served_steady (self, until_us);
    if (until_us > self->ends_us)
        until_us = self->ends_us;
    // Woken in vain, it waits no longer than its first deadline.
    if (same && self->until_us > self->began_us && self->until_us < until_us)
        until_us = self->until_us;
    self->waiting = true;
    self->waited = false;
    self->until_us = until_us;
    return LATER;
}

void *actor_ahead (const turn_t *turn)
{
    return served_of (turn)->ahead;
}

bool actor_called (const turn_t *turn)
{
    return served_of (turn)->calls != NULL;
}

bool actor_waited (const turn_t *turn)
{
    return served_of (turn)->waited;
}

static void add_wake (turn_t *turn, const char *topic, reach_t reach)
{
    served_t *self = served_of (turn);
    wake_t *wake = arena_alloc (turn->arena, sizeof (wake_t));
    *wake = (wake_t){.next = self->wakes, .topic = topic_of (topic), .reach = reach};
    self->wakes = wake;
}

void actor_wake (turn_t *turn, const char *topic)
{
    add_wake (turn, topic, HERE);
}

void actor_announce (turn_t *turn, const char *topic)
{
    add_wake (turn, topic, EVERYWHERE);
}

void actor_announce_soon (turn_t *turn, const char *topic)
{
    add_wake (turn, topic, EVERYWHERE_SOON);
}

void actor_after (turn_t *turn, void (*act) (void *self, void *data), void *data)
{
    served_t *self = served_of (turn);
    after_t *after = arena_alloc (turn->arena, sizeof (after_t));
    after->act = act;
    after->data = data;
    after->next = self->afters;
    self->afters = after;
}

void actor_tick_at (turn_t *turn, int64_t at_us)
{
    served_t *self = served_of (turn);
    if (at_us < self->tick_at_us)
        self->tick_at_us = at_us;
}

effects_t effects_so_far (const turn_t *turn)
{
    const served_t *self = served_of (turn);
    return (effects_t){self->afters, self->wakes, self->tick_at_us};
}

void effects_undo (turn_t *turn, const effects_t *back)
{
    served_t *self = served_of (turn);
    self->afters = back->afters;
    self->wakes = back->wakes;
    self->tick_at_us = back->tick_at_us;
}

int64_t actor_steady_us (const turn_t *turn)
{
    return served_of (turn)->began_us;
}

int64_t actor_steady_now_us (const turn_t *turn)
{
    return clock_steady_us (bus_clock (served_of (turn)->bus));
}

const char *actor_id (turn_t *turn, char kind)
{
    served_t *self = served_of (turn);
    made_t *made = *self->id_at;
    if (!made) {
        made = arena_alloc (self->keep, sizeof (made_t));
        made->id = id_new (self->keep, kind, turn->now_us);
        *self->id_at = made;
    }
    self->id_at = &made->next;
    return made->id;
}

actor_t *actor_of (const turn_t *turn)
{
    return served_of (turn)->host;
}
