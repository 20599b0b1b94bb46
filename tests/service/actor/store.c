/* store.c - see store.h. */

#include "tests/service/actor/store.h"

#include "tests/unit/test.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

fault_t store_begin (void *context, turn_t *turn)
{
    store_t *self = context;
    (void) turn;
    self->written = (int) self->committed;
    return OK;
}

static void take_effect (store_t *self)
{
    self->committed = (int) self->written;
    self->commits++;
    self->kept = self->count;
}

// The last row of the open unit of work, with another answer.
static void make_rival (store_t *self)
{
    self->rival = self->rows[self->count - 1];
    char *answer = malloc (self->rival.size + 1);
    memcpy (answer, self->rival.answer, self->rival.size);
    char *id = memmem (answer, self->rival.size, "-1", 2);
    CHECK (id);
    id[1] = '9';
    self->rival.answer = answer;
}

fault_t store_commit (void *context, turn_t *turn)
{
    store_t *self = context;
    self->in_doubt = self->doubt_commits > 0 && self->written != self->committed &&
                     (!self->doubt_rows || self->count > self->kept);
    if (self->in_doubt) {
        self->doubt_commits--;
        if (self->doubt_holds)
            take_effect (self);
        if (self->doubt_rival)
            make_rival (self);
        return turn_fail (turn, UNAVAILABLE, "the connection ended");
    }
    if (self->fail_commits > 0) {
        self->fail_commits--;
        return turn_fail (turn, NO_SPACE, "the disk is full");
    }
    take_effect (self);
    return OK;
}

static void cut (store_t *self, int count)
{
    for (; self->count > count; self->count--)
        free (self->rows[self->count - 1].answer);
}

void store_rollback (void *context)
{
    store_t *self = context;
    self->undone++;
    self->written = (int) self->committed;
    cut (self, self->kept);
    if (!self->rival.answer)
        return;
    self->rows[self->count++] = self->rival;
    self->kept = self->count;
    self->rival = (store_row_t){.answer = NULL};
}

uint64_t store_writes (void *context)
{
    return (uint64_t) atomic_load (&((store_t *) context)->written);
}

bool store_in_doubt (void *context)
{
    return ((store_t *) context)->in_doubt;
}

static store_row_t *find (store_t *self, const char *key)
{
    for (int i = 0; i < self->count; i++)
        if (strcmp (self->rows[i].key, key) == 0)
            return &self->rows[i];
    return NULL;
}

static fault_t remember (void *context, turn_t *turn, const remembered_t *request)
{
    store_t *self = context;
    (void) turn;
    if (find (self, request->key))
        return CONFLICT;
    CHECK (self->count < STORE_ROWS && strlen (request->key) == REQUEST_KEY - 1);
    store_row_t *row = &self->rows[self->count++];
    *row = (store_row_t){.asked = request->asked, .kept = request->kept, .size = request->size};
    memcpy (row->key, request->key, sizeof row->key);
    row->answer = malloc (request->size + 1);
    memcpy (row->answer, request->answer, request->size);
    return OK;
}

static fault_t recall (void *context, turn_t *turn, const char *key, remembered_t *request)
{
    store_t *self = context;
    if (self->fail_recalls > 0) {
        self->fail_recalls--;
        return turn_fail (turn, UNAVAILABLE, "there is no connection");
    }
    const store_row_t *row = find (self, key);
    if (!row)
        return NOT_FOUND;
    *request = (remembered_t){row->key, row->asked, row->kept, row->answer, row->size};
    return OK;
}

static bool is_certain (void *context)
{
    return !((store_t *) context)->uncertain;
}

const request_memory_t store_requests = {.remember = remember, .recall = recall, .certain = is_certain};

void store_clear (store_t *self)
{
    cut (self, 0);
}

void until_at_least (atomic_int *number, int least)
{
    int64_t deadline_us = test_until_us ();
    while (atomic_load (number) < least && clock_monotonic_us () < deadline_us)
        sched_yield ();
    CHECK (atomic_load (number) >= least);
}

fault_t ask_by (bus_client_t *client, wall_clock_t *clock, turn_t *turn, uint16_t number, const void *message,
                void *answer)
{
    turn->deadline_us = clock_now_us (clock) + SECONDS (30);
    return bus_client_call (client, turn, number, message, answer);
}
