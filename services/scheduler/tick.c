/* tick.c - see tick.h. It sleeps until the earliest time that a row names: nothing is polled. */

#include "services/scheduler/tick.h"

#include "common/log.h"
#include "services/scheduler/claim.h"
#include "services/scheduler/event_store.h"
#include "services/scheduler/lost.h"
#include "services/scheduler/note.h"
#include "services/scheduler/project_store.h"
#include "services/scheduler/schedule.h"
#include "services/scheduler/told.h"

#define TICK_FAILED_US SECONDS (1)  // After a tick that failed
#define PRUNE_US       SECONDS (60) // Between two looks for old rows
#define PRUNE_MORE_US  SECONDS (1)  // While there are more of them

// After a start: an offer may have been lost on its way. An agent that has it says so.
static fault_t deliver_again (scheduler_t *self, turn_t *turn)
{
    leases_t leases;
    TRY (lease_store_not_begun (self->db, turn, &leases));
    for (size_t i = 0; i < leases.count; i++) {
        job_row_t row;
        agent_row_t agent;
        TRY (job_store_find (self->db, turn, leases.items[i].job_id, &row));
        fault_t fault = agent_store_find (self->db, turn, leases.items[i].agent_id, &agent);
        if (fault == NOT_FOUND)
            continue; // Its lease expires
        TRY (fault);
        TRY (claim_deliver (self, turn, &row, &agent, true));
    }
    return OK;
}

static fault_t start (scheduler_t *self, turn_t *turn)
{
    if (self->started)
        return OK;
    TRY (unit_write (self, turn)); // What waits is matched below
    pusher_start (self->pusher, actor_of (turn));
    self->started = true;
    return deliver_again (self, turn);
}

static fault_t expire (scheduler_t *self, turn_t *turn)
{
    leases_t leases;
    TRY (lease_store_expired (self->db, turn, &leases));
    if (leases.count == 0)
        return OK;
    TRY (unit_write (self, turn));
    TRY (lease_store_expired (self->db, turn, &leases)); // Another replica may have been first
    for (size_t i = 0; i < leases.count; i++) {
        bool there = leases.items[i].kill_at == LEASE_AGENT_IS_THERE;
        lost_t lost = {"agent lost", .agent = there ? agent_idle : agent_offline, .counts = true};
        log_warn ("agent lost", "agent", leases.items[i].agent_id, "job", leases.items[i].job_id, NULL);
        told_spoken (self, leases.items[i].job_id);
        TRY (lost_job (self, turn, &leases.items[i], &lost));
    }
    return OK;
}

// The agent did not keep the time, or did not obey: first it is told to kill, then the job ends without it.
static fault_t end_overdue (scheduler_t *self, turn_t *turn, lease_t *lease)
{
    job_row_t row;
    TRY (job_store_find (self->db, turn, lease->job_id, &row));
    const char *late =
        arena_printf (turn->arena, "timed out after %lld min", (long long) row.timeout_minutes);
    bool cancelled = row.job.state == job_cancelling;
    if (lease->order != order_kill)
        return job_stop (self, turn, &row, CANCEL_HARD, cancelled ? row.job.reason : late);
    bool timed_out = cancelled && same (row.job.reason, late);
    lost_t how = {row.job.reason, .agent = agent_offline, .ends = true,
                  .result = timed_out ? result_failure : result_cancelled};
    return lost_job (self, turn, lease, &how);
}

static fault_t overdue (scheduler_t *self, turn_t *turn)
{
    leases_t leases;
    TRY (lease_store_overdue (self->db, turn, &leases));
    if (leases.count == 0)
        return OK;
    TRY (unit_write (self, turn));
    TRY (lease_store_overdue (self->db, turn, &leases));
    for (size_t i = 0; i < leases.count; i++) {
        lease_t *lease = &leases.items[i];
        TRY (end_overdue (self, turn, lease));
        TRY (lease_store_of_job (self->db, turn, lease->job_id, lease));
        if (!*lease->job_id || lease->kill_at > turn->now_us)
            continue;
        lease->kill_at = turn->now_us + lease_us (self);
        TRY (lease_store_save (self->db, turn, lease));
    }
    return OK;
}

static fault_t silent (scheduler_t *self, turn_t *turn)
{
    agent_rows_t agents;
    TRY (agent_store_silent (self->db, turn, &agents));
    if (agents.count == 0)
        return OK;
    TRY (unit_write (self, turn));
    TRY (agent_store_silent (self->db, turn, &agents));
    for (size_t i = 0; i < agents.count; i++) {
        agent_row_t *row = &agents.items[i];
        if (*row->agent.job_id) { // Its lease tells
            row->silent_at = turn->now_us + lease_us (self);
            TRY (agent_store_seen (self->db, turn, row));
            continue;
        }
        TRY (agent_store_state (self->db, turn, row->agent.id, agent_offline, "", NULL));
        TRY (note_agent (self, turn, "agent.state", row->agent.id, agent_offline));
    }
    return OK;
}

// Agents that are gone but for their tokens.
static fault_t revoke (scheduler_t *self, turn_t *turn)
{
    const char *id;
    TRY (agent_store_hidden (self->db, turn, &id));
    if (!*id)
        return OK;
    token_revoke_t ask = {.token = "", .subject = id};
    done_t answer;
    TRY (actor_call (turn, MSG_token_revoke, &ask, &answer));
    TRY (agent_store_remove (self->db, turn, id));
    actor_tick_at (turn, turn->now_us); // There may be others
    return OK;
}

static fault_t prune (scheduler_t *self, turn_t *turn)
{
    if (turn->now_us < self->prune_at)
        return OK;
    bool more_events, more_runs = false;
    const char *removed;
    TRY (event_store_prune (self->db, turn, &more_events));
    TRY (project_store_removed (self->db, turn, &removed));
    if (*removed) {
        TRY (run_store_clear (self->db, turn, removed, &more_runs));
        if (!more_runs)
            TRY (project_store_cleared (self->db, turn, removed));
    }
    self->prune_at = turn->now_us + (more_events || *removed ? PRUNE_MORE_US : PRUNE_US);
    return OK;
}

static fault_t next_time (scheduler_t *self, turn_t *turn, int64_t *next)
{
    int64_t times[5] = {self->accepted_at, self->prune_at};
    TRY (lease_store_next (self->db, turn, &times[2]));
    TRY (agent_store_next_silent (self->db, turn, &times[3]));
    TRY (schedule_next (self, turn, &times[4]));
    *next = NEVER;
    for (size_t i = 0; i < 5; i++)
        if (times[i] < *next)
            *next = times[i];
    return OK;
}

static fault_t tick (scheduler_t *self, turn_t *turn, int64_t *next)
{
    TRY (start (self, turn));
    TRY (told_write (self, turn));
    TRY (expire (self, turn));
    TRY (overdue (self, turn));
    TRY (silent (self, turn));
    TRY (revoke (self, turn));
    TRY (schedule_tick (self, turn));
    TRY (prune (self, turn));
    if (self->writing) // Nothing else can have changed what waits
        TRY (claim_jobs (self, turn));
    return next_time (self, turn, next);
}

int64_t scheduler_tick (void *context, turn_t *turn)
{
    scheduler_t *self = context;
    int64_t next = NEVER;
    fault_t fault = tick (self, turn, &next);
    if (!fault)
        return next;
    log_error (turn->detail ? turn->detail : fault_text (fault), NULL);
    return turn->now_us + TICK_FAILED_US;
}
