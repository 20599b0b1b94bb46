/* claims.c - what may this attempt say of itself to others? Identity asks, which signs it and knows nothing of the job.
 *
 * All of it comes from rows: what the job says has no part in it. A repository is known to others by OWNER/NAME alone, wherever its project
 * is fetched from; so of several projects of one OWNER/NAME only the first that was registered has identities: whoever may register
 * projects cannot pass for another's. */

#include "workflow/plan/claims.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/run/engine.h"
#include "services/scheduler/run/planner.h"
#include "services/scheduler/store/offer_store.h"
#include "workflow/plan/context.h"
#include "workflow/plan/fork.h"

#include <string.h>
#include <strings.h>

static fault_t check_attempt (turn_t *turn, const job_row_t *row, uint32_t attempt,
                              const offer_parts_t *parts)
{
    if (row->job.attempt != attempt || !job_is_leased (row))
        return turn_fail (turn, CONFLICT, "attempt %u does not have job %s any more: it gets no identity",
                          attempt, row->job.id);
    return claims_wanted (turn->arena, parts->definition)
               ? OK
               : turn_fail (
                     turn, FORBIDDEN,
                     "the job has no `permissions: {id-token: write}`, or a workflow that calls its own has"
                     " not");
}

static bool is_elder (const project_t *one, const project_t *other)
{
    return one->created_at != other->created_at ? one->created_at < other->created_at
                                                : strcmp (one->id, other->id) < 0;
}

static fault_t check_repository (scheduler_t *self, turn_t *turn, const project_t *own,
                                 const char *repository)
{
    project_items_t alike;
    const char *slash = strrchr (repository, '/'), *name = slash ? slash + 1 : repository;
    TRY (project_store_named (self->db, turn, name, own->created_at, &alike));
    for (size_t i = 0; i < alike.count; i++) {
        const project_t *other = &alike.items[i];
        const char *its = context_repository (turn->arena, other->url, other->name);
        if (is_elder (other, own) && strcasecmp (its, repository) == 0)
            return turn_fail (turn, FORBIDDEN,
                              "the project %s was registered earlier, and its repository too is %s to others:"
                              " only its jobs get identities",
                              other->name, repository);
    }
    if (alike.count >= NAMED_MAX)
        return turn_fail (turn, FORBIDDEN, "more than %d projects have a repository like %s", NAMED_MAX,
                          name);
    return OK;
}

HANDLER (job_claims)
{
    scheduler_t *self = context;
    const job_claims_t *ask = asked;
    job_identity_t *answer = answered;
    job_row_t row;
    project_row_t project;
    const rows_t *rows;
    offer_parts_t parts;
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "this is for services");
    TRY (offer_store_read_later (self->db, turn, ask->job, &rows));
    TRY (job_store_find (self->db, turn, ask->job, &row));
    TRY (offer_store_found (turn, rows, ask->job, &parts));
    TRY (check_attempt (turn, &row, ask->attempt, &parts));
    const value_t *github = planner_json (turn->arena, parts.github);
    const char *repository = value_get_text (github, "repository");
    answer->claims = "{}";
    answer->withheld = fork_is (github);
    if (answer->withheld)
        return OK;
    TRY (project_store_find (self->db, turn, row.job.project_id, &project));
    TRY (check_repository (self, turn, &project.project, repository));
    const claims_of_t of = {.github = github,
                            .environment = row.job.environment,
                            .workflow = parts.workflow,
                            .workflow_sha = parts.url_sha,
                            .job = row.job.id,
                            .project = row.job.project_id,
                            .project_name = parts.project,
                            .run_attempt = parts.run_attempt};
    answer->owner = value_get_text (github, "repository_owner");
    answer->claims = value_to_json (turn->arena, claims_make (turn->arena, &of), 0);
    return OK;
}
