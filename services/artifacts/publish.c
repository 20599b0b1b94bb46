/* publish.c - what a job uploads under which name, its files named at the beginning: put part by part, published when it is whole.
 *
 * A name is taken once in a run. As with GitHub's upload-artifact, `overwrite` replaces what any job of the same run published under it;
 * without it a later attempt replaces what an earlier one of the same job left, as it is the same work done again. An earlier
 * attempt never replaces a later one's. The same attempt that begins the same upload again gets what is there so far. */

#include "common/base/id.h"
#include "services/artifacts/artifacts_self.h"
#include "services/artifacts/paths.h"

#include <string.h>

#define ARTIFACTS_OF_ATTEMPT 500 // GitHub's limit for a job
#define BEGINS               2   // After that whoever is faster each time has the name

artifact_t artifact_shown (const artifact_row_t *row)
{
    return (artifact_t){.id = row->id,
                        .run_id = row->run,
                        .job_id = row->job,
                        .name = row->name,
                        .size = row->upload.size,
                        .sha256 = row->upload.sha256,
                        .complete = row->complete,
                        .created_at = row->created_at,
                        .expires_at = row->expires_at,
                        .part_size = (uint32_t) row->upload.part_size,
                        .parts = row->upload.parts,
                        .number = row->number,
                        .archive = row->archive,
                        .type = row->type ? row->type : ""};
}

// The name is already published: may this one replace it?
static bool may_replace (const turn_t *turn, const artifact_row_t *old, const artifact_row_t *new)
{
    if (old->expires_at && old->expires_at <= turn->now_us)
        return true;
    if (strcmp (old->job, new->job) == 0 && old->attempt != new->attempt)
        return old->attempt < new->attempt;
    return new->overwrite;
}

fault_t artifact_find_old (artifacts_t *self, turn_t *turn, const artifact_row_t *new, artifact_row_t *old)
{
    fault_t fault = artifact_store_published (self->db, turn, new->run, new->name, old);
    if (fault == NOT_FOUND) {
        *old = (artifact_row_t){0};
        return OK;
    }
    TRY (fault);
    if (may_replace (turn, old, new))
        return OK;
    if (strcmp (old->job, new->job) == 0 && old->attempt > new->attempt)
        return turn_fail (turn, CONFLICT, "attempt %u of the job published \"%s\" already", old->attempt,
                          new->name);
    return turn_fail (turn, CONFLICT,
                      "an artifact with this name already exists on the workflow run: \"%s\";"
                      " `overwrite` would replace it",
                      new->name);
}

// An upload of the same files goes on; another one of that name, not yet published, is dropped.
static fault_t take_up (artifacts_t *self, turn_t *turn, const artifact_begin_t *ask, const char *sum,
                        artifact_row_t *old)
{
    TRY (artifact_store_of_attempt (self->db, turn, ask->job, ask->attempt, ask->name, sum, old));
    if (strcmp (old->upload.manifest_sum, sum) == 0 && old->upload.wrong[0] == '\0')
        return OK;
    if (old->complete)
        return NOT_FOUND;
    TRY (db_unit_write (self->db, turn));
    TRY (artifact_store_remove (self->db, turn, old->id, 0));
    sweep_soon (&self->sweeper, turn);
    return NOT_FOUND;
}

static int64_t expiry (const artifacts_t *self, const turn_t *turn, uint32_t days)
{
    int64_t keep = days ? SECONDS (86400) * days : self->retention_us;
    return keep ? turn->now_us + keep : 0;
}

fault_t artifact_add (artifacts_t *self, turn_t *turn, const fence_job_t *of, artifact_row_t *row)
{
    artifact_row_t old;
    int64_t count;
    row->id = id_new (turn->arena, 'f', turn->now_us);
    row->run = of->run;
    row->project = of->project;
    row->created_at = turn->now_us;
    TRY (artifact_find_old (self, turn, row, &old));
    TRY (db_unit_write (self->db, turn));
    TRY (artifact_store_count (self->db, turn, row->job, row->attempt, &count));
    if (count >= ARTIFACTS_OF_ATTEMPT)
        return turn_fail (turn, CONFLICT, "the job has %d artifacts already", ARTIFACTS_OF_ATTEMPT);
    return OK;
}

