/* status.c - an agent's report about its job.
 *
 * An attempt that is not the current one is refused (fenced). Any report renews the lease. The final status is accepted only after the log
 * collector has sealed the log with the checksum that the agent names; a repetition is accepted again. */

#include "common/base/sha256.h"
#include "services/scheduler/api/ahead.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/dispatch/job_start.h"
#include "services/scheduler/dispatch/offer.h"
#include "services/scheduler/dispatch/reclaim.h"
#include "services/scheduler/run/engine.h"
#include "services/scheduler/unit/emit.h"
#include "services/scheduler/unit/lease.h"
#include "services/scheduler/unit/lease_clock.h"
#include "workflow/expression/value.h"

#define STEPS_MAX    (2 << 20)           // Bytes of packed steps
#define LOG_SIZE_MAX (INT64_C (8) << 30) // Bytes of a log: the collector takes no more

// An object of strings, as GitHub's runner sets them; nothing and null are none.
static fault_t check_outputs (turn_t *turn, const char *text)
{
    const value_t *outputs;
    const char *error;
    if (!text || !*text || same (text, "null"))
        return OK;
    fault_t fault = value_from_json (turn->arena, text, strlen (text), &outputs, &error);
    if (fault || outputs->kind != VALUE_OBJECT)
        return turn_fail (turn, INVALID, "outputs: must be an object of strings");
    for (size_t i = 0; i < outputs->list.count; i++)
        if (outputs->list.items[i]->kind != VALUE_STRING)
            return turn_fail (turn, INVALID, "outputs.%s: must be a string", outputs->list.keys[i]);
    return OK;
}

// Checks what the job's row keeps of the final status, and others rely on.
static fault_t check_final (turn_t *turn, const job_status_t *ask)
{
    if (!sha256_is_hex (ask->log_sha256))
        return turn_fail (turn, INVALID, "log_sha256: must be 64 hexadecimal digits in lower case");
    if (ask->log_size < 0 || ask->log_size > LOG_SIZE_MAX)
        return turn_fail (turn, INVALID, "log_size: must be from 0 to %lld", (long long) LOG_SIZE_MAX);
    return check_outputs (turn, ask->outputs);
}

static fault_t check_next (turn_t *turn, const job_status_t *ask)
{
    bool may = turn->caller.role == ROLE_AGENT && ask->state == job_finished;
    return may || !ask->next
               ? OK
               : turn_fail (turn, INVALID, "next: only with finished, and with the agent's own token");
}

static fault_t may_speak (turn_t *turn, const job_status_t *ask)
{
    const caller_t *caller = &turn->caller;
    if (caller->role == ROLE_JOB && (!same (caller->subject, ask->job) || caller->attempt != ask->attempt))
        return turn_fail (turn, FORBIDDEN, "this token is for attempt %u of job %s", caller->attempt,
                          caller->subject);
    if (ask->state != job_running && ask->state != job_finished)
        return turn_fail (turn, INVALID, "state: must be running or finished");
    bool ended =
        ask->result == result_success || ask->result == result_failure || ask->result == result_cancelled;
    if (ask->state == job_finished && !ended)
        return turn_fail (turn, INVALID, "result: with finished it must be success, failure or cancelled");
    if (ask->state == job_running && ask->log.count > 0)
        return turn_fail (turn, INVALID, "log: only with finished; before that, PATCH it");
    if (ask->state == job_running && ask->given_back)
        return turn_fail (turn, INVALID, "given_back: only with finished");
    return ask->state == job_finished ? check_final (turn, ask) : OK;
}

