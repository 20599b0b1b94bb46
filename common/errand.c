/* errand.c - see errand.h. A table of slots under one lock; threads take the oldest that waits. */

#include "common/errand.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define FORGET_AFTER SECONDS (1)  // Beyond the deadline of the turn that asked
#define SENT_FOR     SECONDS (60) // A result that nobody waits for is kept so long, should its commit fail

typedef enum { FREE, WAITING, RUNNING, DONE } state_t;

typedef struct {
    state_t state;
    uint64_t number; // Of all errands, this one; tells the order
    char *key;       // NULL for one that was sent
    arena_t *arena;
    void *data;
    void (*work) (void *data);
    actor_act_fn done;
    actor_t *actor;
    int64_t deadline_us;
} errand_t;

struct errands {
    pthread_mutex_t lock; // Of what follows
    pthread_cond_t news;
    errand_t slots[ERRANDS];
    uint64_t count; // So far
    bool stopping;
    pthread_t threads[ERRAND_THREADS];
    int started;
    int wanted;
};

// What a thread posts to the actor, and what a turn leaves for after its commit.
typedef struct {
    errands_t *errands;
    uint64_t number;
} ticket_t;

errands_t *errands_new (int threads)
{
    errands_t *self = calloc (1, sizeof (*self));
    if (!self)
        abort ();
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->news, NULL);
    self->wanted = threads < ERRAND_THREADS ? threads : ERRAND_THREADS;
    return self;
}

static void slot_free (errand_t *slot)
{
    free (slot->key);
    arena_destroy (&slot->arena);
    *slot = (errand_t){0};
}

void errands_stop (errands_t *self)
{
    pthread_mutex_lock (&self->lock);
    self->stopping = true;
    pthread_cond_broadcast (&self->news);
    pthread_mutex_unlock (&self->lock);
    while (self->started > 0)
        pthread_join (self->threads[--self->started], NULL);
}

void errands_destroy (errands_t **self_p)
{
    errands_t *self = *self_p;
    if (!self)
        return;
    errands_stop (self);
    for (int i = 0; i < ERRANDS; i++)
        slot_free (&self->slots[i]);
    pthread_cond_destroy (&self->news);
    pthread_mutex_destroy (&self->lock);
    free (self);
    *self_p = NULL;
}

static errand_t *by_number (errands_t *self, uint64_t number)
{
    for (int i = 0; i < ERRANDS; i++)
        if (self->slots[i].state != FREE && self->slots[i].number == number)
            return &self->slots[i];
    return NULL;
}

static errand_t *by_key (errands_t *self, const char *key)
{
    for (int i = 0; i < ERRANDS; i++)
        if (self->slots[i].key && strcmp (self->slots[i].key, key) == 0)
            return &self->slots[i];
    return NULL;
}

static errand_t *oldest_waiting (errands_t *self)
{
    errand_t *oldest = NULL;
    for (int i = 0; i < ERRANDS; i++)
        if (self->slots[i].state == WAITING && (!oldest || self->slots[i].number < oldest->number))
            oldest = &self->slots[i];
    return oldest;
}

static const char *topic_for (turn_t *turn, const char *key)
{
    return arena_printf (turn->arena, "errand:%s", key);
}

static ticket_t *ticket_new (errands_t *self, uint64_t number)
{
    ticket_t *ticket = malloc (sizeof (*ticket));
    if (!ticket)
        abort ();
    *ticket = (ticket_t){self, number};
    return ticket;
}

static void forget (void *service, turn_t *turn, void *data)
{
    const ticket_t *ticket = data;
    errands_t *self = ticket->errands;
    (void) service, (void) turn;
    pthread_mutex_lock (&self->lock);
    errand_t *slot = by_number (self, ticket->number);
    if (slot)
        slot_free (slot);
    pthread_mutex_unlock (&self->lock);
}

// After the commit of the batch that used a result. The answer, which may point into it, is sent after this: so it is
// forgotten in the next batch.
static void used (void *service, void *data)
{
    const ticket_t *ticket = data;
    errands_t *self = ticket->errands;
    (void) service;
    pthread_mutex_lock (&self->lock);
    errand_t *slot = by_number (self, ticket->number);
    if (slot)
        actor_post (slot->actor, forget, ticket_new (self, ticket->number));
    pthread_mutex_unlock (&self->lock);
}

