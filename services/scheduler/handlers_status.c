/* handlers_status.c - an agent's word about its job.
 *
 * An attempt that is not the current one is refused (fenced). Any word renews the lease. The last word is taken only after the log
 * collector has sealed the log with the checksum that the agent names; said again it is taken again. */

#include "services/scheduler/claim.h"
#include "services/scheduler/handlers.h"
#include "services/scheduler/note.h"
#include "services/scheduler/progress.h"
#include "services/scheduler/told.h"

#define STEPS_MAX (2 << 20) // Bytes of packed steps

static fault_t may_speak (turn_t *turn, const job_status_t *ask)
{
    const caller_t *caller = &turn->caller;
    if (caller->role == ROLE_JOB && (!same (caller->subject, ask->job) || caller->attempt != ask->attempt))
        return turn_fail (turn, FORBIDDEN, "this token is for attempt %u of job %s", caller->attempt,
                          caller->subject);
    if (ask->state != job_running && ask->state != job_finished)
        return turn_fail (turn, INVALID, "state: an agent says running or finished");
    bool ended =
        ask->result == result_success || ask->result == result_failure || ask->result == result_cancelled;
    if (ask->state == job_finished && !ended)
        return turn_fail (turn, INVALID, "result: success, failure or cancelled is wanted with finished");
    if (ask->state == job_running && ask->log.count > 0)
        return turn_fail (turn, INVALID, "log: it comes with finished; before, PATCH it");
    return OK;
}

// *repeated: the last word, said before and taken.
static fault_t check_attempt (turn_t *turn, const job_status_t *ask, const job_row_t *row, bool *repeated)
{
    *repeated = false;
    if (ask->attempt != row->job.attempt)
        return turn_fail (turn, CONFLICT, "attempt %u of job %s is over: the current one is %u", ask->attempt,
                          ask->job, row->job.attempt);
    if (row->job.state == job_finished) {
        *repeated = ask->state == job_finished && ask->result == row->job.result;
        return *repeated ? OK
                         : turn_fail (turn, CONFLICT, "job %s has ended: %s", ask->job,
                                      state_name (&states_result, row->job.result));
    }
    if (row->job.state == job_pending || row->job.state == job_queued)
        return turn_fail (turn, CONFLICT, "attempt %u of job %s is over: it waits for another", ask->attempt,
                          ask->job);
    return OK;
}

static fault_t pack_steps (turn_t *turn, const job_status_t *ask, bytes_t *out)
{
    job_status_t told = {.job = ask->job, .attempt = ask->attempt, .steps = ask->steps};
    told.reason = told.outputs = told.log_sha256 = "";
    buffer_t *packed = buffer_new (STEPS_MAX);
    fault_t fault = message_pack (MESSAGE (job_status), &told, packed);
    *out =
        (bytes_t){arena_copy (turn->arena, buffer_text (packed), buffer_size (packed)), buffer_size (packed)};
    buffer_destroy (&packed);
    return fault;
}

static fault_t go_on (scheduler_t *self, turn_t *turn, const job_status_t *ask, job_row_t *row,
                      lease_t *lease)
{
    bool changed;
    TRY (unit_write (self, turn));
    TRY (told_begun (self, turn, ask->job, ask->attempt, &changed));
    TRY (lease_store_of_job (self->db, turn, ask->job, lease));
    if (!*lease->job_id || lease->attempt != ask->attempt)
        return turn_fail (turn, CONFLICT, "attempt %u of job %s is over", ask->attempt, ask->job);
    if (ask->steps.count > 0) {
        TRY (pack_steps (turn, ask, &row->steps));
        TRY (job_store_steps (self->db, turn, ask->job, row->steps));
    }
    lease->expires_at = turn->now_us + lease_us (self);
    return lease_store_save (self->db, turn, lease);
}

// Writes where there is something to write: progress, a first word, or a lease of which less than half is left.
static fault_t progress (scheduler_t *self, turn_t *turn, const job_status_t *ask, job_row_t *row,
                         job_orders_t *answer)
{
    lease_t lease;
    TRY (lease_store_of_job (self->db, turn, ask->job, &lease));
    told_spoken (self, ask->job);
    bool half_gone = lease.expires_at - turn->now_us < lease_us (self) / 2;
    if (*lease.job_id && (ask->steps.count > 0 || !lease.begun || half_gone))
        TRY (go_on (self, turn, ask, row, &lease));
    answer->order = lease.order;
    return OK;
}

static fault_t finish (scheduler_t *self, turn_t *turn, const job_status_t *ask, job_row_t *row)
{
    if (ask->steps.count > 0)
        TRY (pack_steps (turn, ask, &row->steps));
    if (ask->outputs && *ask->outputs && !same (ask->outputs, "null"))
        row->job.outputs = ask->outputs;
    row->job.log_size = ask->log_size;
    row->job.log_sha256 = ask->log_sha256;
    told_spoken (self, ask->job);
    bool told_why = *row->job.reason && row->job.state == job_cancelling && !*ask->reason;
    TRY (job_end (self, turn, row, ask->result,
                  told_why && ask->result != result_success ? row->job.reason : ask->reason));
    return claim_jobs (self, turn);
}

HANDLER (job_status)
{
    scheduler_t *self = context;
    const job_status_t *ask = asked;
    job_orders_t *answer = answered;
    job_row_t row;
    bool repeated;
    answer->lease_seconds = self->lease_seconds;
    TRY (may_speak (turn, ask));
    TRY (job_store_find (self->db, turn, ask->job, &row));
    TRY (check_attempt (turn, ask, &row, &repeated));
    if (repeated)
        return OK;
    if (ask->state == job_running)
        return progress (self, turn, ask, &row, answer);
    log_seal_t seal = {
        .job = ask->job,
        .attempt = ask->attempt,
        .size = ask->log_size,
        .sha256 = ask->log_sha256,
        .rest_offset = ask->log_offset,
        .rest = ask->log,
    };
    log_offset_t sealed;
    TRY (actor_call (turn, MSG_log_seal, &seal, &sealed));
    TRY (unit_write (self, turn));
    if (db_is_postgres (self->db)) // Another replica may have written meanwhile
        TRY (job_store_find (self->db, turn, ask->job, &row));
    TRY (check_attempt (turn, ask, &row, &repeated));
    return repeated ? OK : finish (self, turn, ask, &row);
}
