/* scheduler.c - the scheduler as an actor: its table of handlers and its unit of work.
 *
 * A unit of work is one database transaction around a batch of messages. Its first write takes the counter of events (event_store.h), and
 * the last one of the batch stores it. */

#include "services/scheduler/scheduler.h"

#include "common/db_unit.h"
#include "services/scheduler/claim.h"
#include "services/scheduler/event_store.h"
#include "services/scheduler/handlers.h"
#include "services/scheduler/tick.h"

#include <stdlib.h>

static fault_t begin (void *context, turn_t *turn)
{
    scheduler_t *self = context;
    self->writing = self->events_made = false;
    return db_begin (self->db, turn);
}

static fault_t commit (void *context, turn_t *turn)
{
    scheduler_t *self = context;
    if (self->events_made)
        TRY (event_store_set_last (self->db, turn, self->event_id));
    return db_commit (self->db, turn);
}

static void rollback (void *context)
{
    scheduler_t *self = context;
    self->writing = self->events_made = false;
    db_rollback (self->db);
}

static uint64_t writes (void *context)
{
    scheduler_t *self = context;
    return db_writes (self->db);
}

static void stop (void *context)
{
    scheduler_t *self = context;
    pusher_stop (self->pusher);
}

#define ROW(name) {MSG_##name, handle_##name},
static const handler_t handlers[] = {SCHEDULER_HANDLERS (ROW)};
#undef ROW

const actor_class_t scheduler_class = {
    .name = "scheduler",
    .handlers = handlers,
    .count = sizeof handlers / sizeof *handlers,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .writes = writes,
    .announce = db_unit_announce,
    .tick = scheduler_tick,
    .stop = stop,
};

scheduler_t *scheduler_new (const scheduler_options_t *options)
{
    scheduler_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->db = options->db;
    self->lease_seconds = options->lease_seconds ? options->lease_seconds : SCHEDULER_LEASE_SECONDS;
    self->max_attempts = options->max_attempts ? options->max_attempts : SCHEDULER_MAX_ATTEMPTS;
    self->key = *options->key;
    self->server_url = strdup (options->server_url);
    if (!self->server_url)
        abort ();
    self->accepted_at = NEVER;
    self->pusher = pusher_new (claim_told);
    return self;
}

void scheduler_destroy (scheduler_t **self_p)
{
    scheduler_t *self = *self_p;
    if (!self)
        return;
    pusher_destroy (&self->pusher);
    free (self->server_url);
    free (self);
    *self_p = NULL;
}
