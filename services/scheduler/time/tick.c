/* tick.c - see tick.h. It sleeps until the earliest time that a row names: nothing is polled. */

#include "services/scheduler/time/tick.h"

#include "common/base/log.h"
#include "services/scheduler/dispatch/job_start.h"
#include "services/scheduler/dispatch/offer.h"
#include "services/scheduler/dispatch/reclaim.h"
#include "services/scheduler/run/engine.h"
#include "services/scheduler/store/due_store.h"
#include "services/scheduler/store/offer_store.h"
#include "services/scheduler/store/offered_store.h"
#include "services/scheduler/store/seal_store.h"
#include "services/scheduler/store/waiting_store.h"
#include "services/scheduler/time/deployments.h"
#include "services/scheduler/time/failure_looks.h"
#include "services/scheduler/time/retention.h"
#include "services/scheduler/time/schedule.h"
#include "services/scheduler/time/sync.h"
#include "services/scheduler/unit/emit.h"
#include "services/scheduler/unit/lease.h"
#include "services/scheduler/unit/lease_clock.h"

#define ASK_AGAIN_US  SECONDS (10) // Another service that has not answered
#define PART_AGAIN_US SECONDS (1)  // After a lease that could not be handled
#define PRUNE_US      SECONDS (60) // Between two looks for old agents, and for what was not matched
#define PRUNE_MORE_US SECONDS (1)  // While there are more of them

// Handles one lease, rolled back alone if it fails: one broken row must not hold up the others.
typedef fault_t lease_fn (scheduler_t *self, turn_t *turn, lease_t *lease);
typedef struct {
    lease_fn *act;
    lease_t lease;
} lease_part_t;

static fault_t do_part (scheduler_t *self, turn_t *turn, void *data)
{
    lease_part_t *part = data;
    return part->act (self, turn, &part->lease);
}

static fault_t for_each (scheduler_t *self, turn_t *turn, const leases_t *leases, lease_fn *act)
{
    for (size_t i = 0; i < leases->count; i++) {
        lease_part_t part = {act, leases->items[i]};
        fault_t ended;
        TRY (unit_part (self, turn, do_part, &part, &ended));
        if (!ended)
            continue;
        log_error (turn->detail ? turn->detail : fault_text (ended), "in", "a tick", "job", part.lease.job_id,
                   "agent", part.lease.agent_id, NULL);
        self->part_failed = true;
        turn->detail = NULL;
    }
    return OK;
}

// After a start: an offer may have been lost on its way. An agent that has it says so.
static fault_t deliver_again (scheduler_t *self, turn_t *turn, lease_t *lease)
{
    job_row_t row;
    agent_row_t agent;
    const rows_t *parts;
    TRY (offer_store_read_later (self->db, turn, lease->job_id, &parts));
    TRY (job_store_find (self->db, turn, lease->job_id, &row));
    fault_t fault = agent_store_find (self->db, turn, lease->agent_id, &agent);
    if (fault)
        return fault == NOT_FOUND ? OK : fault; // Its lease expires
    lease->expires_at = lease_now (self) + offer_valid_us (self);
    TRY (lease_store_save (self->db, turn, lease));
    return offer_deliver (self, turn, &row, &agent, parts, lease->expires_at, true);
}

// After the commit: a first tick that is undone is a first tick again.
static void started (void *context, void *data)
{
    scheduler_t *self = context;
    pusher_start (self->pusher, data);
    self->started = true;
}

static fault_t start (scheduler_t *self, turn_t *turn)
{
    leases_t leases;
    if (self->started)
        return OK;
    TRY (unit_write (self, turn));
    unit_match_all (self, turn); // What waits
    actor_after (turn, started, actor_of (turn));
    TRY (lease_store_not_begun (self->db, turn, lease_now (self), &leases));
    return for_each (self, turn, &leases, deliver_again);
}

static fault_t expire_one (scheduler_t *self, turn_t *turn, lease_t *lease)
{
    reclaim_t how = reclaim_reason (lease);
    log_warn (how.reason, "agent", lease->agent_id, "job", lease->job_id, NULL);
    return reclaim_job (self, turn, lease, &how);
}

static fault_t expire (scheduler_t *self, turn_t *turn)
{
    leases_t leases;
    TRY (lease_store_expired (self->db, turn, lease_now (self), &leases));
    if (leases.count == 0)
        return OK;
    TRY (unit_write (self, turn));
    TRY (lease_store_expired (self->db, turn, lease_now (self),
                              &leases)); // Another replica may have been first
    return for_each (self, turn, &leases, expire_one);
}