static void forget_after_commit (errands_t *self, turn_t *turn, uint64_t number)
{
    ticket_t *ticket = arena_alloc (turn->arena, sizeof (*ticket));
    *ticket = (ticket_t){self, number};
    actor_after (turn, used, ticket);
}

// In the actor's thread: the work of an errand is done.
static void finished (void *service, turn_t *turn, void *data)
{
    const ticket_t *ticket = data;
    errands_t *self = ticket->errands;
    pthread_mutex_lock (&self->lock);
    errand_t *slot = by_number (self, ticket->number);
    bool waited_for = slot && slot->key;
    if (waited_for)
        actor_wake (turn, topic_for (turn, slot->key));
    pthread_mutex_unlock (&self->lock);
    if (!slot || waited_for)
        return;
    // Its work is done: this thread alone looks at it from now on.
    forget_after_commit (self, turn, ticket->number);
    slot->done (service, turn, slot->data);
}

static void *serve (void *argument)
{
    errands_t *self = argument;
    pthread_mutex_lock (&self->lock);
    while (!self->stopping) {
        errand_t *slot = oldest_waiting (self);
        if (!slot) {
            pthread_cond_wait (&self->news, &self->lock);
            continue;
        }
        slot->state = RUNNING;
        pthread_mutex_unlock (&self->lock);
        slot->work (slot->data);
        pthread_mutex_lock (&self->lock);
        slot->state = DONE;
        actor_post (slot->actor, finished, ticket_new (self, slot->number));
    }
    pthread_mutex_unlock (&self->lock);
    return NULL;
}

fault_t errand_find (errands_t *self, turn_t *turn, const char *key, void **data)
{
    pthread_mutex_lock (&self->lock);
    errand_t *slot = by_key (self, key);
    bool done = slot && slot->state == DONE;
    uint64_t number = slot ? slot->number : 0;
    if (done)
        *data = slot->data;
    pthread_mutex_unlock (&self->lock);
    if (!slot)
        return NOT_FOUND;
    if (!done)
        return actor_wait (turn, topic_for (turn, key), turn->deadline_us);
    forget_after_commit (self, turn, number);
    return OK;
}

// A free slot; results that nobody can be waiting for make room.
static errand_t *take_slot (errands_t *self, int64_t now_us)
{
    errand_t *found = NULL;
    for (int i = 0; i < ERRANDS; i++) {
        errand_t *slot = &self->slots[i];
        if (slot->state == DONE && slot->deadline_us < now_us - FORGET_AFTER)
            slot_free (slot);
        if (slot->state == FREE)
            found = slot;
    }
    return found;
}

static void start_threads (errands_t *self)
{
    while (self->started < self->wanted) {
        if (pthread_create (&self->threads[self->started], NULL, serve, self))
            break;
        self->started++;
    }
    if (self->started == 0)
        abort ();
}

static fault_t begin (errands_t *self, turn_t *turn, const errand_t *errand)
{
    pthread_mutex_lock (&self->lock);
    errand_t *slot = self->stopping ? NULL : take_slot (self, turn->now_us);
    if (slot) {
        start_threads (self);
        *slot = *errand;
        slot->state = WAITING;
        slot->number = ++self->count;
        slot->actor = actor_of (turn);
        slot->deadline_us = slot->key ? turn->deadline_us : turn->now_us + SENT_FOR;
        pthread_cond_signal (&self->news);
    }
    pthread_mutex_unlock (&self->lock);
    if (slot)
        return OK;
    errand_t refused = *errand;
    slot_free (&refused);
    return turn_fail (turn, OVERLOADED, "%d pieces of long work are under way", ERRANDS);
}

fault_t errand_begin (errands_t *self, turn_t *turn, const char *key, void (*work) (void *data),
                      arena_t **arena_p, void *data)
{
    errand_t errand = {.key = strdup (key), .arena = *arena_p, .data = data, .work = work};
    *arena_p = NULL;
    fault_t fault = begin (self, turn, &errand);
    return fault ? fault : actor_wait (turn, topic_for (turn, key), turn->deadline_us);
}

fault_t errand_send (errands_t *self, turn_t *turn, void (*work) (void *data), actor_act_fn done,
                     arena_t **arena_p, void *data)
{
    errand_t errand = {.arena = *arena_p, .data = data, .work = work, .done = done};
    *arena_p = NULL;
    return begin (self, turn, &errand);
}
