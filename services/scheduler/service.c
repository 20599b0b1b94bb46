/* service.c - the scheduler as a row that any process can host. */

#include "services/scheduler/service.h"

#include "services/scheduler/scheduler.h"

static fault_t make (void **self, turn_t *turn, const service_world_t *world)
{
    (void) turn;
    *self = scheduler_new (&(scheduler_options_t){.db = world->db,
                                                  .lease_seconds = world->settings->lease_seconds,
                                                  .max_attempts = world->settings->max_attempts,
                                                  .key = world->key,
                                                  .server_url = world->url});
    return OK;
}

static void destroy (void **self_p)
{
    scheduler_destroy ((scheduler_t **) self_p);
}

const service_t scheduler_service = {
    .class = &scheduler_class, .has_database = true, .make = make, .destroy = destroy};
