/* fence.c - see fence.h. */

#include "services/artifacts/fence.h"

#include "common/actor/actor.h"

#include <stdio.h>
#include <string.h>

static long find (const fence_t *self, const char *job)
{
    for (size_t i = 0; i < FENCE_JOBS; i++)
        if (strcmp (self->jobs[i].job, job) == 0)
            return (long) i;
    return -1;
}

static void remember (fence_t *self, const turn_t *turn, const char *job, const fence_job_t *of,
                      uint32_t attempt)
{
    long at = find (self, job);
    if (at < 0) {
        at = (long) (self->next++ % FENCE_JOBS);
        snprintf (self->jobs[at].job, sizeof (self->jobs[at].job), "%s", job);
    }
    snprintf (self->jobs[at].run, sizeof (self->jobs[at].run), "%s", of->run);
    snprintf (self->jobs[at].project, sizeof (self->jobs[at].project), "%s", of->project);
    self->jobs[at].attempt = attempt;
    self->jobs[at].held_us = turn->now_us;
}

static bool is_held (uint32_t state)
{
    return state == job_assigned || state == job_running || state == job_cancelling;
}

static fault_t check_holds (turn_t *turn, const char *job, uint32_t attempt, uint32_t latest, uint32_t state)
{
    if (latest != attempt)
        return turn_fail (turn, CONFLICT, "attempt %u of job %s is over; attempt %u has its place", attempt,
                          job, latest);
    if (!is_held (state))
        return turn_fail (turn, CONFLICT, "job %s is %s; what it made cannot change any more", job,
                          state_name (&states_job, state));
    return OK;
}

static fault_t ask (fence_t *self, turn_t *turn, const char *job, job_t *shown, fence_job_t *out)
{
    TRY (actor_call (turn, MSG_job_show, &(job_show_t){.job = job}, shown));
    *out = (fence_job_t){.run = shown->run_id && shown->run_id[0] ? shown->run_id : job,
                         .project = shown->project_id ? shown->project_id : ""};
    remember (self, turn, job, out, is_held (shown->state) ? shown->attempt : 0);
    return OK;
}

static fault_t check_caller (turn_t *turn, const char *job, uint32_t attempt)
{
    const caller_t *caller = &turn->caller;
    if (caller->role != ROLE_JOB || strcmp (caller->subject, job) != 0 || caller->attempt != attempt)
        return turn_fail (turn, FORBIDDEN, "only job %s itself, in attempt %u, may upload that", job,
                          attempt);
    return OK;
}

fault_t fence_now (fence_t *self, turn_t *turn, const char *job, uint32_t attempt, fence_job_t *out)
{
    job_t shown;
    TRY (check_caller (turn, job, attempt));
    TRY (ask (self, turn, job, &shown, out));
    return check_holds (turn, job, attempt, shown.attempt, shown.state);
}

fault_t fence_scopes (turn_t *turn, const char *job, uint32_t attempt, cache_scopes_t *out)
{
    TRY (check_caller (turn, job, attempt));
    TRY (actor_call (turn, MSG_cache_scope, &(cache_scope_t){.job = job}, out));
    return check_holds (turn, job, attempt, out->attempt, out->state);
}

fault_t fence_lately (fence_t *self, turn_t *turn, const char *job, uint32_t attempt)
{
    fence_job_t ignored;
    TRY (check_caller (turn, job, attempt));
    long at = find (self, job);
    int64_t age = at < 0 ? -1 : turn->now_us - self->jobs[at].held_us;
    if (attempt > 0 && age >= 0 && age < FENCE_AGE && self->jobs[at].attempt == attempt)
        return OK;
    return fence_now (self, turn, job, attempt, &ignored);
}

fault_t fence_job (fence_t *self, turn_t *turn, const char *job, fence_job_t *out)
{
    job_t shown;
    long at = find (self, job);
    if (at < 0)
        return ask (self, turn, job, &shown, out);
    *out = (fence_job_t){.run = arena_strdup (turn->arena, self->jobs[at].run),
                         .project = arena_strdup (turn->arena, self->jobs[at].project)};
    return OK;
}
