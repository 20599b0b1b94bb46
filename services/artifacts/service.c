/* service.c - the artifact store as a row that any process can host. */

#include "services/artifacts/service.h"

#include "services/artifacts/artifacts.h"

static fault_t make (void **self, turn_t *turn, const service_world_t *world)
{
    (void) turn;
    *self = artifacts_new (
        &(artifacts_options_t){.db = world->db,
                               .blob = world->blob,
                               .retention_days = world->settings->artifact_retention_days,
                               .cache_limit = (int64_t) world->settings->cache_project_mib << 20,
                               .cache_unused_days = world->settings->cache_unused_days});
    return OK;
}

static void destroy (void **self_p)
{
    artifacts_destroy ((artifacts_t **) self_p);
}

const service_t artifacts_service = {
    .class = &artifacts_class, .has_database = true, .has_blobs = true, .make = make, .destroy = destroy};
