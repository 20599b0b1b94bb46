/* cache_scope.c - whose caches does a job write and see? The artifact store asks; what a run is about is known here. */

#include "workflow/plan/cache_scope.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/run/planner.h"
#include "services/scheduler/store/job_store.h"

HANDLER (cache_scope)
{
    scheduler_t *self = context;
    const cache_scope_t *ask = asked;
    cache_scopes_t *out = answered;
    job_row_t job;
    run_row_t run;
    run_texts_t texts;
    project_row_t project;
    if (turn->caller.role == ROLE_JOB && !same (turn->caller.subject, ask->job))
        return turn_fail (turn, FORBIDDEN, "a job's token is for that job");
    TRY (job_store_find (self->db, turn, ask->job, &job));
    *out = (cache_scopes_t){
        .project = job.job.project_id, .attempt = job.job.attempt, .state = job.job.state, .write = ""};
    if (!*out->project)
        return OK;
    TRY (run_store_find (self->db, turn, job.job.run_id, &run));
    TRY (run_store_texts (self->db, turn, job.job.run_id, &texts));
    TRY (project_store_find (self->db, turn, out->project, &project));
    const value_t *payload = value_get (planner_json (turn->arena, texts.github), "event");
    cache_scope_of_t scope =
        cache_scope_of (turn->arena, run.run.ref, project.project.default_branch, payload);
    out->write = scope.write;
    out->read.items = arena_array (turn->arena, CACHE_REFS, sizeof (char *));
    for (size_t i = 0; i < scope.count; i++)
        out->read.items[out->read.count++] = scope.read[i];
    return OK;
}
