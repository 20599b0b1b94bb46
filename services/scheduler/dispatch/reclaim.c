/* reclaim.c - see reclaim.h. */

#include "services/scheduler/dispatch/reclaim.h"

#include "services/scheduler/run/engine.h"
#include "services/scheduler/store/hold_store.h"
#include "services/scheduler/unit/emit.h"
#include "services/scheduler/unit/lease.h"
#include "services/scheduler/unit/lease_clock.h"

// After the first failure it is offered a job as soon as it reports.
int64_t reclaim_backoff_us (int64_t failures)
{
    int64_t backoff_us = failures < 2 ? 0 : SECONDS (2);
    for (int64_t i = 2; i < failures && backoff_us < BACKOFF_MAX_US; i++)
        backoff_us *= 2;
    return backoff_us < BACKOFF_MAX_US ? backoff_us : BACKOFF_MAX_US;
}

static fault_t back_off (scheduler_t *self, turn_t *turn, const char *id)
{
    agent_row_t agent;
    fault_t fault = agent_store_find (self->db, turn, id, &agent);
    if (fault)
        return fault == NOT_FOUND ? OK : fault;
    int64_t failures = agent.failures + 1;
    return agent_store_failed (self->db, turn, id, failures,
                               lease_now (self) + reclaim_backoff_us (failures));
}

static fault_t requeue (scheduler_t *self, turn_t *turn, job_row_t *row)
{
    row->job.state = job_queued;
    row->job.agent_id = row->job.agent_name = "";
    TRY (job_store_unlease (self->db, turn, row));
    TRY (job_wait (self, turn, row)); // It keeps its position
    return emit_job (self, turn, &row->job);
}

static fault_t try_again (scheduler_t *self, turn_t *turn, job_row_t *row, const reclaim_t *how)
{
    uint32_t offers;
    TRY (job_store_offers (self->db, turn, row->job.id, &offers));
    if (row->tries >= self->max_attempts)
        return job_end (self, turn, row, result_failure, how->reason);
    if (offers >= self->max_attempts * OFFERS_A_TRY)
        return job_end (
            self, turn, row, result_failure,
            arena_printf (turn->arena, "no agent ran it to its end in %u attempts: %s", offers, how->reason));
    return requeue (self, turn, row);
}

static fault_t is_held (scheduler_t *self, turn_t *turn, job_row_t *row, const lease_t *lease, bool *held)
{
    hold_row_t hold;
    TRY (hold_store_find (self->db, turn, lease->job_id, lease->attempt, &hold));
    *held = hold.job_id != NULL;
    if (*held)
        row->job.reason = hold.reason;
    return OK;
}

fault_t reclaim_job (scheduler_t *self, turn_t *turn, const lease_t *lease, const reclaim_t *how)
{
    job_row_t row;
    lease_rows_t asked;
    TRY (lease_ask (self, turn, lease->job_id, &asked));
    TRY (job_store_find (self->db, turn, lease->job_id, &row));
    bool stopping = row.job.state == job_cancelling, held;
    const char *stop_reason = row.job.reason;
    row.job.log_size = how->log_size;
    row.job.log_sha256 = how->log_sha256 ? how->log_sha256 : "";
    TRY (job_store_attempt_reclaimed (self->db, turn, &row, how->result ? how->result : result_failure,
                                      how->reason));
    TRY (lease_end (self, turn, &row, how->agent, &asked));
    if (how->not_taken)
        TRY (back_off (self, turn, lease->agent_id));
    row.tries -= !how->counts && row.tries > 0;
    TRY (is_held (self, turn, &row, lease, &held));
    if (held) // It had failed, and was only looked at
        return job_end (self, turn, &row, result_failure, row.job.reason);
    if (how->ends)
        return job_end (self, turn, &row, how->result, how->reason);
    if (stopping)
        return job_end (self, turn, &row, result_cancelled, stop_reason);
    return try_again (self, turn, &row, how);
}

fault_t reclaim_soon (scheduler_t *self, turn_t *turn, lease_t *lease)
{
    lease->abandoned = true;
    actor_tick_at (turn, turn->now_us);
    return lease_store_save (self->db, turn, lease);
}

reclaim_t reclaim_reason (const lease_t *lease)
{
    if (lease->begun)
        return lease->abandoned ? (reclaim_t){"the agent was restarted", .agent = agent_idle, .counts = true}
                                : (reclaim_t){"agent lost", .agent = agent_offline, .counts = true};
    return (reclaim_t){"the agent did not take it", .not_taken = true,
                       .agent = lease->abandoned ? agent_idle : agent_offline};
}
