/* forge_rest.h - the calls that GitHub's API and those that follow it (Gitea, Forgejo) have in common. See forge.h. */

#ifndef OPENCICD_SCM_FORGE_REST_H
#define OPENCICD_SCM_FORGE_REST_H

#include "services/scm/forges/forge_http.h"

typedef struct {
    const char *type; // `name` or `type` of the webhook that is made: {"name", "web"}
    const char *type_value;
    const char *const *events; // That it is sent; ends with NULL
    const char *page;          // "per_page=100" or "limit=50"
} forge_rest_t;

MUST_USE fault_t forge_rest_find (forge_call_t *call, forge_repository_t *out);
MUST_USE fault_t forge_rest_list (forge_call_t *call, const forge_rest_t *rest, uint32_t page,
                                  forge_repositories_t *out);
MUST_USE fault_t forge_rest_hook (forge_call_t *call, const forge_rest_t *rest, forge_hook_t *hook);
MUST_USE fault_t forge_rest_unhook (forge_call_t *call, const char *hook);
MUST_USE fault_t forge_rest_pull (forge_call_t *call, int64_t number, const value_t **out);
MUST_USE fault_t forge_rest_status (forge_call_t *call, const forge_shown_t *status);

#endif
