/* actor_batch.c - a batch of turns: run, commit, and only then let anything out.
 *
 * To extend what handlers can do, add an effect to served_t, let actor_turn.c record it and carry_out() do it. */

#include "common/actor_host.h"
#include "common/log.h"

#include <stdlib.h>
#include <string.h>

#define TICK_AGAIN_US SECONDS (1) // After a tick that failed

static fault_t run (actor_t *self, served_t *served)
{
    served_begin (served);
    if (served->act) {
        served->act (self->self, &served->turn, served->data);
        return OK;
    }
    if (served->handler) {
        int64_t began = clock_monotonic_us ();
        memset (served->answer, 0, bus_codec (self->bus)->size_of (served->answer_number));
        fault_t fault = served->handler->handle (self->self, &served->turn, served->ask, served->answer);
        metric_time (self->metrics[served->handler - self->class->handlers].runs,
                     clock_monotonic_us () - began);
        return fault;
    }
    self->tick_us = self->class->tick (self->self, &served->turn);
    return OK;
}

static fault_t begin (actor_t *self, served_t *served)
{
    return self->class->begin ? self->class->begin (self->self, &served->turn) : OK;
}

static fault_t commit (actor_t *self, served_t **batch, size_t count)
{
    fault_t fault = announce_batch (self, batch, count);
    if (fault != OK || !self->class->commit)
        return fault;
    return self->class->commit (self->self, &batch[0]->turn);
}

static void rollback (actor_t *self)
{
    if (self->class->rollback)
        self->class->rollback (self->self);
}

static uint64_t writes (const actor_t *self)
{
    return self->class->writes ? self->class->writes (self->self) : 0;
}

// Runs all in one unit of work. False where it had to be undone: one failed after it wrote, or the commit failed.
static bool run_together (actor_t *self, served_t **batch, size_t count)
{
    for (size_t i = 0; i < count; i++)
        batch[i]->fault = OK;
    if (begin (self, batch[0]) != OK)
        return false;
    for (size_t i = 0; i < count; i++) {
        uint64_t before = writes (self);
        batch[i]->fault = run (self, batch[i]);
        if (batch[i]->fault != OK && writes (self) != before) {
            rollback (self);
            return false;
        }
    }
    if (commit (self, batch, count) == OK)
        return true;
    rollback (self);
    return false;
}

static void run_alone (actor_t *self, served_t *served)
{
    served->fault = begin (self, served);
    if (served->fault != OK)
        return;
    served->fault = run (self, served);
    if (served->fault == OK || served->fault == LATER) {
        fault_t fault = commit (self, &served, 1);
        if (fault == OK)
            return;
        served->fault = fault;
    }
    rollback (self);
}

static void take_call_answer (void *context, fault_t fault, const char *detail, zframe_t **body_p)
{
    called_t *call = context;
    served_t *served = call->by;
    call->done = true;
    call->fault = fault;
    call->detail = arena_strdup (served->keep, detail);
    if (*body_p) {
        call->size = zframe_size (*body_p);
        call->data = arena_copy (served->keep, zframe_data (*body_p), call->size);
    }
    if (--served->calls_open > 0 || !served->parked)
        return;
    unpark (served->host, served);
    if (served->handler)
        make_ready (served->host, served);
    else
        turn_end (served->host, &served);
}

static void send_calls (actor_t *self, served_t *served)
{
    turn_t as_service = served->turn;
    as_service.caller = (caller_t){.role = ROLE_SERVICE, .subject = self->class->name};
    for (called_t *call = served->calls; call; call = call->next) {
        if (call->sent || call->done)
            continue;
        call->sent = true;
        served->calls_open++;
        peers_ask (self->peers, &as_service, call->number, &call->body, take_call_answer, call);
    }
}

// What was only recorded happens now, because it is durable.
static void carry_out (actor_t *self, served_t *served)
{
    after_t *afters = NULL;
    for (after_t *after = served->afters, *next; after; after = next) {
        next = after->next;
        after->next = afters;
        afters = after;
    }
    for (; afters; afters = afters->next)
        afters->act (self->self, afters->data);
    for (wake_t *wake = served->wakes; wake; wake = wake->next)
        wake_topic (self, wake->topic);
    if (served->tick_at_us < self->tick_us)
        self->tick_us = served->tick_at_us;
}

static void end_alone (actor_t *self, served_t *served)
{
    if (served->fault != OK) {
        log_error (served->turn.detail ? served->turn.detail : fault_text (served->fault), NULL);
        if (!served->act)
            self->tick_us = clock_now_us (bus_clock (self->bus)) + TICK_AGAIN_US;
    }
    free (served->data);
    served->data = NULL;
    if (served->calls_open > 0)
        park (self, served); // Its questions are under way
    else
        turn_end (self, &served);
}

static void conclude (actor_t *self, served_t *served)
{
    if (served->fault == OK || served->fault == LATER)
        carry_out (self, served);
    if (served->fault == LATER || (served->fault == OK && !served->handler))
        send_calls (self, served);
    if (!served->handler) {
        end_alone (self, served);
        return;
    }
    bool late = served->turn.deadline_us <= clock_now_us (bus_clock (self->bus));
    if (served->calls_open > 0 || (served->fault == LATER && served->waiting && !late))
        park (self, served);
    else if (served->fault == LATER && !late)
        make_ready (self, served); // Its questions were answered at once, with faults
    else {
        if (served->fault == LATER)
            served->fault = TIMEOUT;
        answer_turn (self, served);
        turn_end (self, &served);
    }
}

void serve_batch (actor_t *self)
{
    served_t *batch[ACTOR_BATCH];
    size_t count = 0;
    while (self->ready && count < ACTOR_BATCH)
        batch[count++] = take_ready (self);
    bool together = count > 0 && run_together (self, batch, count);
    for (size_t i = 0; i < count; i++) {
        if (!together)
            run_alone (self, batch[i]);
        conclude (self, batch[i]);
    }
}
