/* guest.c - see guest.h. */

#include "common/bus/guest.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct seat {
    atomic_int owners;
    pthread_mutex_t lock; // Held by whoever runs the service just now
    atomic_bool free;     // For guests: its own thread rests
    void (*serve) (void *actor);
    void *actor; // Lives as long as the seat is free, and as it is held
};

static _Thread_local bus_guest_t *guest; // This thread, while it is one

// ---- seats ----

actor_seat_t *seat_new (void (*serve) (void *actor), void *actor)
{
    actor_seat_t *self = calloc (1, sizeof (actor_seat_t));
    if (!self)
        abort ();
    atomic_init (&self->owners, 1);
    atomic_init (&self->free, false);
    pthread_mutex_init (&self->lock, NULL);
    self->serve = serve;
    self->actor = actor;
    return self;
}

actor_seat_t *seat_hold (actor_seat_t *self)
{
    if (self)
        atomic_fetch_add (&self->owners, 1);
    return self;
}

void seat_release (actor_seat_t **self_p)
{
    actor_seat_t *self = *self_p;
    *self_p = NULL;
    if (!self || atomic_fetch_sub (&self->owners, 1) != 1)
        return;
    pthread_mutex_destroy (&self->lock);
    free (self);
}

void seat_take (actor_seat_t *self)
{
    atomic_store (&self->free, false); // Before the wait: the next guest would be quicker than we are woken
    pthread_mutex_lock (&self->lock);
}

void seat_leave (actor_seat_t *self, bool to_guests)
{
    atomic_store (&self->free, to_guests);
    pthread_mutex_unlock (&self->lock);
}

static bool visit (actor_seat_t *self)
{
    if (!self || !atomic_load (&self->free) || pthread_mutex_trylock (&self->lock) != 0)
        return false;
    // Again, under the lock: the service may have ended meanwhile. From here on it cannot.
    bool free = atomic_load (&self->free);
    if (free)
        self->serve (self->actor);
    pthread_mutex_unlock (&self->lock);
    return free;
}

// ---- guests ----

void guest_begin (bus_guest_t *self)
{
    *self = (bus_guest_t){.nested = guest != NULL};
    if (!self->nested)
        guest = self;
}

bool guest_visits (mailbox_t *mailbox)
{
    if (!guest || !mailbox->seat || guest->count == GUEST_VISITS)
        return false;
    receiver_hold (&mailbox->receiver);
    guest->visits[guest->count++] = mailbox;
    return true;
}

void guest_end (bus_guest_t *self, bool (*done) (void *context), void *context)
{
    if (self->nested)
        return;
    for (size_t i = 0; i < self->count; i++) { // Visits add more
        receiver_t *receiver = &self->visits[i]->receiver;
        if (done (context) || !visit (self->visits[i]->seat))
            mailbox_signal (self->visits[i]);
        receiver_release (&receiver);
    }
    guest = NULL;
}