static fault_t add (artifacts_t *self, turn_t *turn, const artifact_begin_t *ask, const fence_job_t *of,
                    const upload_plan_t *plan, artifact_row_t *row)
{
    *row = (artifact_row_t){.job = ask->job,
                            .attempt = ask->attempt,
                            .name = ask->name,
                            .overwrite = ask->overwrite,
                            .expires_at = expiry (self, turn, ask->retention_days)};
    TRY (artifact_add (self, turn, of, row));
    TRY (upload_begin (&self->uploads, turn, plan, &row->upload));
    return artifact_store_add (self->db, turn, row);
}

HANDLER (artifact_begin)
{
    artifacts_t *self = context;
    const artifact_begin_t *ask = asked;
    artifact_row_t row;
    upload_plan_t plan;
    fence_job_t of;
    TRY (artifact_name_check (turn, ask->name));
    TRY (fence_now (&self->fence, turn, ask->job, ask->attempt, &of));
    if (ask->run[0] && strcmp (ask->run, of.run) != 0)
        return turn_fail (turn, FORBIDDEN, "run: the job is of run %s", of.run);
    const char *key = arena_printf (turn->arena, "begin/%s/%s/%u/%zu/%s", turn->request_id, ask->job,
                                    ask->attempt, ask->files.count, ask->name);
    TRY (upload_plan (&self->uploads, turn, key, &ask->files, &plan));
    fault_t fault = CONFLICT;
    for (int i = 0; i < BEGINS && fault == CONFLICT;
         i++) { // Another request may be the same, on another replica
        fault = take_up (self, turn, ask, plan.sum, &row);
        if (fault == NOT_FOUND)
            fault = add (self, turn, ask, &of, &plan, &row);
    }
    if (!fault)
        *(artifact_t *) answered = artifact_shown (&row);
    return fault;
}

HANDLER (artifact_put)
{
    artifacts_t *self = context;
    const artifact_put_t *ask = asked;
    artifact_row_t row;
    TRY (artifact_store_find (self->db, turn, ask->artifact, &row));
    TRY (fence_lately (&self->fence, turn, row.job, row.attempt));
    TRY (upload_put (&self->uploads, turn, &row.upload, ask->part, &ask->data));
    *(artifact_t *) answered = artifact_shown (&row);
    return OK;
}

fault_t artifact_publish (artifacts_t *self, turn_t *turn, artifact_row_t *row, const char *sha256)
{
    artifact_row_t old;
    TRY (db_unit_write (self->db, turn));
    TRY (artifact_find_old (self, turn, row, &old));
    if (old.id) {
        TRY (artifact_store_remove (self->db, turn, old.id, 0));
        sweep_soon (&self->sweeper, turn);
    }
    TRY (upload_store_seal (self->db, turn, row->upload.id, sha256));
    TRY (artifact_store_publish (self->db, turn, row));
    row->upload.sha256 = sha256;
    row->complete = true;
    return OK;
}

HANDLER (artifact_finish)
{
    artifacts_t *self = context;
    const artifact_finish_t *ask = asked;
    artifact_row_t row;
    fence_job_t of;
    TRY (artifact_store_find (self->db, turn, ask->artifact, &row));
    TRY (fence_now (&self->fence, turn, row.job, row.attempt, &of));
    TRY (upload_check (turn, &row.upload, ask->sha256));
    if (!row.complete)
        TRY (artifact_publish (self, turn, &row, ask->sha256));
    *(artifact_t *) answered = artifact_shown (&row);
    return OK;
}
