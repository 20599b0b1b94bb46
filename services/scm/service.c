/* service.c - the scm service as a row that any process can host. */

#include "services/scm/service.h"

#include "services/scm/scm.h"

static fault_t make (void **self, turn_t *turn, const service_world_t *world)
{
    const char *folder = arena_printf (turn->arena, "%s/scm", world->settings->data_dir);
    *self = scm_new (&(scm_options_t){.folder = folder,
                                      .blob = world->blob,
                                      .db = world->db,
                                      .key = world->key,
                                      .url = world->url,
                                      .folders = world->settings->scm_folders,
                                      .private_networks = world->settings->scm_private_networks,
                                      .git_config = world->settings->scm_git_config,
                                      .sources = world->settings->action_sources});
    return OK;
}

static void destroy (void **self_p)
{
    scm_destroy ((scm_t **) self_p);
}

const service_t scm_service = {
    .class = &scm_class, .has_database = true, .has_blobs = true, .make = make, .destroy = destroy};
