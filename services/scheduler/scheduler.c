/* scheduler.c - the scheduler as an actor: its table of handlers, and its state from start to end. Its unit of work: commit.c. */

#include "services/scheduler/scheduler.h"

#include "common/actor/background.h"
#include "common/db/db_unit.h"
#include "services/scheduler/api/ahead.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/api/rights.h"
#include "services/scheduler/api/workflow_cache.h"
#include "services/scheduler/commit.h"
#include "services/scheduler/dispatch/job_start.h"
#include "services/scheduler/dispatch/offer.h"
#include "services/scheduler/run/engine.h"
#include "services/scheduler/run/file_reader.h"
#include "services/scheduler/time/tick.h"
#include "services/scheduler/unit/lease_clock.h"
#include "services/scheduler/unit/unit.h"

#include <stdlib.h>

// As after a start: offers that were committed and not delivered are delivered again.
static void effects_lost (void *context)
{
    ((scheduler_t *) context)->started = false;
}

static void stop (void *context)
{
    scheduler_t *self = context;
    pusher_stop (self->pusher);
    background_stop (self->readers);
}

static void forget (scheduler_t *self)
{
    engine_forget (self);
    offer_forget (self);
}

#define ROW(message) HANDLER_ROW (message),
static const handler_t handlers[] = {SCHEDULER_HANDLERS (ROW)};
#undef ROW

const actor_class_t scheduler_class = {
    .name = "scheduler",
    .handlers = handlers,
    .count = sizeof handlers / sizeof *handlers,
    .may = scheduler_may,
    .begin = commit_begin,
    .prepare = commit_prepare,
    .commit = commit_write,
    .rollback = commit_rollback,
    .writes = commit_writes,
    .ahead = read_ahead,
    .in_doubt = db_unit_in_doubt,
    .requests = &db_unit_requests,
    .audit = &db_unit_audit,
    .effects_lost = effects_lost,
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
    self->forget = forget;
    self->lease_seconds = options->lease_seconds ? options->lease_seconds : SCHEDULER_LEASE_SECONDS;
    self->max_attempts = options->max_attempts ? options->max_attempts : SCHEDULER_MAX_ATTEMPTS;
    self->keeps = options->keeps;
    if (self->keeps.events_us == 0)
        self->keeps.events_us = SCHEDULER_EVENTS_US;
    if (self->keeps.events == 0)
        self->keeps.events = SCHEDULER_EVENTS;
    self->key = *options->key;
    self->server_url = strdup (options->server_url);
    self->variables = strdup (options->variables ? options->variables : "{}");
    if (!self->server_url || !self->variables)
        abort ();
    self->accepted_at = NEVER;
    self->emitted_arena = arena_new ();
    self->agent_retention_us = options->agent_retention_days * SECONDS (86400);
    self->clock = options->clock;
    lease_clock_init (self);
    self->pusher = pusher_new (job_start_pushed);
    self->missed_matches =
        metrics_counter ("opencicd_missed_matches_total", NULL, NULL,
                         "Jobs that met an idle agent only when all were looked at. Not 0: report it.");
    self->readers = background_new (READER_THREADS);
    return self;
}

void scheduler_destroy (scheduler_t **self_p)
{
    scheduler_t *self = *self_p;
    if (!self)
        return;
    pusher_destroy (&self->pusher);
    engine_end (self);
    workflow_cache_clear (self);
    background_destroy (&self->readers);
    free (self->server_url);
    free (self->variables);
    arena_destroy (&self->emitted_arena);
    free (self);
    *self_p = NULL;
}
