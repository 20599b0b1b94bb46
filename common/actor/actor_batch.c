/* actor_batch.c - a batch of turns: run, commit, and only then let anything out.
 *
 * To extend what handlers can do, add an effect to served_t, let actor_turn.c record it and carry_out() do it. */

#include "common/actor/actor_host.h"
#include "common/base/log.h"

#include <stdlib.h>
#include <string.h>

#define USUAL_OF 8 // Runs of a handler, about, of which the average is

static fault_t run_handler (actor_t *self, served_t *served)
{
    handler_metrics_t *metrics = &self->metrics[served->handler - self->class->handlers];
    int64_t began = clock_monotonic_us (), used = clock_thread_us ();
    memset (served->answer, 0, bus_codec (self->bus)->size_of (served->answer_number));
    const actor_class_t *class = self->class;
    fault_t fault =
        class->may ? class->may (self->self, &served->turn, served->handler->ask, served->ask) : OK;
    if (fault == OK)
        fault = served->handler->handle (self->self, &served->turn, served->ask, served->answer);
    metric_time (metrics->runs, clock_monotonic_us () - began);
    // Not its duration: that grows with the machine's other users, and with what a database is waited for
    metrics->usual_us += (clock_thread_us () - used - metrics->usual_us) / USUAL_OF;
    return fault;
}

// A tick or an act: it cannot be run again later.
static fault_t run_own (actor_t *self, served_t *served)
{
    fault_t fault;
    served->next_us = NEVER;
    if (served->act)
        fault = served->act (self->self, &served->turn, served->data);
    else
        fault = self->class->tick (self->self, &served->turn, &served->next_us);
    return fault == LATER ? turn_fail (&served->turn, BROKEN, "a tick or an act cannot wait") : fault;
}

static fault_t begin (actor_t *self, served_t *served)
{
    return self->class->begin ? self->class->begin (self->self, &served->turn) : OK;
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

// What a waiting handler has written so far counts: on its own it would be committed too.
static bool is_failed (fault_t fault)
{
    return fault != OK && fault != LATER;
}

// The turn has begun.
static fault_t run (actor_t *self, served_t *served)
{
    if (!served->handler)
        return run_own (self, served);
    if (*served->key && served->repeats) {
        fault_t fault = once_recall (self, served);
        if (fault != NOT_FOUND)
            return fault;
    }
    uint64_t before = writes (self);
    fault_t fault = run_handler (self, served);
    served->wrote = writes (self) != before;
    return fault;
}

// Once all have run: a row that is written in between would look to the next handler like a change of what it has read.
static fault_t remember (actor_t *self, served_t **batch, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (batch[i]->fault == OK && batch[i]->handler && *batch[i]->key && batch[i]->wrote)
            TRY (once_remember (self, batch[i]));
    return OK;
}

// DONE with *fault OK; UNDONE with the reason; IN_DOUBT where the outcome cannot be found out.
static outcome_t end_unit (actor_t *self, served_t **batch, size_t count, fault_t *fault)
{
    const actor_class_t *class = self->class;
    bool in_doubt = false;
    *fault = remember (self, batch, count);
    if (*fault == OK && class->prepare)
        *fault = class->prepare (self->self);
    if (*fault == OK) // After what looks at whether anything was written
        *fault = audit_add (self, batch, count);
    if (*fault == OK)
        *fault = announce_batch (self, batch, count);
    if (*fault == OK && class->commit) {
        *fault = class->commit (self->self, &batch[0]->turn);
        in_doubt = *fault != OK && class->in_doubt && class->in_doubt (self->self);
    }
    announced (self, *fault == OK);
    if (*fault == OK) {
        audit_committed (self, batch, count);
        return DONE;
    }
    rollback (self);
    outcome_t outcome = in_doubt ? once_settle (self, batch, count) : UNDONE;
    if (outcome == DONE)
        *fault = OK;
    return outcome;
}

static void begin_turns (actor_t *self, served_t **batch, size_t count)
{
    const actor_class_t *class = self->class;
    for (size_t i = 0; i < count; i++) {
        batch[i]->fault = OK;
        served_begin (batch[i]);
    }
    for (size_t i = 0; i < count && class->ahead; i++)
        if (batch[i]->handler)
            batch[i]->ahead =
                class->ahead (self->self, &batch[i]->turn, batch[i]->handler->ask, batch[i]->ask);
}

static void add_ready (actor_t *self, served_t **batch, size_t *count)
{
    int64_t time_us = 0;
    for (size_t i = 0; i < *count; i++)
        time_us += usual_us (self, batch[i]);
    for (served_t *next;
         *count < ACTOR_BATCH && time_us < BATCH_US && (next = take_ready (self, self->pace));) {
        time_us += usual_us (self, next);
        batch[(*count)++] = next;
    }
}

// Runs them all in one unit of work. UNDONE also where one of them failed after it wrote.
static outcome_t run_together (actor_t *self, served_t **batch, size_t *count)
{
    fault_t fault;
    size_t at = 0;
    for (size_t i = 0; i < *count; i++)
        batch[i]->fault = OK;
    if (begin (self, batch[0]) != OK)
        return UNDONE;
    uint64_t first = writes (self);
    for (int round = 0; at < *count; round++) {
        begin_turns (self, batch + at, *count - at);
        for (; at < *count; at++) {
            uint64_t before = writes (self);
            batch[at]->fault = run (self, batch[at]);
            if (is_failed (batch[at]->fault) && writes (self) != before) {
                rollback (self);
                return UNDONE;
            }
        }
        if (round > 0 || writes (self) == first)
            break;
        take_more (
            self); // It shares the commit, and where replicas take turns, the lock that this one waited for
        add_ready (self, batch, count);
    }
    return end_unit (self, batch, *count, &fault);
}

static void mark_uncertain (served_t *served)
{
    served->fault = turn_fail (&served->turn, TIMEOUT,
                               "the database went away during the commit; it may have taken effect");
}

static outcome_t run_alone (actor_t *self, served_t *served)
{
    outcome_t outcome = UNDONE;
    fault_t fault = OK;
    served->fault = begin (self, served);
    if (served->fault != OK)
        return UNDONE;
    served_begin (served);
    served->fault = run (self, served);
    if (is_failed (served->fault))
        rollback (self);
    else
        outcome = end_unit (self, &served, 1, &fault);
    if (fault != OK)
        served->fault = fault;
    if (outcome == IN_DOUBT)
        mark_uncertain (served);
    // Was it refused because of its own effect, at another replica or in a commit whose outcome was lost?
    if (outcome == UNDONE && *served->key) {
        fault = once_recall (self, served);
        if (fault != NOT_FOUND && fault != UNAVAILABLE)
            served->fault = fault;
    }
    return outcome;
}

// After a batch that failed. What may have taken effect is not run again, unless it is safe to repeat.
static outcome_t run_again (actor_t *self, served_t *served, outcome_t outcome)
{
    bool twice = served->handler && !served->remembered;
    if (outcome == IN_DOUBT && !twice) {
        mark_uncertain (served);
        return IN_DOUBT;
    }
    served->repeats = true;
    return run_alone (self, served);
}

// What it sent has been answered.
static void finish_own (actor_t *self, served_t *served)
{
    if (served->audit.sends)
        audit_ended (self, served);
    free (served->data);
    served->data = NULL;
    turn_end (self, &served);
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
        finish_own (served->host, served);
}

static void send_calls (actor_t *self, served_t *served)
{
    turn_t as_service = served->turn;
    as_service.caller = (caller_t){.role = ROLE_SERVICE, .subject = self->class->name};
    as_service.audit = NULL; // It is what was asked for that is recorded, once
    for (called_t *call = served->calls; call; call = call->next) {
        if (call->sent || call->done)
            continue;
        call->sent = true;
        served->calls_open++;
        bus_requests_ask (self->requests, &as_service, call->number, &call->body, take_call_answer, call);
    }
}

static void tick_no_later (actor_t *self, int64_t at_us)
{
    if (at_us < self->tick_us)
        self->tick_us = at_us;
}

void look_again (actor_t *self)
{
    wake_all (self, false);
    if (self->class->tick)
        tick_no_later (self, clock_steady_us (bus_clock (self->bus)));
}

// The recorded effects happen only now, when the commit is durable.
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
    if (self->class->tick)
        tick_no_later (self, served_steady (served, served->tick_at_us));
}

