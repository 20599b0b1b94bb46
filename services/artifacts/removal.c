/* removal.c - removes artifacts: one, or all of a run or a project. They are invisible at once; rows and blobs
 * go step by step, in the tick. */

#include "services/artifacts/artifacts_self.h"

#include <string.h>

// A job removes what is of its own run, while it holds its attempt.
static fault_t check_remover (artifacts_t *self, turn_t *turn, const artifact_row_t *row)
{
    fence_job_t own;
    if (turn->caller.role != ROLE_JOB)
        return OK; // rights.c
    TRY (fence_now (&self->fence, turn, turn->caller.subject, turn->caller.attempt, &own));
    if (row->id && strcmp (row->run, own.run) != 0)
        return turn_fail (turn, FORBIDDEN, "a job removes artifacts of its own run");
    return OK;
}

HANDLER (artifact_remove)
{
    artifacts_t *self = context;
    const artifact_remove_t *ask = asked;
    artifact_row_t row = {.id = NULL};
    (void) answered;
    fault_t fault = artifact_store_find (self->db, turn, ask->artifact, &row);
    if (fault && fault != NOT_FOUND)
        return fault;
    TRY (check_remover (self, turn, &row));
    if (fault == NOT_FOUND) // That is what was wanted
        return OK;
    TRY (db_unit_write (self->db, turn));
    TRY (artifact_store_remove (self->db, turn, row.id, 0));
    sweep_soon (&self->sweeper, turn);
    return OK;
}

HANDLER (artifact_purge)
{
    artifacts_t *self = context;
    const artifact_purge_t *ask = asked;
    (void) answered;
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "only services purge artifacts");
    if ((ask->run[0] != 0) == (ask->project[0] != 0))
        return turn_fail (turn, INVALID, "run or project: exactly one of them must be given");
    TRY (db_unit_write (self->db, turn));
    TRY (artifact_store_purge (self->db, turn, ask->run, ask->project));
    sweep_soon (&self->sweeper, turn);
    return OK;
}
