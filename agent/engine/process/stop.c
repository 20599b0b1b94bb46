/* stop.c - see stop.h. */

#include "agent/engine/process/stop.h"

#include "common/base/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct cancel {
    _Atomic int level;
    atomic_bool gives_back; // Its first cause
    int handle;
};

fault_t cancel_new (cancel_t **out)
{
    cancel_t *self = calloc (1, sizeof (cancel_t));
    if (!self)
        abort ();
    atomic_init (&self->level, CANCEL_NONE);
    atomic_init (&self->gives_back, false);
    self->handle = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (self->handle < 0) {
        fault_t fault = fault_from_errno (errno);
        free (self);
        return fault;
    }
    *out = self;
    return OK;
}

void cancel_destroy (cancel_t **self_p)
{
    cancel_t *self = *self_p;
    if (!self)
        return;
    close (self->handle);
    free (self);
    *self_p = NULL;
}

void cancel_ask (cancel_t *self, bool hard)
{
    int none = CANCEL_NONE;
    if (hard)
        atomic_store (&self->level, CANCEL_HARD);
    else
        atomic_compare_exchange_strong (&self->level, &none, CANCEL_SOFT);
    eventfd_write (self->handle, 1);
}

// The cause is there before the level is: whoever sees that it must stop sees why.
void cancel_give_back (cancel_t *self, bool hard)
{
    if (cancel_level (self) == CANCEL_NONE)
        atomic_store (&self->gives_back, true);
    cancel_ask (self, hard);
}

bool cancel_gives_back (const cancel_t *self)
{
    return atomic_load (&self->gives_back);
}

cancel_level_t cancel_level (const cancel_t *self)
{
    return (cancel_level_t) atomic_load (&self->level);
}

int cancel_handle (const cancel_t *self)
{
    return self->handle;
}

void cancel_clear (const cancel_t *self)
{
    eventfd_t count;
    eventfd_read (self->handle, &count);
}

void stop_check (stop_t *self)
{
    cancel_level_t level = cancel_level (self->cancel);
    int64_t now = clock_monotonic_us ();
    if (level == CANCEL_HARD || (self->cancelling && now >= self->deadline_us))
        self->killed = true;
    if (self->cancelling)
        return;
    self->timed_out = level == CANCEL_NONE && now >= self->deadline_us;
    self->given_back = level != CANCEL_NONE && cancel_gives_back (self->cancel);
    self->cancelling = level != CANCEL_NONE || self->timed_out;
    if (self->cancelling)
        self->deadline_us = now + self->last_us;
}