// A tick or an act has ended. A failed one left no trace, so that the next tick finds everything as it was.
static void end_own (actor_t *self, served_t *served)
{
    if (served->fault == OK)
        tick_no_later (self, served_steady (served, served->next_us));
    else {
        const char *detail = served->turn.detail ? served->turn.detail : fault_text (served->fault);
        log_error (detail, "service", self->class->name, "in", served->act ? "a posted act" : "a tick",
                   "fault", fault_name (served->fault), NULL);
        metric_add (self->own_faults, 1);
        if (self->class->tick)
            tick_no_later (self, clock_steady_us (bus_clock (self->bus)) + ACTOR_TICK_AGAIN);
    }
    if (served->calls_open > 0)
        park (self, served); // Its requests are under way
    else
        finish_own (self, served);
}

static bool is_late (const actor_t *self, const served_t *served)
{
    return served->ends_us <= clock_steady_us (bus_clock (self->bus));
}

// Sends its requests, and parks it if it must wait: then true.
static bool settle (actor_t *self, served_t *served)
{
    if (served->fault == LATER && served->stale)
        served_forget_calls (served);
    if (served->fault == LATER || (served->fault == OK && !served->handler))
        send_calls (self, served);
    bool waits = served->handler && (served->calls_open > 0 ||
                                     (served->fault == LATER && served->waiting && !is_late (self, served)));
    if (waits)
        park (self, served);
    return waits;
}

static void end (actor_t *self, served_t *served)
{
    if (!served->handler)
        end_own (self, served);
    else if (served->fault == LATER && !is_late (self, served))
        make_ready (self, served); // Its requests were answered at once, or are sent anew
    else {
        if (served->fault == LATER)
            served->fault = TIMEOUT;
        answer_turn (self, served);
        turn_end (self, &served);
    }
}

static void conclude (actor_t *self, served_t *served, bool waits)
{
    if (!is_failed (served->fault))
        carry_out (self, served);
    if (!waits)
        end (self, served);
}

static void effects_are_lost (actor_t *self)
{
    if (self->class->effects_lost)
        self->class->effects_lost (self->self);
    look_again (self);
}

void serve_batch (actor_t *self)
{
    served_t *batch[ACTOR_BATCH];
    size_t count = 0;
    self->pace = next_pace (self);
    add_ready (self, batch, &count);
    outcome_t outcome = count > 0 ? run_together (self, batch, &count) : DONE;
    bool in_doubt = outcome == IN_DOUBT, waits[ACTOR_BATCH];
    // Park every waiting turn before any effect leaves: this very commit may have written what they wait for
    for (size_t i = 0; outcome == DONE && i < count; i++)
        waits[i] = settle (self, batch[i]);
    for (size_t i = 0; i < count; i++) {
        if (outcome != DONE) {
            in_doubt |= run_again (self, batch[i], outcome) == IN_DOUBT;
            waits[i] = settle (self, batch[i]);
        }
        conclude (self, batch[i], waits[i]);
    }
    if (in_doubt)
        effects_are_lost (self);
}