// The agent did not enforce the timeout, or did not obey: first it is asked to kill, then the job ends without it.
static fault_t end_overdue (scheduler_t *self, turn_t *turn, lease_t *lease)
{
    job_row_t row;
    TRY (job_store_find (self->db, turn, lease->job_id, &row));
    const char *late =
        arena_printf (turn->arena, "timed out after %lld min", (long long) row.timeout_minutes);
    bool cancelled = row.job.state == job_cancelling;
    if (lease->order != order_kill)
        return job_stop (self, turn, &row, CANCEL_HARD, cancelled ? row.job.reason : late);
    reclaim_t how = {row.job.reason, .agent = agent_offline, .ends = true, .result = result_cancelled};
    return reclaim_job (self, turn, lease, &how);
}

static fault_t overdue_one (scheduler_t *self, turn_t *turn, lease_t *lease)
{
    TRY (end_overdue (self, turn, lease));
    TRY (lease_store_of_job (self->db, turn, lease->job_id, lease));
    if (!*lease->job_id || lease->kill_at > lease_now (self))
        return OK;
    lease->kill_at = lease_now (self) + lease_us (self);
    return lease_store_save (self->db, turn, lease);
}

static fault_t overdue (scheduler_t *self, turn_t *turn)
{
    leases_t leases;
    TRY (lease_store_overdue (self->db, turn, lease_now (self), &leases));
    if (leases.count == 0)
        return OK;
    TRY (unit_write (self, turn));
    TRY (lease_store_overdue (self->db, turn, lease_now (self), &leases));
    return for_each (self, turn, &leases, overdue_one);
}

// An agent with a job is left to its lease; an ephemeral one is removed.
static fault_t silence (scheduler_t *self, turn_t *turn, agent_row_t *row)
{
    if (*row->agent.job_id) {
        row->silent_at = lease_now (self) + lease_us (self);
        return agent_store_seen (self->db, turn, row);
    }
    if (row->agent.ephemeral)
        return lease_remove_agent (self, turn, row->agent.id);
    TRY (agent_store_state (self->db, turn, row->agent.id, agent_offline, ""));
    return emit_agent (self, turn, EVENT_agent_state, row->agent.id, agent_offline);
}

static fault_t silent (scheduler_t *self, turn_t *turn)
{
    agent_rows_t agents;
    TRY (agent_store_silent (self->db, turn, lease_now (self), &agents));
    if (agents.count == 0)
        return OK;
    TRY (unit_write (self, turn));
    TRY (agent_store_silent (self->db, turn, lease_now (self), &agents));
    for (size_t i = 0; i < agents.count; i++)
        TRY (silence (self, turn, &agents.items[i]));
    return OK;
}

static void matched_rested (void *context, void *data)
{
    scheduler_t *self = context;
    self->rested_us = *(int64_t *) data;
}

// Agents whose backoff has ended since the last tick can be offered a job again.
static fault_t rested (scheduler_t *self, turn_t *turn)
{
    TRY (unit_write (self, turn));
    unit_match_all (self, turn);
    int64_t *until = arena_alloc (turn->arena, sizeof *until);
    *until = lease_now (self);
    actor_after (turn, matched_rested, until);
    return OK;
}

// Agents not seen for long: an autoscaled pool makes thousands of them.
static fault_t remove_old (scheduler_t *self, turn_t *turn, bool *more)
{
    strs_t ids = {0};
    if (self->agent_retention_us)
        TRY (agent_store_old (self->db, turn, turn->now_us - self->agent_retention_us, &ids));
    for (size_t i = 0; i < ids.count; i++) {
        TRY (unit_write (self, turn));
        TRY (lease_remove_agent (self, turn, ids.items[i]));
    }
    *more = ids.count == AGENTS_A_TICK;
    return OK;
}

// Pending requests to other services go through messages to ourselves, which wait for the answer: see deferred.c.
static fault_t seal (scheduler_t *self, turn_t *turn)
{
    seals_t seals;
    TRY (seal_store_due (self->db, turn, lease_now (self), &seals));
    for (size_t i = 0; i < seals.count; i++) {
        attempt_seal_t ask = {.job = seals.items[i].job_id, .attempt = seals.items[i].attempt};
        done_t answer;
        TRY (unit_write (self, turn));
        TRY (actor_call (turn, MSG_attempt_seal, &ask, &answer));
        TRY (seal_store_asked (self->db, turn, &seals.items[i], lease_now (self) + ASK_AGAIN_US));
    }
    return OK;
}

static fault_t revoke (scheduler_t *self, turn_t *turn)
{
    strs_t ids;
    TRY (agent_store_hidden (self->db, turn, lease_now (self), &ids));
    for (size_t i = 0; i < ids.count; i++) {
        agent_revoke_t ask = {.agent = ids.items[i]};
        done_t answer;
        TRY (unit_write (self, turn));
        TRY (actor_call (turn, MSG_agent_revoke, &ask, &answer));
        TRY (agent_store_revoking (self->db, turn, ids.items[i], lease_now (self) + ASK_AGAIN_US));
    }
    return OK;
}

