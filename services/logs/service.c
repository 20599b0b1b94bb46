/* service.c - the log collector as a row that any process can host. */

#include "services/logs/service.h"

#include "services/logs/logs.h"

static fault_t make (void **self, turn_t *turn, const service_world_t *world)
{
    (void) turn;
    *self = logs_new (&(logs_options_t){.db = world->db,
                                        .blob = world->blob,
                                        .retention_days = world->settings->log_retention_days,
                                        .max_bytes = (int64_t) world->settings->log_max_gib << 30,
                                        .project_bytes = (int64_t) world->settings->log_project_gib << 30});
    return OK;
}

static void destroy (void **self_p)
{
    logs_destroy ((logs_t **) self_p);
}

const service_t logs_service = {
    .class = &logs_class, .has_database = true, .has_blobs = true, .make = make, .destroy = destroy};
