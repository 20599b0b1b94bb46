/* open.c - what a job uploads under which name, its files not named at the beginning: opened, filled with blocks, closed and published.
 *
 * That is how GitHub's toolkit uploads: a zip that it makes as it goes, or one file. It is fenced, named and replaced as publish.c says. */

#include "common/base/id.h"
#include "services/artifacts/artifacts_self.h"
#include "services/artifacts/blocks.h"
#include "services/artifacts/cache_self.h"
#include "services/artifacts/paths.h"

#include <string.h>

#define DAYS_MAX 3650 // That an artifact may ask to be kept

// What this attempt left of that name without publishing it is not gone on with: the same request sent again begins anew.
static fault_t drop_unpublished (artifacts_t *self, turn_t *turn, const artifact_open_t *ask)
{
    artifact_row_t row;
    fault_t fault = artifact_store_of_attempt (self->db, turn, ask->job, ask->attempt, ask->name, "", &row);
    if (fault || row.complete)
        return fault == NOT_FOUND ? OK : fault;
    TRY (db_unit_write (self->db, turn));
    TRY (artifact_store_remove (self->db, turn, row.id, 0));
    sweep_soon (&self->sweeper, turn);
    return OK;
}

static fault_t expiry (const artifacts_t *self, turn_t *turn, int64_t asked, int64_t *out)
{
    int64_t most = turn->now_us + SECONDS (86400) * DAYS_MAX;
    *out = self->retention_us ? turn->now_us + self->retention_us : 0;
    if (!asked)
        return OK;
    if (asked <= turn->now_us)
        return turn_fail (turn, INVALID, "expires_at: that time is past");
    *out = asked < most ? asked : most;
    return OK;
}

HANDLER (artifact_open)
{
    artifacts_t *self = context;
    const artifact_open_t *ask = asked;
    artifact_row_t row = {.job = ask->job,
                          .attempt = ask->attempt,
                          .name = ask->name,
                          .overwrite = ask->overwrite,
                          .type = ask->type};
    fence_job_t of;
    TRY (artifact_name_check (turn, ask->name));
    TRY (expiry (self, turn, ask->expires_at, &row.expires_at));
    TRY (fence_now (&self->fence, turn, ask->job, ask->attempt, &of));
    if (ask->run[0] && strcmp (ask->run, of.run) != 0)
        return turn_fail (turn, FORBIDDEN, "run: the job is of run %s", of.run);
    fault_t fault = CONFLICT;
    for (int i = 0; i < 2 && fault == CONFLICT; i++) { // Another replica may be opening it at this moment
        TRY (drop_unpublished (self, turn, ask));
        TRY (artifact_add (self, turn, &of, &row));
        TRY (blocks_open (&self->uploads, turn, &row.upload));
        fault = artifact_store_add (self->db, turn, &row);
    }
    if (!fault)
        *(artifact_t *) answered = artifact_shown (&row);
    return fault;
}

// The upload that blocks are for: an artifact's, or a cache's, then *project is set. `more`: bytes that are to come.
static fault_t upload_of (artifacts_t *self, turn_t *turn, const char *id, size_t more, upload_t *out,
                          const char **project)
{
    artifact_row_t row;
    cache_row_t cache;
    *project = NULL;
    if (!id_is (id, CACHE_ID)) {
        TRY (artifact_store_find (self->db, turn, id, &row));
        *out = row.upload;
        return fence_lately (&self->fence, turn, row.job, row.attempt);
    }
    TRY (cache_store_find (self->db, turn, id, &cache));
    *out = cache.upload;
    *project = cache.project;
    TRY (fence_lately (&self->fence, turn, cache.job, cache.attempt));
    return more ? cache_check_piece (self, turn, &cache, more) : OK;
}

HANDLER (artifact_block)
{
    artifacts_t *self = context;
    const artifact_block_t *ask = asked;
    upload_t upload;
    const char *project;
    TRY (upload_of (self, turn, ask->artifact, ask->data.size, &upload, &project));
    TRY (blocks_put (&self->uploads, turn, &upload, project, ask));
    ((done_t *) answered)->id = ask->artifact;
    return OK;
}

HANDLER (artifact_gather)
{
    artifacts_t *self = context;
    const artifact_gather_t *ask = asked;
    upload_t upload;
    const char *project;
    TRY (upload_of (self, turn, ask->artifact, 0, &upload, &project));
    TRY (blocks_gather (&self->uploads, turn, &upload, ask));
    ((gathered_t *) answered)->blocks = upload.gathered;
    return OK;
}

// Is it as its job says it is?
static fault_t check (turn_t *turn, const artifact_row_t *row, const artifact_close_t *ask)
{
    const char *sum = sha256_hex (&row->upload.sha, turn->arena);
    if (!row->upload.closed)
        return turn_fail (turn, CONFLICT, "the list of blocks of \"%s\" has not come", row->name);
    if (row->upload.size != ask->size)
        return turn_fail (turn, INVALID, "size: %lld bytes are stored, not %lld",
                          (long long) row->upload.size, (long long) ask->size);
    if (ask->sha256[0] && strcmp (ask->sha256, sum) != 0)
        return turn_fail (turn, INVALID, "sha256: the stored bytes have %s", sum);
    return OK;
}

static bool is_zip (const char *type)
{
    return strcmp (type, "application/zip") == 0 || strcmp (type, "zip") == 0;
}

HANDLER (artifact_close)
{
    artifacts_t *self = context;
    const artifact_close_t *ask = asked;
    artifact_row_t row;
    fence_job_t of;
    upload_plan_t plan;
    TRY (fence_now (&self->fence, turn, ask->job, ask->attempt, &of));
    fault_t fault = artifact_store_of_attempt (self->db, turn, ask->job, ask->attempt, ask->name, "", &row);
    if (fault == NOT_FOUND)
        return turn_fail (turn, NOT_FOUND, "this attempt has begun no artifact \"%s\"", ask->name);
    TRY (fault);
    TRY (check (turn, &row, ask));
    if (!row.complete) {
        TRY (upload_index (&self->uploads, turn, &row.upload, row.name, is_zip (row.type), &plan));
        TRY (db_unit_write (self->db, turn));
        TRY (upload_store_set_manifest (self->db, turn, row.upload.id, &plan.manifest));
        row.archive = plan.archive;
        TRY (artifact_publish (self, turn, &row, sha256_hex (&row.upload.sha, turn->arena)));
    }
    *(artifact_t *) answered = artifact_shown (&row);
    return OK;
}