static fault_t add_unknown_sets (scheduler_t *self, turn_t *turn)
{
    strs_t sets;
    TRY (offered_store_unknown (self->db, turn, &sets));
    for (size_t i = 0; i < sets.count; i++) {
        TRY (unit_write (self, turn));
        TRY (offered_store_add (self->db, turn, sets.items[i]));
        unit_match_all (self, turn);
    }
    return OK;
}

// Whatever brings a job or an agent has it matched, and nothing else looks at it again. This is for our own mistakes: what they leave waits
// for a minute, not for ever.
static fault_t look_for_missed (scheduler_t *self, turn_t *turn)
{
    bool waits;
    TRY (waiting_store_any (self->db, turn, &waits));
    if (waits)
        unit_match_missed (self, turn);
    return OK;
}

static fault_t prune (scheduler_t *self, turn_t *turn)
{
    bool more;
    if (turn->now_us < self->prune_at)
        return OK;
    TRY (remove_old (self, turn, &more));
    TRY (add_unknown_sets (self, turn));
    TRY (look_for_missed (self, turn));
    self->prune_at = turn->now_us + (more ? PRUNE_MORE_US : PRUNE_US);
    return OK;
}

// In turn->now_us's time. While there are leases or agents to watch, this records that a scheduler serves.
static int64_t next_of_leases (const scheduler_t *self, const turn_t *turn, const due_times_t *due)
{
    int64_t first = due->lease < due->silence ? due->lease : due->silence;
    if (first != NEVER && self->served_us + lease_us (self) / 6 < first)
        first = lease_now (self) + lease_us (self) / 6;
    return lease_clock_local (self, turn, first < due->backoff ? first : due->backoff);
}

static int64_t next_time (const scheduler_t *self, const turn_t *turn, const due_times_t *due)
{
    const int64_t times[] = {
        lease_clock_local (self, turn, self->accepted_at),
        next_of_leases (self, turn, due),
        lease_clock_local (self, turn, due->seal),
        lease_clock_local (self, turn, due->revoke),
        schedule_due (due),
        due->sync,
        due->failure,
        due->deployment,
        self->prune_at,
        self->retention.at_us,
    };
    int64_t next = NEVER, again = turn->now_us + PART_AGAIN_US;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (times[i] < next)
            next = times[i];
    return self->part_failed ? again : next;
}

// What has come of leases and agents. *worked: then the times that were read hold no longer.
static fault_t work_leases (scheduler_t *self, turn_t *turn, const due_times_t *due, bool *worked)
{
    int64_t now = lease_now (self);
    *worked = due->lease <= now || due->silence <= now || due->backoff <= now;
    if (due->lease <= now) {
        TRY (expire (self, turn));
        TRY (overdue (self, turn));
    }
    if (due->silence <= now)
        TRY (silent (self, turn));
    return due->backoff <= now ? rested (self, turn) : OK;
}

// Likewise of the rest.
static fault_t work_rest (scheduler_t *self, turn_t *turn, const due_times_t *due, bool *worked)
{
    int64_t now = lease_now (self);
    bool by_leases = due->seal <= now || due->revoke <= now;
    *worked = by_leases || schedule_due (due) <= turn->now_us || due->sync <= turn->now_us ||
              due->failure <= turn->now_us || due->deployment <= turn->now_us;
    if (due->seal <= now)
        TRY (seal (self, turn));
    if (due->revoke <= now)
        TRY (revoke (self, turn));
    TRY (schedule_tick (self, turn, due));
    if (due->sync <= turn->now_us)
        TRY (sync_tick (self, turn));
    if (due->failure <= turn->now_us)
        TRY (failure_looks_tick (self, turn));
    return due->deployment <= turn->now_us ? deployments_tick (self, turn) : OK;
}

fault_t scheduler_tick (void *context, turn_t *turn, int64_t *next)
{
    scheduler_t *self = context;
    due_times_t due;
    bool worked;
    self->part_failed = false;
    self->ticked = true;
    TRY (lease_clock_serve (self, turn));
    TRY (start (self, turn));
    TRY (job_start_tick (self, turn));
    TRY (due_store_read (self->db, turn, self->rested_us, &due));
    TRY (work_leases (self, turn, &due, &worked));
    if (worked) // What ended may have logs to be sealed
        TRY (due_store_read (self->db, turn, lease_now (self), &due));
    TRY (work_rest (self, turn, &due, &worked));
    uint64_t before = db_writes (self->db);
    TRY (prune (self, turn));
    TRY (retention_tick (self, turn));
    if (worked || db_writes (self->db) != before)
        TRY (due_store_read (self->db, turn, lease_now (self), &due));
    if (self->match_again) {
        TRY (unit_write (self, turn));
        unit_match_all (self, turn);
    }
    *next = next_time (self, turn, &due);
    return OK;
}

void scheduler_tick_undone (scheduler_t *self)
{
    if (self->ticked)
        self->prune_at = self->retention.at_us = self->retention.events_us = self->retention.walk_us = 0;
}
