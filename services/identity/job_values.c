/* job_values.c - what a job gets: its secrets, once it runs, and the variables that it is planned with.
 *
 * The scheduler says what an attempt may have (job_grant): it knows the job, its workflow and its environment, and no secret. Here are the
 * secrets, and nothing is known of the job. So neither alone can give a secret to the wrong one. */

#include "common/base/metrics.h"
#include "common/db/db_unit.h"
#include "services/identity/environment_store.h"
#include "services/identity/role_store.h"
#include "services/identity/vault_reader.h"
#include "workflow/expression/value.h"

#include <string.h>
#include <strings.h>

typedef struct {
    identity_t *self;
    turn_t *turn;
    const grant_t *grant;
    value_scope_t scope; // With the job's environment
    vaulted_t vaulted;
    value_t *found;
    size_t bytes;
} collection_t;

static void count (const char *result)
{
    metric_add (metrics_counter ("opencicd_job_secrets_total", "result", result,
                                 "Attempts that asked for their secrets, by what they got"),
                1);
}

static const char *passed_as (const collection_t *self, const char *name)
{
    const granted_secret_items_t *passed = &self->grant->passed;
    for (size_t i = 0; i < passed->count; i++)
        if (strcasecmp (passed->items[i].name, name) == 0)
            return identity_upper (self->turn->arena, passed->items[i].from);
    return NULL;
}

// Stored ones come before those of vaults, a project's before those of all projects. NULL where there is none.
static fault_t find_shared (collection_t *self, const char *name, const char **value)
{
    value_row_t row;
    const value_t *of_project = value_get (self->vaulted.project, name);
    TRY (value_store_nearest (self->self->db, self->turn, KIND_OF_SECRET,
                              &(value_scope_t){self->scope.project, ""}, name, &row));
    if (row.name && (*row.scope.project || !of_project))
        return identity_open (self->self, self->turn, &row, value);
    const value_t *found = of_project ? of_project : value_get (self->vaulted.all, name);
    *value = found ? value_to_text (self->turn->arena, found) : NULL;
    return OK;
}

// What this name means to the job: its environment's first, then what its caller passes, then its project's and that of all projects.
static fault_t find (collection_t *self, const char *name, const char **value)
{
    value_row_t row = {0};
    const char *from = passed_as (self, name);
    const value_t *vaulted = value_get (self->vaulted.environment, name);
    *value = NULL;
    if (*self->scope.environment)
        TRY (value_store_nearest (self->self->db, self->turn, KIND_OF_SECRET, &self->scope, name, &row));
    if (row.name && *row.scope.environment)
        return identity_open (self->self, self->turn, &row, value);
    if (vaulted)
        *value = value_to_text (self->turn->arena, vaulted);
    else if (from || self->grant->shared)
        return find_shared (self, from ? from : name, value);
    return OK;
}

static fault_t add (collection_t *self, const char *given)
{
    turn_t *turn = self->turn;
    const char *name = identity_upper (turn->arena, given), *value;
    if (value_get (self->found, name))
        return OK;
    TRY (find (self, name, &value));
    if (!value)
        return OK;
    self->bytes += strlen (name) + strlen (value);
    if (self->bytes > MAX_JOB_SECRETS)
        return turn_fail (turn, INVALID, "the secrets of this job have more than %d bytes", MAX_JOB_SECRETS);
    value_set (turn->arena, self->found, name, value_string (turn->arena, value));
    return OK;
}

static fault_t add_vaulted (collection_t *self, const value_t *object)
{
    for (size_t i = 0; i < object->list.count; i++)
        TRY (add (self, object->list.keys[i]));
    return OK;
}

static fault_t add_scope (collection_t *self, const value_scope_t *scope)
{
    value_rows_t rows;
    TRY (value_store_page (self->self->db, self->turn, KIND_OF_SECRET, scope, "", MAX_SCOPE_VALUES, &rows));
    for (size_t i = 0; i < rows.count; i++)
        TRY (add (self, rows.items[i].name));
    return OK;
}

