/* upload.c - begin and finish: what an upload is going to be, and whether it became that.
 *
 * The same attempt that begins the same upload again gets what is there so far. A later attempt of the same job replaces what an
 * earlier one published, asked or not: it is the same job's work, done again. */

#include "common/id.h"
#include "services/artifacts/artifacts_self.h"
#include "services/artifacts/paths.h"

#include <string.h>

static fault_t own_run (artifacts_t *self, turn_t *turn, const artifact_begin_t *ask, const char **run)
{
    if (turn->caller.role == ROLE_SERVICE && ask->run[0]) {
        *run = ask->run;
        return OK;
    }
    fault_t fault = artifacts_run_of (self, turn, ask->job, run);
    if (!fault && ask->run[0] && strcmp (ask->run, *run) != 0)
        return turn_fail (turn, FORBIDDEN, "run: the job is of run %s", *run);
    return fault;
}

// Something of that name is published already: may this upload take its place?
static bool may_replace (const artifact_row_t *old, const char *job, uint32_t attempt, bool overwrite)
{
    return overwrite || (strcmp (old->shown.job_id, job) == 0 && old->attempt < attempt);
}

static fault_t check_name_is_free (artifacts_t *self, turn_t *turn, const artifact_begin_t *ask,
                                   const char *run)
{
    artifact_row_t old;
    fault_t fault = artifact_store_published (self->db, turn, run, ask->name, &old);
    if (!fault && !may_replace (&old, ask->job, ask->attempt, ask->overwrite))
        return turn_fail (turn, CONFLICT, "the run has an artifact \"%s\"; `overwrite` would replace it",
                          ask->name);
    return fault == NOT_FOUND ? OK : fault;
}

// An upload of the same files goes on; another one of that name, not yet published, is dropped.
static fault_t take_up (artifacts_t *self, turn_t *turn, const artifact_begin_t *ask,
                        const artifact_row_t *new, artifact_row_t *old)
{
    fault_t fault = artifact_store_of_attempt (self->db, turn, ask->job, ask->attempt, ask->name, old);
    if (fault)
        return fault;
    if (strcmp (old->manifest_sum, new->manifest_sum) == 0 && old->wrong[0] == '\0')
        return OK;
    if (old->shown.complete)
        return NOT_FOUND;
    fault = db_unit_write (self->db, turn);
    if (!fault)
        fault = artifact_store_remove (self->db, turn, old->shown.id, old->shown.parts);
    self->clean_us = 0;
    actor_tick_at (turn, turn->now_us);
    return fault ? fault : NOT_FOUND;
}

static int64_t expiry (const artifacts_t *self, const turn_t *turn, uint32_t days)
{
    int64_t keep = days ? SECONDS (86400) * days : self->retention_us;
    return keep ? turn->now_us + keep : 0;
}

static fault_t add (artifacts_t *self, turn_t *turn, const artifact_begin_t *ask, const char *run,
                    artifact_row_t *row)
{
    fault_t fault = check_name_is_free (self, turn, ask, run);
    if (!fault)
        fault = db_unit_write (self->db, turn);
    if (fault)
        return fault;
    row->shown.id = id_new (turn->arena, 'f', turn->now_us);
    row->shown.run_id = run;
    row->shown.job_id = ask->job;
    row->shown.name = ask->name;
    row->shown.sha256 = "";
    row->shown.part_size = PART_SIZE;
    row->shown.created_at = turn->now_us;
    row->shown.expires_at = expiry (self, turn, ask->retention_days);
    row->attempt = ask->attempt;
    row->overwrite = ask->overwrite;
    sha256_init (&row->sha);
    return artifact_store_add (self->db, turn, row);
}

fault_t artifacts_begin (void *service, turn_t *turn, const void *question, void *answer)
{
    artifacts_t *self = service;
    const artifact_begin_t *ask = question;
    artifact_row_t row = {0}, old;
    const char *run;
    fault_t fault = artifacts_may_write (turn, ask->job, ask->attempt);
    if (!fault)
        fault = artifact_name_check (turn, ask->name);
    if (!fault)
        fault = artifact_files_check (turn, &ask->files, &row.shown.size);
    if (!fault)
        fault = own_run (self, turn, ask, &run);
    if (fault)
        return fault;
    manifest_pack (turn->arena, &ask->files, &row);
    fault = take_up (self, turn, ask, &row, &old);
    if (fault == OK)
        row = old;
    else if (fault == NOT_FOUND)
        fault = add (self, turn, ask, run, &row);
    *(artifact_t *) answer = row.shown;
    return fault;
}

static fault_t check_whole (turn_t *turn, const artifact_row_t *row, const char *sha256)
{
    if ((int64_t) row->sha.size != row->shown.size)
        return turn_fail (turn, CONFLICT, "%llu of %lld bytes are there; part %lld is missing",
                          (unsigned long long) row->sha.size, (long long) row->shown.size,
                          (long long) row->shown.parts);
    if (row->wrong[0])
        return turn_fail (turn, INVALID, "\"%s\" does not have its sha256; begin again", row->wrong);
    const char *sum = row->shown.complete ? row->shown.sha256 : sha256_hex (&row->sha, turn->arena);
    if (strcmp (sum, sha256) != 0)
        return turn_fail (turn, INVALID, "sha256: the stored bytes have %s", sum);
    return OK;
}

static fault_t publish (artifacts_t *self, turn_t *turn, const artifact_row_t *row)
{
    artifact_row_t old;
    fault_t fault = artifact_store_published (self->db, turn, row->shown.run_id, row->shown.name, &old);
    bool there = fault == OK;
    if (there && !may_replace (&old, row->shown.job_id, row->attempt, row->overwrite))
        return turn_fail (turn, CONFLICT, "the run has an artifact \"%s\" meanwhile", row->shown.name);
    if (fault && fault != NOT_FOUND)
        return fault;
    fault = db_unit_write (self->db, turn);
    if (!fault && there) {
        fault = artifact_store_remove (self->db, turn, old.shown.id, old.shown.parts);
        self->clean_us = 0;
        actor_tick_at (turn, turn->now_us);
    }
    return fault ? fault : artifact_store_publish (self->db, turn, row);
}

fault_t artifacts_finish (void *service, turn_t *turn, const void *question, void *answer)
{
    artifacts_t *self = service;
    const artifact_finish_t *ask = question;
    artifact_row_t row;
    fault_t fault = artifact_store_find (self->db, turn, ask->artifact, &row);
    if (!fault)
        fault = artifacts_may_write (turn, row.shown.job_id, row.attempt);
    if (!fault)
        fault = check_whole (turn, &row, ask->sha256);
    if (!fault && !row.shown.complete) {
        row.shown.sha256 = ask->sha256;
        fault = publish (self, turn, &row);
        row.shown.complete = true;
    }
    *(artifact_t *) answer = row.shown;
    return fault;
}
