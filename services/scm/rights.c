/* rights.c - who may ask scm what: forges belong to the instance, a project's repository at its forge to the project. What was delivered is read by
 * whoever has the role everywhere: a delivery is shown as it came, whatever it says of others. */

#include "services/scm/self.h"

// clang-format off
static const right_t rights[RIGHT_MESSAGES] = {
    RIGHT (forge_add, INSTANCE, ADMIN)
    RIGHT (forge_list, INSTANCE, VIEWER)
    RIGHT (forge_show, INSTANCE, VIEWER)
    RIGHT (forge_remove, INSTANCE, ADMIN)
    RIGHT (forge_repository_list, INSTANCE, ADMIN)
    RIGHT (forge_connect, INSTANCE, ADMIN)
    RIGHT_IN (forge_project_show, PROJECT, project, VIEWER)
    RIGHT_IN (forge_project_set, PROJECT, project, MAINTAINER)
    RIGHT_IN (forge_check, PROJECT, project, DEVELOPER)
    RIGHT_IN (forge_compare, PROJECT, project, DEVELOPER)
    RIGHT_IN (forge_hook_show, PROJECT, project, MAINTAINER)
    RIGHT_IN (forge_status_list, PROJECT, project, VIEWER)
    RIGHT (delivery_list, INSTANCE, DEVELOPER)
    RIGHT (delivery_show, INSTANCE, DEVELOPER)
    RIGHT (delivery_resend, INSTANCE, DEVELOPER)
    RIGHT (delivery_approve, INSTANCE, DEVELOPER)
    RIGHT_OF (hook_post, ~0u) // Its signature says who it is
};
// clang-format on

fault_t scm_may (void *context, turn_t *turn, uint16_t ask_number, const void *ask)
{
    scm_t *self = context;
    const right_t *right = rights_row (rights, ask_number);
    bool depends;
    TRY (rights_check (turn, right, &depends));
    return depends ? places_check_project (&self->places, turn, right, rights_named (right, ask)) : OK;
}
