/* job_start.c - see job_start.h.
 *
 * An acceptance is not worth a commit of its own: it is kept in memory for ACCEPTED_DELAY_US and written together with others, unless
 * the agent's next report comes first. If it is lost with the process, that report makes up for it.
 *
 * Only a job that certainly never reached the agent is taken back at once. An agent that did not answer may have the job: its lease stays until
 * the offer must not be taken any more. And of an offer that was pushed before, by a process that is gone, nothing is
 * concluded from what the second push met. */

#include "services/scheduler/dispatch/job_start.h"

#include "common/base/log.h"
#include "services/scheduler/dispatch/reclaim.h"
#include "services/scheduler/unit/emit.h"
#include "services/scheduler/unit/lease_clock.h"

static void keep (scheduler_t *self, turn_t *turn, const push_result_t *result)
{
    if (self->accepted_count == ACCEPTED_MAX || strlen (result->job) > MAX_ID)
        return;
    accepted_t *accepted = &self->accepted[self->accepted_count++];
    memcpy (accepted->job, result->job, strlen (result->job) + 1);
    accepted->attempt = result->attempt;
    if (self->accepted_at == NEVER)
        self->accepted_at = lease_now (self) + ACCEPTED_DELAY_US;
    lease_clock_tick_at (self, turn, self->accepted_at);
}

void job_start_implied (scheduler_t *self, const char *job)
{
    for (size_t i = 0; i < self->accepted_count; i++)
        if (same (self->accepted[i].job, job)) {
            self->accepted[i] = self->accepted[--self->accepted_count];
            return;
        }
}

static fault_t begin (scheduler_t *self, turn_t *turn, lease_t *lease)
{
    job_row_t row;
    bool changed;
    lease->begun = lease->received = true;
    lease->expires_at = lease_now (self) + lease_us (self);
    TRY (lease_store_save (self->db, turn, lease));
    TRY (job_store_running (self->db, turn, lease->job_id, lease->attempt, &changed));
    if (!changed) // It is being cancelled
        return OK;
    TRY (job_store_find (self->db, turn, lease->job_id, &row));
    return emit_job (self, turn, &row.job);
}

fault_t job_start_reported (scheduler_t *self, turn_t *turn, lease_t *lease)
{
    job_start_implied (self, lease->job_id);
    if (!lease->begun)
        return begin (self, turn, lease);
    lease->expires_at = lease_now (self) + lease_us (self);
    return lease_store_save (self->db, turn, lease);
}

static fault_t write_all (scheduler_t *self, turn_t *turn, void *data)
{
    (void) data;
    for (size_t i = 0; i < self->accepted_count; i++) {
        const accepted_t *accepted = &self->accepted[i];
        lease_t lease;
        TRY (lease_store_of_job (self->db, turn, accepted->job, &lease));
        if (*lease.job_id && lease.attempt == accepted->attempt && !lease.begun)
            TRY (begin (self, turn, &lease));
    }
    return OK;
}

// After the commit: a tick that is undone writes them again.
static void written (void *context, void *data)
{
    scheduler_t *self = context;
    const strs_t *jobs = data;
    for (size_t i = 0; i < jobs->count; i++)
        job_start_implied (self, jobs->items[i]);
    // What was accepted within this unit of work has asked for the next tick
    self->accepted_at = self->accepted_count > 0 ? 0 : NEVER;
}

fault_t job_start_tick (scheduler_t *self, turn_t *turn)
{
    fault_t ended;
    if (self->accepted_at > lease_now (self))
        return OK;
    strs_t *jobs = arena_alloc (turn->arena, sizeof *jobs);
    jobs->items = arena_array (turn->arena, self->accepted_count + 1, sizeof *jobs->items);
    jobs->count = self->accepted_count;
    for (size_t i = 0; i < jobs->count; i++)
        jobs->items[i] = arena_strdup (turn->arena, self->accepted[i].job);
    actor_after (turn, written, jobs);
    if (jobs->count == 0)
        return OK;
    TRY (unit_write (self, turn));
    TRY (unit_part (self, turn, write_all, NULL, &ended));
    if (ended) // They are hints: the agents' next reports make up for them
        log_error (turn->detail ? turn->detail : fault_text (ended), "in", "acceptances of jobs", NULL);
    return OK;
}

static reclaim_t reclaim_of (turn_t *turn, const push_result_t *result)
{
    reclaim_t how = {.not_taken = true, .agent = agent_offline, .reason = "the agent could not be reached"};
    if (result->outcome == PUSH_BUSY) {
        how.reason = "the agent was busy";
        how.agent = agent_busy;
    } else if (result->outcome == PUSH_REFUSED) {
        how.reason = arena_printf (turn->arena, "the agent refused it with HTTP status %ld", result->http);
        how.counts = true;
    }
    return how;
}

static fault_t take_back (scheduler_t *self, turn_t *turn, const push_result_t *result)
{
    lease_t lease;
    TRY (unit_write (self, turn));
    TRY (lease_store_of_job (self->db, turn, result->job, &lease));
    if (!*lease.job_id || lease.attempt != result->attempt || lease.begun)
        return OK; // It has spoken meanwhile, or it is another attempt by now
    reclaim_t how = reclaim_of (turn, result);
    log_warn (how.reason, "agent", result->agent, "job", result->job, NULL);
    return reclaim_job (self, turn, &lease, &how);
}

// Where it fails it is undone, and the lease expires.
fault_t job_start_pushed (void *context, turn_t *turn, void *data)
{
    scheduler_t *self = context;
    const push_result_t *result = data;
    if (result->outcome == PUSH_ACCEPTED) {
        keep (self, turn, result);
        return OK;
    }
    if (result->outcome == PUSH_UNKNOWN || result->again)
        return OK; // It may have it
    return take_back (self, turn, result);
}
