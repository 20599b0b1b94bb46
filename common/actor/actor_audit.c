/* actor_audit.c - what people change is recorded with the change, and kept by another service.
 *
 * A request that is audited (turn->audit) and changed something leaves a row in its own transaction: there is no change without its record,
 * whoever is away meanwhile. Soon after the commit an act sends the rows to whoever keeps them; another act removes them once they were
 * taken. What fails is sent again, and what a process left is sent by the next one, or by another replica: whoever keeps them knows each by
 * its id, and takes it once. */

#include "common/actor/actor_host.h"

#define AUDIT_SOON  MILLISECONDS (100) // Until rows of several commits are sent together
#define AUDIT_AGAIN SECONDS (2)        // After a failure
#define AUDIT_LOOK  SECONDS (60)       // What a replica left that is gone

static bool leaves_a_row (const served_t *served)
{
    return served->handler && served->turn.audit && served->fault == OK && (served->changed || served->wrote);
}

fault_t audit_add (actor_t *self, served_t **batch, size_t count)
{
    const actor_audit_t *audit = self->class->audit;
    for (size_t i = 0; audit && i < count; i++)
        if (leaves_a_row (batch[i]))
            TRY (audit->add (self->self, &batch[i]->turn, batch[i]->answer_number, batch[i]->answer));
    return OK;
}

static int64_t now_us (const actor_t *self)
{
    return clock_steady_us (bus_clock (self->bus));
}

static void send_no_later (actor_t *self, int64_t at_us)
{
    if (self->audit_us == NEVER)
        self->audit_more = true; // It is being sent
    else if (at_us < self->audit_us)
        self->audit_us = at_us;
}

void audit_committed (actor_t *self, served_t **batch, size_t count)
{
    for (size_t i = 0; self->class->audit && i < count; i++) {
        if (leaves_a_row (batch[i]))
            send_no_later (self, now_us (self) + AUDIT_SOON);
        batch[i]->changed |= batch[i]->wrote;
    }
}

void audit_take (actor_t *self)
{
    if (!self->class->audit || now_us (self) < self->audit_us)
        return;
    self->audit_us = NEVER;
    self->audit_more = false;
    served_t *served = turn_begin (self);
    served->act = self->class->audit->forward;
    served->forwards = true;
    make_ready (self, served);
}

// Either there was nothing to send, or it failed, or what was sent is removed: then there may be more.
void audit_ended (actor_t *self, const served_t *served)
{
    bool removed = served->fault == OK && served->act != self->class->audit->forward;
    bool failed = served->fault != OK || (served->calls && !removed);
    self->audit_us = now_us (self) + (failed ? AUDIT_AGAIN : removed || self->audit_more ? 0 : AUDIT_LOOK);
}
