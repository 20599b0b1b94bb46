/* grant.c - which secrets may this attempt have? Identity asks, which has them; here is known whose job it is, what its workflow names, what
 * its caller passes, and whether it runs a stranger's code. No secret is known here.
 *
 * Only what the job's definition names is granted: a job token that is misused reaches nothing that the workflow did not hand to the job
 * anyway. The key keeps out even that: it is in the offer, which nothing that runs in the job has seen. */

#include "services/scheduler/api/handlers.h"
#include "services/scheduler/run/engine.h"
#include "services/scheduler/run/planner.h"
#include "services/scheduler/store/offer_store.h"
#include "workflow/plan/fork.h"
#include "workflow/plan/secret_names.h"

// What calls.secrets says of a name is a text, which the offer has already; or which secret of the caller is meant.
static bool is_passed (const value_t *secret, const char **from)
{
    *from = value_get_text (secret, "from");
    return secret->kind == VALUE_OBJECT && **from && !*value_get_text (secret, "of");
}

// No secret has a longer name, and no message carries one.
static bool can_be (const char *name)
{
    return *name && strlen (name) <= MAX_NAME;
}

static void grant_named (turn_t *turn, const secret_names_t *named, grant_t *out)
{
    out->all = named->all;
    out->names.items = arena_array (turn->arena, named->count + 1, sizeof (char *));
    for (size_t i = 0; i < named->count; i++)
        if (can_be (named->names[i]))
            out->names.items[out->names.count++] = named->names[i];
}

static void grant_passed (turn_t *turn, const value_t *given, grant_t *out)
{
    out->passed.items = arena_array (turn->arena, given->list.count + 1, sizeof (granted_secret_t));
    for (size_t i = 0; i < given->list.count && out->passed.count < MAX_GRANTED; i++) {
        const char *from, *name = given->list.keys[i];
        if (is_passed (given->list.items[i], &from) && can_be (name) && can_be (from) && !same (name, "*"))
            out->passed.items[out->passed.count++] = (granted_secret_t){.name = name, .from = from};
    }
}

static fault_t check_holder (turn_t *turn, const scheduler_t *self, const job_row_t *row,
                             const job_grant_t *ask)
{
    if (row->job.attempt != ask->attempt || !job_is_leased (row))
        return turn_fail (turn, CONFLICT, "attempt %u does not have job %s any more: it gets no secrets",
                          ask->attempt, row->job.id);
    return job_secrets_key_is (&self->key, row->job.id, ask->attempt, ask->key)
               ? OK
               : turn_fail (turn, FORBIDDEN, "key: is not the one that the agent was offered the job with");
}

HANDLER (job_grant)
{
    scheduler_t *self = context;
    const job_grant_t *ask = asked;
    grant_t *grant = answered;
    job_row_t row;
    const rows_t *rows;
    offer_parts_t parts;
    secret_names_t named;
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "this is for services");
    TRY (offer_store_read_later (self->db, turn, ask->job, &rows));
    TRY (job_store_find (self->db, turn, ask->job, &row));
    TRY (check_holder (turn, self, &row, ask));
    TRY (offer_store_found (turn, rows, ask->job, &parts));
    const value_t *given = planner_json (turn->arena, parts.secrets);
    secret_names (turn->arena, parts.definition, &named);
    grant->project = row.job.project_id;
    grant->project_name = parts.project;
    grant->environment = row.job.environment;
    grant->withheld = fork_is (planner_json (turn->arena, parts.github));
    grant_named (turn, &named, grant);
    grant->shared = !parts.called || value_get (given, "*");
    grant_passed (turn, given, grant);
    return OK;
}
