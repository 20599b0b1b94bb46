/* actor_audit.c - see actor_audit.h. What fails is sent again, and what a process left is sent by the next one, or by another replica: whoever
 * keeps records knows each by its id, and takes it once. */

#include "common/actor/actor_audit.h"

#include "common/actor/actor_host.h"

#include <stdio.h>
#include <stdlib.h>

#define AUDIT_ROWS  100                // Sent at once
#define AUDIT_ID    65                 // Characters of an id with its NUL
#define AUDIT_SOON  MILLISECONDS (100) // Until records of several commits are sent together
#define AUDIT_AGAIN SECONDS (2)        // After a failure
#define AUDIT_LOOK  SECONDS (60)       // What a replica left that is gone

// ---- with the change ----

void actor_audit (turn_t *turn, const audit_record_t *record)
{
    served_of (turn)->audit.note = record;
}

static bool is_recorded (const served_t *served)
{
    return served->handler && served->turn.audit && served->fault == OK &&
           (served->audit.changed || served->wrote);
}

static fault_t record (actor_t *self, served_t *served)
{
    audit_record_t one;
    turn_t *turn = &served->turn;
    TRY (bus_codec (self->bus)->audit_entry (turn, turn->audit, served->answer_number, served->answer, &one));
    return self->class->audit->add (self->self, turn, self->class->name, &one);
}

fault_t audit_add (actor_t *self, served_t **batch, size_t count)
{
    const audit_memory_t *memory = self->class->audit;
    for (size_t i = 0; memory && i < count; i++) {
        if (is_recorded (batch[i]))
            TRY (record (self, batch[i]));
        if (batch[i]->fault == OK && batch[i]->audit.note)
            TRY (memory->add (self->self, &batch[i]->turn, self->class->name, batch[i]->audit.note));
    }
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
        if (is_recorded (batch[i]) || batch[i]->audit.note)
            send_no_later (self, now_us (self) + AUDIT_SOON);
        batch[i]->audit.changed |= batch[i]->wrote;
    }
}

// ---- afterwards ----

typedef struct {
    size_t count;
    char ids[AUDIT_ROWS][AUDIT_ID];
} taken_ids_t;

static fault_t remove_taken (void *self, turn_t *turn, void *data)
{
    const taken_ids_t *taken = data;
    const audit_memory_t *memory = actor_of (turn)->class->audit;
    for (size_t i = 0; i < taken->count; i++)
        TRY (memory->remove (self, turn, taken->ids[i]));
    return OK;
}

static fault_t send_records (void *self, turn_t *turn, void *data)
{
    served_t *served = served_of (turn);
    const actor_t *actor = actor_of (turn);
    taken_ids_t *taken = data;
    audit_records_t rows;
    uint16_t number;
    const void *ask;
    TRY (actor->class->audit->first (self, turn, actor->class->name, AUDIT_ROWS, &rows));
    for (taken->count = 0; taken->count < rows.count; taken->count++)
        snprintf (taken->ids[taken->count], AUDIT_ID, "%s", rows.items[taken->count].id);
    served->audit.removes = rows.count > 0;
    if (rows.count == 0)
        return OK;
    TRY (bus_codec (actor->bus)->audit_put (turn, &rows, &number, &ask));
    return actor_call (turn, number, ask, NULL);
}

static void begin (actor_t *self, actor_act_fn act, void *data)
{
    served_t *served = turn_begin (self);
    served->act = act;
    served->data = data;
    served->audit.sends = true;
    self->audit_us = NEVER;
    make_ready (self, served);
}

void audit_take (actor_t *self)
{
    if (!self->class->audit || now_us (self) < self->audit_us)
        return;
    taken_ids_t *taken = calloc (1, sizeof *taken);
    if (!taken)
        abort ();
    self->audit_more = false;
    begin (self, send_records, taken);
}

static bool are_answered (const served_t *served)
{
    for (const called_t *call = served->calls; call; call = call->next)
        if (call->fault != OK)
            return false;
    return served->calls != NULL;
}

void audit_ended (actor_t *self, served_t *served)
{
    bool sent = served->act == send_records;
    if (served->fault == OK && sent && served->audit.removes && are_answered (served)) {
        begin (self, remove_taken, served->data);
        served->data = NULL;
        return;
    }
    bool failed = served->fault != OK || (sent && served->audit.removes);
    bool more = !sent || self->audit_more;
    self->audit_us = now_us (self) + (failed ? AUDIT_AGAIN : more ? 0 : AUDIT_LOOK);
}