// *repeated: the final status was accepted before.
static fault_t check_attempt (turn_t *turn, const job_status_t *ask, const job_row_t *row, bool *repeated)
{
    *repeated = false;
    if (ask->attempt != row->job.attempt)
        return turn_fail (turn, CONFLICT, "attempt %u of job %s is over: the current one is %u", ask->attempt,
                          ask->job, row->job.attempt);
    if (turn->caller.role == ROLE_AGENT && !same (turn->caller.subject, row->job.agent_id))
        return turn_fail (turn, FORBIDDEN, "job %s is another agent's", ask->job);
    if (row->job.state == job_finished) {
        *repeated = ask->state == job_finished && ask->result == row->job.result;
        return *repeated ? OK
                         : turn_fail (turn, CONFLICT, "job %s has ended: %s", ask->job,
                                      state_name (&states_result, row->job.result));
    }
    if (row->job.state == job_pending || row->job.state == job_queued)
        return turn_fail (turn, CONFLICT, "attempt %u of job %s is over: the job waits for another",
                          ask->attempt, ask->job);
    return OK;
}

static fault_t pack_steps (turn_t *turn, const job_status_t *ask, bytes_t *out)
{
    job_status_t packed_status = {
        .job = ask->job, .attempt = ask->attempt, .steps = ask->steps, .annotations = ask->annotations};
    packed_status.reason = packed_status.outputs = packed_status.log_sha256 = "";
    packed_status.environment_url = "";
    buffer_t *packed = buffer_new (STEPS_MAX);
    fault_t fault = message_pack (MESSAGE (job_status), &packed_status, packed);
    *out =
        (bytes_t){arena_copy (turn->arena, buffer_text (packed), buffer_size (packed)), buffer_size (packed)};
    buffer_destroy (&packed);
    return fault;
}

static fault_t go_on (scheduler_t *self, turn_t *turn, const job_status_t *ask, job_row_t *row,
                      lease_t *lease)
{
    TRY (unit_write (self, turn));
    TRY (lease_store_of_job (self->db, turn, ask->job, lease));
    if (!*lease->job_id || lease->attempt != ask->attempt)
        return turn_fail (turn, CONFLICT, "attempt %u of job %s is over", ask->attempt, ask->job);
    if (ask->steps.count > 0) {
        TRY (pack_steps (turn, ask, &row->steps));
        TRY (job_store_steps (self->db, turn, ask->job, row->steps));
    }
    return job_start_reported (self, turn, lease);
}

// Writes only if needed: progress, the first report, or a lease of which less than half is left.
static fault_t progress (scheduler_t *self, turn_t *turn, const job_status_t *ask, job_row_t *row,
                         job_orders_t *answer)
{
    lease_t lease;
    TRY (lease_store_of_job (self->db, turn, ask->job, &lease));
    bool half_expired = lease.expires_at - lease_now (self) < lease_us (self) / 2;
    if (*lease.job_id && (ask->steps.count > 0 || !lease.begun || half_expired))
        TRY (go_on (self, turn, ask, row, &lease));
    if (*lease.job_id)
        answer->lease_seconds = lease_left (self, lease.expires_at);
    answer->order = lease.order;
    return OK;
}

// What a page may link to: whatever a workflow says, no script.
static bool is_web_address (const char *url)
{
    if (!url || (strncmp (url, "https://", 8) != 0 && strncmp (url, "http://", 7) != 0))
        return false;
    for (; *url; url++)
        if ((unsigned char) *url <= ' ' || *url == 0x7f)
            return false;
    return true;
}

static fault_t finish (scheduler_t *self, turn_t *turn, const job_status_t *ask, job_row_t *row,
                       const job_end_rows_t *rows, job_orders_t *answer)
{
    if (ask->next)
        offer_with_answer (self, turn, turn->caller.subject, answer);
    if (ask->steps.count > 0)
        TRY (pack_steps (turn, ask, &row->steps));
    if (ask->outputs && *ask->outputs && !same (ask->outputs, "null"))
        row->job.outputs = ask->outputs;
    if (*row->job.environment && is_web_address (ask->environment_url))
        row->job.environment_url = ask->environment_url;
    row->job.log_size = ask->log_size;
    row->job.log_sha256 = ask->log_sha256;
    job_start_implied (self, ask->job);
    bool has_reason = *row->job.reason && row->job.state == job_cancelling && !*ask->reason;
    const char *reason = has_reason && ask->result != result_success ? row->job.reason : ask->reason;
    bool known = unit_is_known (self);
    TRY (job_end_asked (self, turn, row, ask->result, reason, rows));
    if (known) // It wrote the run, its jobs and their agents, and those of runs that go on after it
        unit_known (self);
    return OK;
}

