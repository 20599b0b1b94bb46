/* guest.h - a thread that waits for a service of its process may run that service meanwhile. Internal to the bus and to actors.
 *
 * Waking another thread, and being woken by it, costs more than most requests do. A service runs in whichever thread holds its seat: its own,
 * or, while that one rests, a guest. A guest is a thread that has asked and has nothing else to do until the answer is there: what it puts
 * into mailboxes wakes nobody. Instead it takes the seat of each one's reader, serves one batch there, and goes on with where the
 * answers of that went. Where a seat is taken, or the guest has its own answer, the reader is woken as ever.
 *
 * A guest holds one seat at a time, so that guests never wait for each other; and none waits for a seat. Once its own thread has woken,
 * no guest takes a seat before it. */

#ifndef OPENCICD_GUEST_H
#define OPENCICD_GUEST_H

#include "common/bus/mailbox.h"

#include <stdbool.h>

typedef struct seat actor_seat_t;

// `serve` is called by guests: it serves what is in the mailboxes of this seat, once, and wakes the own thread if more is to be done.
actor_seat_t *seat_new (void (*serve) (void *actor), void *actor); // Counted
actor_seat_t *seat_hold (actor_seat_t *self);
void seat_release (actor_seat_t **self_p);
// For its own thread, which has it except between these two.
void seat_take (actor_seat_t *self); // Waits until a guest has left
void seat_leave (actor_seat_t *self, bool to_guests);

#define GUEST_VISITS 8 // Mailboxes that wait for one guest; the reader of another one is woken

typedef struct {
    mailbox_t *visits[GUEST_VISITS];
    size_t count;
    bool nested; // This thread is a guest already: then nothing changes
} bus_guest_t;

void guest_begin (bus_guest_t *self);
// Visits until `done (context)`, or until nothing is left to do in this thread. Wakes the readers of the rest.
void guest_end (bus_guest_t *self, bool (*done) (void *context), void *context);

// For mailboxes: will this thread visit it, or wake its reader, soon? Else the reader is to be woken now.
bool guest_visits (mailbox_t *mailbox);

#endif
