/* lease.c - see lease.h. */

#include "services/scheduler/unit/lease.h"

#include "services/scheduler/store/lease_store.h"
#include "services/scheduler/store/seal_store.h"
#include "services/scheduler/unit/emit.h"
#include "services/scheduler/unit/lease_clock.h"
#include "services/scheduler/unit/unit.h"

#include <stdio.h>

static known_lease_t *place_of (const scheduler_t *self, const char *job)
{
    uint64_t hash = 14695981039346656037u; // FNV-1a
    for (const char *c = job; *c; c++)
        hash = (hash ^ (unsigned char) *c) * 1099511628211u;
    return (known_lease_t *) &self->known_leases[hash % KNOWN_LEASES];
}

static void remember (void *context, void *lease)
{
    known_lease_t *place = place_of (context, ((const known_lease_t *) lease)->job);
    *place = *(const known_lease_t *) lease;
}

void lease_remember (scheduler_t *self, turn_t *turn, const job_t *job)
{
    bool fits =
        strlen (job->id) <= MAX_ID && strlen (job->agent_id) <= MAX_ID && strlen (job->project_id) <= MAX_ID;
    if (!fits || self->careful > 0) // What the matcher does may be undone alone
        return;
    known_lease_t *lease = arena_alloc (turn->arena, sizeof *lease);
    snprintf (lease->job, sizeof lease->job, "%s", job->id);
    snprintf (lease->agent, sizeof lease->agent, "%s", job->agent_id);
    snprintf (lease->project, sizeof lease->project, "%s", job->project_id);
    lease->attempt = job->attempt;
    actor_after (turn, remember, lease);
}

const known_lease_t *lease_known (const scheduler_t *self, const char *job, uint32_t attempt)
{
    const known_lease_t *place = place_of (self, job);
    return place->attempt == attempt && attempt > 0 && same (place->job, job) ? place : NULL;
}

static void forget (scheduler_t *self, const char *job)
{
    known_lease_t *place = place_of (self, job);
    if (same (place->job, job))
        place->attempt = 0;
}

fault_t lease_remove_agent (scheduler_t *self, turn_t *turn, const char *id)
{
    TRY (agent_store_hide (self->db, turn, id));
    actor_tick_at (turn, turn->now_us); // Its token is revoked there
    return emit_agent (self, turn, EVENT_agent_removed, id, agent_offline);
}

// One that has just said its final status is about to ask for the next job.
static fault_t free_agent (scheduler_t *self, turn_t *turn, const lease_t *lease, bool spoke,
                           agent_state_t state, bool ephemeral)
{
    int64_t parked_until = spoke ? lease_now (self) + PARK_GRACE_US : 0;
    agent_freed_t freed = {lease->agent_id, state, parked_until, lease->begun};
    TRY (agent_store_free (self->db, turn, &freed));
    if (ephemeral && lease->begun) // One that never had the job may have another
        return lease_remove_agent (self, turn, lease->agent_id);
    if (state == agent_idle)
        unit_match_agent (self, turn, lease->agent_id);
    return emit_agent (self, turn, EVENT_agent_state, lease->agent_id, state);
}

fault_t lease_ask (scheduler_t *self, turn_t *turn, const char *job, lease_rows_t *out)
{
    TRY (unit_write (self, turn));
    return lease_store_with_agent_later (self->db, turn, job, &out->lease);
}

fault_t lease_end (scheduler_t *self, turn_t *turn, const job_row_t *row, agent_state_t agent,
                   const lease_rows_t *asked)
{
    lease_t lease;
    bool there, ephemeral;
    lease_store_found (asked->lease, &lease);
    if (!same (lease.job_id, row->job.id))
        return OK;
    forget (self, row->job.id);
    TRY (lease_store_remove (self->db, turn, lease.job_id, lease.agent_id));
    unit_add_running (self, row->job.project_id, -1);
    bool spoke = *row->job.log_sha256 != 0;
    if (!spoke) {
        TRY (seal_store_add (self->db, turn, lease.job_id, lease.attempt, lease_now (self)));
        actor_tick_at (turn, turn->now_us); // It is asked for there
    }
    lease.begun |= spoke; // Its only report may have been its final status
    lease_store_read_agent (asked->lease, &there, &ephemeral);
    // If it was removed meanwhile, that was emitted
    return there ? free_agent (self, turn, &lease, spoke, agent, ephemeral) : OK;
}

static fault_t push_order (scheduler_t *self, turn_t *turn, const lease_t *lease, bool hard)
{
    agent_row_t agent;
    fault_t fault = agent_store_find (self->db, turn, lease->agent_id, &agent);
    if (fault == NOT_FOUND || (!fault && !*agent.agent.url))
        return OK; // It learns with its next report
    TRY (fault);
    push_t *push = arena_alloc (turn->arena, sizeof *push);
    *push = (push_t){
        .url = agent.agent.url,
        .key = agent.push_key,
        .agent = agent.agent.id,
        .job = lease->job_id,
        .attempt = lease->attempt,
        .hard = hard,
        .now_us = lease_now (self),
    };
    unit_push (turn, push);
    return OK;
}

fault_t lease_stop (scheduler_t *self, turn_t *turn, const job_row_t *row, bool hard, bool *undelivered)
{
    lease_t lease;
    uint32_t order = hard ? order_kill : order_cancel;
    TRY (lease_store_of_job (self->db, turn, row->job.id, &lease));
    *undelivered = !*lease.job_id || !lease.received;
    if (*undelivered || order <= lease.order)
        return OK;
    int64_t end_at = lease_now (self) + lease_us (self);
    lease.order = order;
    if (hard && end_at < lease.kill_at)
        lease.kill_at = end_at;
    lease_clock_tick_at (self, turn, lease.kill_at);
    TRY (lease_store_save (self->db, turn, &lease));
    return push_order (self, turn, &lease, hard);
}
