/* mailbox.h - how messages pass between threads of one process: a bounded queue, and a descriptor that wakes its reader.
 *
 * A letter is the same two parts as a message between processes, a packed header and a packed body: actors exchange values, never pointers
 * to what another may change. Its reader is woken only when it may be asleep: not while it attends, nor for letters after one that it has
 * not taken yet, nor where the writer is a guest that serves it itself (guest.h).
 * A request carries the receiver of its answer, and whoever takes the request gives exactly one. Internal to the bus. */

#ifndef OPENCICD_MAILBOX_H
#define OPENCICD_MAILBOX_H

#include "common/bus/wire.h"

#include <czmq.h>
#include <stdatomic.h>

#define MAILBOX_BYTES (128 << 20) // Bytes of all bodies in one mailbox; it holds BUS_QUEUE letters

typedef struct letter letter_t;

// Takes an answer, in the thread that gives it. Reference counted; implementations begin with this struct.
typedef struct receiver {
    atomic_int owners; // The last one to leave destroys it, in whichever thread that is
    void (*deliver) (struct receiver *self, letter_t **letter_p); // Takes it
    void (*destroy) (struct receiver *self);
} receiver_t;

receiver_t *receiver_hold (receiver_t *self);
void receiver_release (receiver_t **self_p);

struct letter {
    letter_t *next;
    receiver_t *reply; // Of a request; released with the letter
    zframe_t *body;    // NULL for none
    size_t size;       // Of the header
    char header[];
};

letter_t *letter_new (const wire_t *wire, zframe_t **body_p,
                      receiver_t *reply); // Takes the body; holds reply
letter_t *letter_of (const char *header, size_t size, zframe_t **body_p,
                     receiver_t *reply); // With a packed header
void letter_destroy (letter_t **self_p);

typedef struct {
    receiver_t receiver;  // First: what is delivered here is an answer, which is never refused
    int fd;               // eventfd of its reader; borrowed
    struct seat *seat;    // That its reader is served in; NULL where only the reader's own thread may
    pthread_mutex_t lock; // Of what follows
    letter_t *first, **end;
    size_t count, bytes;
    bool attended, signalled, closed;
} mailbox_t;

mailbox_t *mailbox_new (int fd,
                        struct seat *seat); // Counted: receiver_release (&mailbox->receiver). Holds seat
typedef enum { MAILBOX_TAKEN, MAILBOX_FULL, MAILBOX_CLOSED } mailbox_result_t;
mailbox_result_t mailbox_put (mailbox_t *self,
                              letter_t **letter_p); // Puts a request; it stays the caller's unless TAKEN
letter_t *mailbox_take (mailbox_t *self);           // For its reader, until NULL: only then is it woken again
// Its reader looks again before it sleeps, until it says that it does not: then true if there is something to take.
void mailbox_attend (mailbox_t *self);
MUST_USE bool mailbox_leave (mailbox_t *self);
void mailbox_signal (mailbox_t *self); // Wakes the reader if there is something to take
void mailbox_close (mailbox_t *self);  // Refuses new letters; those in it can still be taken

#endif