// The agent shuts down: another attempt follows, which costs the job no try, unless somebody wanted the job to stop.
static fault_t give_back (scheduler_t *self, turn_t *turn, const job_status_t *ask)
{
    lease_t lease;
    const reclaim_t how = {.reason = *ask->reason ? ask->reason : "the agent gave it back",
                           .agent = agent_idle,
                           .result = result_cancelled,
                           .log_sha256 = ask->log_sha256,
                           .log_size = ask->log_size};
    job_start_implied (self, ask->job);
    TRY (lease_store_of_job (self->db, turn, ask->job, &lease));
    return reclaim_job (self, turn, &lease, &how);
}

// The answer before this one was lost: with it, perhaps, an offer.
static fault_t repeat_answer (scheduler_t *self, turn_t *turn, const job_status_t *ask, job_orders_t *answer)
{
    if (!ask->next)
        return OK;
    job_offer_t *offer = arena_alloc (turn->arena, sizeof *offer);
    TRY (agent_offered (self, turn, turn->caller.subject, offer));
    answer->next = (job_offer_items_t){offer, *offer->job ? 1 : 0};
    return OK;
}

static fault_t seal_log (turn_t *turn, const job_status_t *ask, const char *project)
{
    log_offset_t sealed;
    const log_seal_t seal = {
        .job = ask->job,
        .attempt = ask->attempt,
        .size = ask->log_size,
        .sha256 = ask->log_sha256,
        .trailer_offset = ask->log_offset,
        .trailer = ask->log,
        .project = project,
    };
    return actor_call (turn, MSG_log_seal, &seal, &sealed);
}

// Whose attempt it is need not be read where this process gave it to the caller. Whether it is still the current one is asked once its log is
// sealed, under the lock; its log may be sealed either way. NULL where the job is to be read first.
static const known_lease_t *given_here (const scheduler_t *self, const turn_t *turn, const job_status_t *ask)
{
    const known_lease_t *lease =
        ask->state == job_finished ? lease_known (self, ask->job, ask->attempt) : NULL;
    bool others = lease && turn->caller.role == ROLE_AGENT && !same (turn->caller.subject, lease->agent);
    return others ? NULL : lease;
}

HANDLER (job_status)
{
    scheduler_t *self = context;
    const job_status_t *ask = asked;
    job_orders_t *answer = answered;
    job_row_t row = {0};
    const job_end_rows_t *rows;
    bool repeated = false, sealed_before = ask->state == job_finished && actor_called (turn);
    answer->lease_seconds = self->lease_seconds;
    answer->server_time = lease_now (self);
    TRY (check_next (turn, ask));
    TRY (may_speak (turn, ask));
    const known_lease_t *given = sealed_before ? NULL : given_here (self, turn, ask);
    if (sealed_before) // Nothing is in between: all is read once, under the lock
        TRY (ahead_end (self, turn, ask->job, &row, &rows));
    else if (!given)
        TRY (ahead_job (self, turn, ask->job, &row));
    if (!given)
        TRY (check_attempt (turn, ask, &row, &repeated));
    if (!given && repeated)
        return repeat_answer (self, turn, ask, answer);
    if (ask->state == job_running)
        return progress (self, turn, ask, &row, answer);
    TRY (seal_log (turn, ask, given ? given->project : row.job.project_id));
    if (!sealed_before) // Another replica may have written meanwhile
        TRY (ahead_end (self, turn, ask->job, &row, &rows));
    TRY (check_attempt (turn, ask, &row, &repeated));
    if (ask->given_back && !repeated)
        return give_back (self, turn, ask);
    return repeated ? repeat_answer (self, turn, ask, answer) : finish (self, turn, ask, &row, rows, answer);
}
