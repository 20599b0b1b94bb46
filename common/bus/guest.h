/* guest.h - lets a thread that waits for a service of its own process run that service itself. Internal to the bus and to actors.
 *
 * Two thread switches, there and back, cost more than most requests do. So a service is not tied to one thread: it runs in the thread that
 * holds its seat. That is its own thread or, while that one is idle, a guest: a thread that has sent a request and has nothing to do until
 * the answer arrives. What a guest puts into a mailbox wakes nobody. Instead the guest takes the seat of the mailbox's reader, serves one
 * batch there, then visits the mailboxes that this batch wrote to, and so on. If a seat is taken, or the guest has its answer already,
 * the reader is woken as usual.
 *
 * Guests cannot deadlock: one holds a single seat at a time, and none waits for a seat. They cannot starve the service's own thread: once
 * it has woken, no guest takes the seat before it. */

#ifndef OPENCICD_GUEST_H
#define OPENCICD_GUEST_H

#include "common/bus/mailbox.h"

#include <stdbool.h>

typedef struct seat actor_seat_t;

// Guests call `serve`: it serves one batch of what is in the seat's mailboxes, and wakes the service's own thread if more is left.
// Reference counted: the creator has the first reference. `actor` is borrowed, and must live until the last seat_leave (self, false).
actor_seat_t *seat_new (void (*serve) (void *actor), void *actor);
actor_seat_t *seat_hold (actor_seat_t *self); // One more reference; NULL stays NULL
void seat_release (actor_seat_t **self_p);
// For the service's own thread, which holds the seat except between seat_leave and seat_take.
void seat_take (actor_seat_t *self);                  // Waits until a guest has left
void seat_leave (actor_seat_t *self, bool to_guests); // False: guests may not enter

#define GUEST_VISITS 8 // Mailboxes that one guest remembers; the reader of a ninth is woken at once

typedef struct {
    mailbox_t *visits[GUEST_VISITS];
    size_t count;
    bool nested; // This thread was a guest already: the outer guest does the visits
} bus_guest_t;

// From here to guest_end the calling thread is a guest. *self lives on its stack.
void guest_begin (bus_guest_t *self);
// Visits the mailboxes that were written to until `done (context)` is true or none is left; wakes the readers of the others.
void guest_end (bus_guest_t *self, bool (*done) (void *context), void *context);

// Called by a mailbox that was written to. True: this thread will visit it or wake its reader; false: wake the reader now.
bool guest_visits (mailbox_t *mailbox);

#endif