static fault_t collect (collection_t *self)
{
    const grant_t *grant = self->grant;
    for (size_t i = 0; i < grant->names.count; i++)
        TRY (add (self, grant->names.items[i]));
    for (size_t i = 0; grant->all && i < grant->passed.count; i++)
        TRY (add (self, grant->passed.items[i].name));
    if (!grant->all)
        return OK;
    if (*self->scope.environment)
        TRY (add_scope (self, &self->scope));
    TRY (add_vaulted (self, self->vaulted.environment));
    if (!grant->shared)
        return OK;
    TRY (add_scope (self, &(value_scope_t){self->scope.project, ""}));
    TRY (add_vaulted (self, self->vaulted.project));
    TRY (add_scope (self, &(value_scope_t){"", ""}));
    return add_vaulted (self, self->vaulted.all);
}

// A vault is asked only for a job that names any.
static bool wants_secrets (const grant_t *grant)
{
    return !grant->withheld && (grant->all || grant->names.count > 0);
}

static fault_t put_variables (identity_t *self, turn_t *turn, const value_scope_t *scope, value_t *into)
{
    value_rows_t rows;
    TRY (value_store_page (self->db, turn, KIND_OF_VARIABLE, scope, "", MAX_SCOPE_VALUES, &rows));
    for (size_t i = 0; i < rows.count; i++)
        value_set (turn->arena, into, rows.items[i].name,
                   value_string_n (turn->arena, rows.items[i].value.data, rows.items[i].value.size));
    return OK;
}

static fault_t check_attempt (turn_t *turn, const job_secrets_t *ask)
{
    const caller_t *caller = &turn->caller;
    if (caller->role == ROLE_JOB && strcmp (caller->subject, ask->job) == 0 &&
        caller->attempt == ask->attempt)
        return OK;
    count ("refused");
    return turn_fail (turn, FORBIDDEN, "only attempt %u of job %s itself gets its secrets", ask->attempt,
                      ask->job);
}

HANDLER (job_secrets)
{
    identity_t *self = context;
    const job_secrets_t *ask = asked;
    job_values_t *values = answered;
    grant_t grant;
    TRY (check_attempt (turn, ask));
    const job_grant_t may = {.job = ask->job, .attempt = ask->attempt, .key = ask->key};
    fault_t fault = actor_call (turn, MSG_job_grant, &may, &grant);
    if (fault == FORBIDDEN || fault == CONFLICT || fault == NOT_FOUND)
        count ("refused");
    TRY (fault);
    value_t *variables = value_object (turn->arena);
    collection_t secrets = {.self = self,
                            .turn = turn,
                            .grant = &grant,
                            .scope = {grant.project, identity_key (turn->arena, grant.environment)},
                            .found = value_object (turn->arena)};
    if (wants_secrets (&grant)) {
        TRY (vault_reader_find (self, turn, &grant, &secrets.vaulted));
        TRY (collect (&secrets));
    }
    if (*secrets.scope.environment)
        TRY (put_variables (self, turn, &secrets.scope, variables));
    count (grant.withheld ? "withheld" : "given");
    values->secrets = value_to_json (turn->arena, secrets.found, 0);
    values->variables = value_to_json (turn->arena, variables, 0);
    return OK;
}

HANDLER (variables_read)
{
    identity_t *self = context;
    const variables_read_t *ask = asked;
    variable_values_t *answer = answered;
    value_t *values = value_object (turn->arena);
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "this is for services");
    TRY (put_variables (self, turn, &(value_scope_t){"", ""}, values));
    if (is_given (ask->project))
        TRY (put_variables (self, turn, &(value_scope_t){ask->project, ""}, values));
    answer->values = value_to_json (turn->arena, values, 0);
    return OK;
}

HANDLER (values_purge)
{
    identity_t *self = context;
    const values_purge_t *ask = asked;
    (void) answered;
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "this is for services");
    TRY (db_unit_write (self->db, turn));
    TRY (value_store_lock (self->db, turn));
    TRY (value_store_remove_of (self->db, turn, &(value_scope_t){ask->project, ""}));
    TRY (role_store_remove_project (self->db, turn, ask->project));
    return environment_store_remove (self->db, turn, ask->project, "");
}
