/* service.c - the scheduler as a row that any process can host. */

#include "services/scheduler/service.h"

#include "services/scheduler/scheduler.h"

static fault_t make (void **self, turn_t *turn, const service_world_t *world)
{
    const settings_t *settings = world->settings;
    (void) turn;
    scheduler_keeps_t keeps = {.runs_us = SECONDS (86400) * settings->run_retention_days,
                               .runs = settings->run_keep,
                               .events_us = SECONDS (86400) * settings->event_retention_days,
                               .events = settings->event_keep};
    *self = scheduler_new (&(scheduler_options_t){.db = world->db,
                                                  .lease_seconds = settings->lease_seconds,
                                                  .max_attempts = settings->max_attempts,
                                                  .agent_retention_days = settings->agent_retention_days,
                                                  .key = world->key,
                                                  .server_url = world->url,
                                                  .keeps = keeps});
    return OK;
}

static void destroy (void **self_p)
{
    scheduler_destroy ((scheduler_t **) self_p);
}

const service_t scheduler_service = {
    .class = &scheduler_class, .has_database = true, .make = make, .destroy = destroy};
