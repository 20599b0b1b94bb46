/* lost.c - see lost.h. */

#include "services/scheduler/lost.h"

#include "services/scheduler/note.h"

static fault_t seal (turn_t *turn, const lease_t *lease)
{
    log_seal_t ask = {.job = lease->job_id, .attempt = lease->attempt, .sha256 = ""};
    log_offset_t answer;
    return actor_call (turn, MSG_log_seal, &ask, &answer);
}

static fault_t requeue (scheduler_t *self, turn_t *turn, job_row_t *row, bool forget)
{
    TRY (job_store_unlease (self->db, turn, row, forget));
    row->job.agent_id = row->job.agent_name = "";
    TRY (job_wait (self, turn, row)); // It keeps its place
    return note_job (self, turn, &row->job);
}

fault_t lost_job (scheduler_t *self, turn_t *turn, const lease_t *lease, const lost_t *how)
{
    job_row_t row;
    TRY (job_store_find (self->db, turn, lease->job_id, &row));
    bool stopping = row.job.state == job_cancelling;
    const char *why_stopped = row.job.reason;
    if (!how->forget)
        TRY (job_store_attempt_lost (self->db, turn, &row, how->ends ? how->result : result_failure,
                                     how->reason));
    TRY (job_free (self, turn, &row, how->agent));
    row.job.state = job_queued; // It has no lease any more: what follows ends a job that waits
    if (!how->counts)
        row.tries--;
    if (!how->forget)
        TRY (seal (turn, lease));
    if (how->ends)
        return job_end (self, turn, &row, how->result, how->reason);
    if (stopping)
        return job_end (self, turn, &row, result_cancelled, why_stopped);
    if (row.tries >= self->max_attempts)
        return job_end (self, turn, &row, result_failure, how->reason);
    return requeue (self, turn, &row, how->forget);
}

fault_t lost_soon (scheduler_t *self, turn_t *turn, lease_t *lease)
{
    lease->expires_at = turn->now_us;
    lease->kill_at = LEASE_AGENT_IS_THERE;
    actor_tick_at (turn, turn->now_us);
    return lease_store_save (self->db, turn, lease);
}
