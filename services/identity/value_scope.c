/* value_scope.c - whose a secret, a variable or an environment is, and who may do what with it.
 *
 * Those of a project are for its developers: whoever can run a job of it can have its secrets anyway. Those of an environment, and its rules,
 * are for its maintainers, because an environment is there to keep something from developers; those of all projects are for administrators. */

#include "common/base/log.h"
#include "common/base/metrics.h"
#include "services/identity/environment_store.h"
#include "services/identity/inside.h"

#include <ctype.h>
#include <string.h>

const char *identity_key (arena_t *arena, const char *environment)
{
    char *key = arena_strdup (arena, environment ? environment : "");
    for (char *at = key; *at; at++)
        *at = (char) tolower ((unsigned char) *at);
    return key;
}

const char *identity_upper (arena_t *arena, const char *name)
{
    char *upper = arena_strdup (arena, name ? name : "");
    for (char *at = upper; *at; at++)
        *at = (char) toupper ((unsigned char) *at);
    return upper;
}

fault_t identity_project (turn_t *turn, const char *named, rights_place_t *out)
{
    project_t project;
    TRY (actor_call (turn, MSG_project_show, &(project_show_t){.project = named}, &project));
    *out = (rights_place_t){project.id, strcmp (project.visibility, "public") == 0};
    return OK;
}

// Other services read what they need by messages of their own.
static fault_t check_person (turn_t *turn)
{
    return role_rank (turn->caller.role) > 0
               ? OK
               : turn_fail (turn, FORBIDDEN, "only people see and set secrets and variables");
}

// What is of all projects takes the role everywhere.
static fault_t check_instance (turn_t *turn, value_right_t right)
{
    role_t least = right == MAY_SEE ? ROLE_VIEWER : right == MAY_SEE_SECRETS ? ROLE_DEVELOPER : ROLE_ADMIN;
    return caller_may_everywhere (&turn->caller, least)
               ? OK
               : turn_fail (turn, FORBIDDEN, "only %s %s may do that with what is of all projects",
                            least == ROLE_ADMIN ? "an" : "a", role_name (least));
}

fault_t identity_in_project (turn_t *turn, value_right_t right, const char *project, const char *environment,
                             const char **id)
{
    rights_place_t place;
    role_t least = right == MAY_SEE           ? ROLE_VIEWER
                   : right == MAY_SEE_SECRETS ? ROLE_DEVELOPER
                   : is_given (environment)   ? ROLE_MAINTAINER
                                              : ROLE_DEVELOPER;
    TRY (check_person (turn));
    TRY (identity_project (turn, project, &place));
    *id = place.project;
    return rights_in_project (turn, &place, least, "project", project);
}

fault_t identity_scope (identity_t *self, turn_t *turn, value_right_t right, const char *project,
                        const char *environment, value_scope_t *out)
{
    environment_t found;
    *out = (value_scope_t){"", ""};
    if (!is_given (project)) {
        TRY (check_person (turn));
        TRY (check_instance (turn, right));
        return is_given (environment) ? turn_fail (turn, INVALID, "environment: name its project too") : OK;
    }
    TRY (identity_in_project (turn, right, project, environment, &out->project));
    if (!is_given (environment))
        return OK;
    out->environment = identity_key (turn->arena, environment);
    TRY (environment_store_find (self->db, turn, out->project, out->environment, &found));
    return found.name
               ? OK
               : turn_fail (turn, NOT_FOUND, "the project %s has no environment %s", project, environment);
}

// No name has a line feed in it.
const char *identity_place (arena_t *arena, const value_scope_t *scope, const char *name)
{
    return arena_printf (arena, "%s\n%s\n%s", scope->project, scope->environment, name);
}

fault_t identity_open (identity_t *self, turn_t *turn, const value_row_t *row, const char **out)
{
    const char *place = identity_place (turn->arena, &row->scope, row->name);
    *out = secret_box_open (&self->box, turn->arena, place, row->key_name, row->value);
    if (*out)
        return OK;
    metric_add (metrics_counter ("opencicd_secrets_unreadable_total", NULL, NULL,
                                 "Secrets that could not be decrypted. Not 0: the key file lacks a key."),
                1);
    return turn_fail (turn, INVALID, // Trying again would not help
                      "the secret %s cannot be decrypted: the server's key file lacks the key %s, or the"
                      " stored bytes were changed; set it again",
                      row->name, row->key_name);
}

typedef struct {
    const char *what, *project, *environment, *name, *by;
} value_record_t;

static void log_record (void *service, void *data)
{
    const value_record_t *record = data;
    (void) service;
    log_info (record->what, "name", record->name, "project", record->project, "environment",
              record->environment, "by", record->by, NULL);
}

void identity_record (turn_t *turn, const char *what, const value_scope_t *scope, const char *name)
{
    value_record_t *record = arena_alloc (turn->arena, sizeof (*record));
    *record = (value_record_t){.what = what,
                               .project = scope->project,
                               .environment = scope->environment,
                               .name = name,
                               .by = turn->caller.subject ? turn->caller.subject : ""};
    actor_after (turn, log_record, record);
}
