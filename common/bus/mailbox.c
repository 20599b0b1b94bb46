/* mailbox.c - see mailbox.h. */

#include "common/bus/mailbox.h"

#include "common/bus/guest.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

receiver_t *receiver_hold (receiver_t *self)
{
    atomic_fetch_add (&self->owners, 1);
    return self;
}

void receiver_release (receiver_t **self_p)
{
    receiver_t *self = *self_p;
    *self_p = NULL;
    if (self && atomic_fetch_sub (&self->owners, 1) == 1)
        self->destroy (self);
}

letter_t *letter_new (const wire_t *wire, zframe_t **body_p, receiver_t *reply)
{
    char header[WIRE_MAX];
    return letter_of (header, wire_pack (wire, header), body_p, reply);
}

letter_t *letter_of (const char *header, size_t size, zframe_t **body_p, receiver_t *reply)
{
    letter_t *self = malloc (sizeof (letter_t) + size);
    if (!self)
        abort ();
    *self = (letter_t){.reply = reply ? receiver_hold (reply) : NULL, .body = *body_p, .size = size};
    memcpy (self->header, header, size);
    *body_p = NULL;
    return self;
}

void letter_destroy (letter_t **self_p)
{
    letter_t *self = *self_p;
    if (!self)
        return;
    receiver_release (&self->reply);
    zframe_destroy (&self->body);
    free (self);
    *self_p = NULL;
}

static size_t bytes_of (const letter_t *letter)
{
    return letter->body ? zframe_size (letter->body) : 0;
}

// Under the lock.
static void wake (mailbox_t *self)
{
    if (!self->signalled && !self->attended)
        (void) !write (self->fd, &(uint64_t){1}, sizeof (uint64_t));
    self->signalled = true;
}

// Under the lock. A guest that is to visit this mailbox wakes its reader should that fail.
static void add (mailbox_t *self, letter_t **letter_p)
{
    letter_t *letter = *letter_p;
    *letter_p = NULL;
    letter->next = NULL;
    *self->end = letter;
    self->end = &letter->next;
    self->count++;
    self->bytes += bytes_of (letter);
    if (self->signalled || self->attended || !guest_visits (self))
        wake (self);
}

static void deliver (receiver_t *receiver, letter_t **letter_p)
{
    mailbox_t *self = (mailbox_t *) receiver;
    pthread_mutex_lock (&self->lock);
    if (!self->closed)
        add (self, letter_p);
    pthread_mutex_unlock (&self->lock);
    letter_destroy (letter_p);
}

static void destroy (receiver_t *receiver)
{
    mailbox_t *self = (mailbox_t *) receiver;
    for (letter_t *letter; (letter = mailbox_take (self));)
        letter_destroy (&letter);
    pthread_mutex_destroy (&self->lock);
    seat_release (&self->seat);
    free (self);
}

mailbox_t *mailbox_new (int fd, actor_seat_t *seat)
{
    mailbox_t *self = calloc (1, sizeof (mailbox_t));
    if (!self)
        abort ();
    self->receiver = (receiver_t){.deliver = deliver, .destroy = destroy};
    atomic_init (&self->receiver.owners, 1);
    self->fd = fd;
    self->seat = seat_hold (seat);
    self->end = &self->first;
    pthread_mutex_init (&self->lock, NULL);
    return self;
}

mailbox_result_t mailbox_put (mailbox_t *self, letter_t **letter_p)
{
    pthread_mutex_lock (&self->lock);
    bool full = self->count >= BUS_QUEUE || self->bytes + bytes_of (*letter_p) > MAILBOX_BYTES;
    mailbox_result_t result = self->closed ? MAILBOX_CLOSED : full ? MAILBOX_FULL : MAILBOX_TAKEN;
    if (result == MAILBOX_TAKEN)
        add (self, letter_p);
    pthread_mutex_unlock (&self->lock);
    return result;
}

letter_t *mailbox_take (mailbox_t *self)
{
    pthread_mutex_lock (&self->lock);
    letter_t *letter = self->first;
    if (letter) {
        self->first = letter->next;
        self->count--;
        self->bytes -= bytes_of (letter);
    } else
        self->signalled = false;
    if (!self->first)
        self->end = &self->first;
    pthread_mutex_unlock (&self->lock);
    return letter;
}

void mailbox_attend (mailbox_t *self)
{
    pthread_mutex_lock (&self->lock);
    self->attended = true;
    pthread_mutex_unlock (&self->lock);
}

bool mailbox_leave (mailbox_t *self)
{
    pthread_mutex_lock (&self->lock);
    bool more = self->first != NULL;
    self->attended = self->signalled = false;
    pthread_mutex_unlock (&self->lock);
    return more;
}

void mailbox_signal (mailbox_t *self)
{
    pthread_mutex_lock (&self->lock);
    if (self->first)
        wake (self);
    pthread_mutex_unlock (&self->lock);
}

void mailbox_close (mailbox_t *self)
{
    pthread_mutex_lock (&self->lock);
    self->closed = true;
    pthread_mutex_unlock (&self->lock);
}
