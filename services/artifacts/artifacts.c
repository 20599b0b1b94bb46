/* artifacts.c - the artifact store's table of handlers, its unit of work, who may do what. */

#include "services/artifacts/artifacts.h"

#include "common/sweep.h"
#include "services/artifacts/artifacts_self.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS     2
#define UPLOAD_IDLE SECONDS (86400) // An upload that nobody went on with for so long is dropped

artifacts_t *artifacts_new (const artifacts_options_t *options)
{
    artifacts_t *self = calloc (1, sizeof (*self));
    if (!self)
        abort ();
    self->db = options->db;
    self->blob = options->blob;
    self->errands = errands_new (THREADS);
    self->retention_us = SECONDS (86400) * options->retention_days;
    return self;
}

void artifacts_destroy (artifacts_t **self_p)
{
    artifacts_t *self = *self_p;
    if (!self)
        return;
    errands_destroy (&self->errands);
    free (self);
    *self_p = NULL;
}

static int64_t tick (void *service, turn_t *turn)
{
    static const sweep_t over = {.what = "artifacts",
                                 .over = artifact_store_over,
                                 .remove = artifact_store_remove,
                                 .garbage = artifact_store_garbage,
                                 .gone = artifact_store_gone};
    artifacts_t *self = service;
    return sweep (&over, self->db, self->blob, turn, turn->now_us - UPLOAD_IDLE, &self->clean_us);
}

static void stop (void *self)
{
    errands_stop (((artifacts_t *) self)->errands);
}

static const char *known_run (const artifacts_t *self, const char *job)
{
    for (size_t i = 0; i < RUNS_KNOWN; i++)
        if (strcmp (self->runs[i].job, job) == 0)
            return self->runs[i].run;
    return NULL;
}

fault_t artifacts_run_of (artifacts_t *self, turn_t *turn, const char *job, const char **run)
{
    if ((*run = known_run (self, job)))
        return OK;
    job_t shown;
    fault_t fault = actor_call (turn, MSG_job_show, &(job_show_t){.job = job}, &shown);
    if (fault)
        return fault;
    *run = shown.run_id && shown.run_id[0] ? shown.run_id : job;
    size_t at = self->next_run++ % RUNS_KNOWN;
    snprintf (self->runs[at].job, sizeof (self->runs[at].job), "%s", job);
    snprintf (self->runs[at].run, sizeof (self->runs[at].run), "%s", *run);
    return OK;
}

fault_t artifacts_may_write (turn_t *turn, const char *job, uint32_t attempt)
{
    const caller_t *caller = &turn->caller;
    if (caller->role == ROLE_SERVICE)
        return OK;
    if (caller->role != ROLE_JOB || strcmp (caller->subject, job) != 0 || caller->attempt != attempt)
        return turn_fail (turn, FORBIDDEN, "only job %s itself, in attempt %u, may upload that", job,
                          attempt);
    return OK;
}

fault_t artifacts_may_read (artifacts_t *self, turn_t *turn, const char *run)
{
    const char *own;
    if (turn->caller.role != ROLE_JOB)
        return OK;
    fault_t fault = artifacts_run_of (self, turn, turn->caller.subject, &own);
    if (!fault && strcmp (own, run) != 0)
        return turn_fail (turn, NOT_FOUND, "there is no such artifact in this job's run");
    return fault;
}

static const handler_t handlers[] = {
    {MSG_artifact_begin, artifacts_begin},   {MSG_artifact_put, artifacts_put},
    {MSG_artifact_finish, artifacts_finish}, {MSG_artifact_list, artifacts_list},
    {MSG_artifact_show, artifacts_show},     {MSG_artifact_remove, artifacts_remove},
    {MSG_artifact_read, artifacts_read},
};

const actor_class_t artifacts_class = {
    .name = "artifacts",
    .handlers = handlers,
    .count = sizeof (handlers) / sizeof (handlers[0]),
    .commit = db_unit_commit,
    .rollback = db_unit_rollback,
    .writes = db_unit_writes,
    .tick = tick,
    .stop = stop,
};
