/* claim.c - see claim.h. */

#include "services/scheduler/dispatch/claim.h"

#include "common/base/log.h"
#include "services/scheduler/dispatch/candidates.h"
#include "services/scheduler/dispatch/offer.h"
#include "services/scheduler/run/engine.h"
#include "services/scheduler/store/lease_store.h"
#include "services/scheduler/store/offer_store.h"
#include "services/scheduler/unit/emit.h"
#include "services/scheduler/unit/lease.h"
#include "services/scheduler/unit/lease_clock.h"
#include "services/scheduler/unit/unit.h"

#include <stdio.h>

#define CLAIM_PASSES 64 // Of one matching

// A parked request gets the offer with the commit; an agent that asks again in a moment may not have received it yet.
static lease_t lease_of (scheduler_t *self, const job_row_t *row, const agent_row_t *agent)
{
    int64_t now = lease_now (self);
    return (lease_t){
        .job_id = row->job.id,
        .agent_id = agent->agent.id,
        .attempt = row->job.attempt,
        .received = *agent->agent.url || offer_is_awaited (self, agent->agent.id) ||
                    agent->parked_until - PARK_GRACE_US > now,
        .leased_at = now,
        .expires_at = now + offer_valid_us (self),
        .kill_at = now + job_time_us (row),
    };
}

// What is read of one match, under the lock of all writers; NULL where it is known or not needed.
typedef struct {
    const rows_t *job, *parts, *lease;
} match_rows_t;

// It is called busy with the lease that it has, as it should have been.
static fault_t mend_agent (scheduler_t *self, turn_t *turn, const lease_t *lease)
{
    log_error ("an agent with a job was called idle", "agent", lease->agent_id, "job", lease->job_id, NULL);
    unit_match_all (self, turn); // The job waits on for another
    return agent_store_state (self->db, turn, lease->agent_id, agent_busy, lease->job_id);
}

static fault_t claim (scheduler_t *self, turn_t *turn, const waiting_t *waiting, const agent_row_t *agent,
                      const match_rows_t *rows)
{
    job_row_t row;
    lease_t other = {.job_id = ""};
    if (waiting->row)
        row = *waiting->row;
    else
        TRY (job_store_found (turn, rows->job, waiting->job_id, &row));
    if (row.job.state != job_queued)
        return turn_fail (turn, BROKEN, "job %s waits for an agent, but is %s", row.job.id,
                          state_name (&states_job, row.job.state));
    if (rows->lease)
        lease_store_found (rows->lease, &other);
    if (*other.job_id)
        return mend_agent (self, turn, &other);
    row.job.state = job_assigned;
    row.job.attempt++;
    row.tries++;
    row.job.agent_id = agent->agent.id;
    row.job.agent_name = agent->agent.name;
    row.job.started_at = turn->now_us;
    lease_t lease = lease_of (self, &row, agent);
    TRY (lease_store_add (self->db, turn, &lease));
    lease_remember (self, turn, &row.job);
    TRY (agent_store_state (self->db, turn, lease.agent_id, agent_busy, lease.job_id));
    TRY (job_store_lease (self->db, turn, &row));
    TRY (waiting_store_remove (self->db, turn, waiting));
    unit_add_running (self, row.job.project_id, 1);
    TRY (run_store_started (self->db, turn, row.job.run_id));
    TRY (emit_job (self, turn, &row.job));
    TRY (emit_agent (self, turn, EVENT_agent_state, agent->agent.id, agent_busy));
    lease_clock_tick_at (self, turn, lease.expires_at);
    return offer_deliver (self, turn, &row, agent, rows->parts, lease.expires_at, false);
}

typedef struct {
    waitings_t jobs;
    agent_rows_t agents;
    match_t *matches;
    size_t first, count; // Of the matches, those to claim
} claims_t;

// That its agent has no lease is left to the lease's key, and looked at where something failed before.
static fault_t ask (scheduler_t *self, turn_t *turn, const waiting_t *waiting, const agent_t *agent,
                    match_rows_t *out, bool *asked)
{
    *out = (match_rows_t){0};
    if (!waiting->row)
        TRY (job_store_find_later (self->db, turn, waiting->job_id, &out->job));
    if (*agent->url || offer_is_awaited (self, agent->id))
        TRY (offer_store_read_later (self->db, turn, waiting->job_id, &out->parts));
    if (self->careful > 0)
        TRY (lease_store_of_agent_later (self->db, turn, agent->id, &out->lease));
    *asked |= out->job || out->parts || out->lease;
    return OK;
}

// All are read in one round trip, and then written. No two of them are of one job or one agent.
static fault_t claim_all (scheduler_t *self, turn_t *turn, void *data)
{
    const claims_t *claims = data;
    const match_t *matches = claims->matches + claims->first;
    match_rows_t *rows = arena_array (turn->arena, claims->count + 1, sizeof *rows);
    bool asked = false;
    for (size_t i = 0; i < claims->count; i++)
        TRY (ask (self, turn, &claims->jobs.items[matches[i].job],
                  &claims->agents.items[matches[i].agent].agent, &rows[i], &asked));
    if (asked)
        TRY (db_wait (self->db, turn));
    for (size_t i = 0; i < claims->count; i++)
        TRY (claim (self, turn, &claims->jobs.items[matches[i].job], &claims->agents.items[matches[i].agent],
                    &rows[i]));
    return OK;
}

// A job that cannot be offered must not come first for ever: it ends, with the reason.
static fault_t give_up (scheduler_t *self, turn_t *turn, void *data)
{
    const char *reason = turn->detail ? turn->detail : "it cannot be offered to an agent";
    job_row_t row;
    TRY (job_store_find (self->db, turn, data, &row));
    if (row.job.state != job_queued)
        return turn_fail (turn, BROKEN, "it does not wait for an agent");
    return job_end (self, turn, &row, result_failure, reason);
}

// One of the claims failed: each by itself, so that the others go on.
static fault_t claim_each (scheduler_t *self, turn_t *turn, const claims_t *all)
{
    for (size_t i = 0; i < all->count; i++) {
        claims_t one = *all;
        fault_t ended;
        one.first = i;
        one.count = 1;
        TRY (unit_part (self, turn, claim_all, &one, &ended));
        if (!ended)
            continue;
        waiting_t *waiting = &all->jobs.items[all->matches[i].job];
        const char *job = waiting->job_id;
        log_error (turn->detail ? turn->detail : fault_text (ended), "in", "the matcher", "job", job, NULL);
        TRY (unit_part (self, turn, give_up, (void *) job, &ended));
        if (ended) { // Not even that: it is taken out of the way
            log_error (turn->detail ? turn->detail : fault_text (ended), "job", job, NULL);
            TRY (waiting_store_remove (self->db, turn, waiting));
        }
        unit_match_all (self, turn); // Its agent is still there for another
    }
    return OK;
}

static fault_t claim_matches (scheduler_t *self, turn_t *turn, const claims_t *claims)
{
    fault_t ended;
    if (self->careful == 0)
        return claim_all (self, turn, (void *) claims);
    TRY (unit_part (self, turn, claim_all, (void *) claims, &ended));
    return ended ? claim_each (self, turn, claims) : OK;
}

static void report_missed (void *context, void *data)
{
    scheduler_t *self = context;
    int64_t count = *(int64_t *) data;
    char text[24];
    snprintf (text, sizeof text, "%lld", (long long) count);
    metric_add (self->missed_matches, count);
    log_warn ("jobs waited beside idle agents: no unit of work had matched them", "jobs", text, NULL);
}

// What was claimed was there before, and was to be matched by what brought it.
static bool finds_missed (const match_request_t *request)
{
    return request->missed && !request->all && request->label_count == 0 && request->agent_count == 0;
}

static void note_missed (turn_t *turn, size_t claimed)
{
    if (claimed == 0)
        return;
    int64_t *count = arena_alloc (turn->arena, sizeof *count);
    *count = (int64_t) claimed;
    actor_after (turn, report_missed, count);
}

// One look at what waits and what is idle: all of it, or where `request` says what has changed, that.
static fault_t claim_found (scheduler_t *self, turn_t *turn, const match_request_t *request, size_t sets,
                            candidates_t *found, claims_t *claims)
{
    TRY (request ? candidates_of (self, turn, request, found) : candidates_find (self, turn, sets, found));
    *claims = (claims_t){.jobs = found->jobs, .agents = found->agents};
    for (size_t k = 0; k < claims->agents.count; k++)
        claims->agents.items[k].awaits = offer_is_awaited (self, claims->agents.items[k].agent.id);
    claims->matches = arena_array (turn->arena, found->agents.count + 1, sizeof (match_t));
    claims->count = match_jobs (turn->arena, &claims->jobs, &claims->agents, claims->matches);
    return claims->count > 0 ? claim_matches (self, turn, claims) : OK;
}

fault_t claim_jobs (scheduler_t *self, turn_t *turn, const match_request_t *request)
{
    size_t sets = SETS_AT_ONCE;
    bool missed = finds_missed (request), all = request->all || missed;
    TRY (unit_write (self, turn)); // What is read here is what is claimed
    for (int i = 0; i < CLAIM_PASSES; i++) {
        candidates_t found;
        claims_t claims;
        TRY (claim_found (self, turn, all ? NULL : request, sets, &found, &claims));
        if (missed)
            note_missed (turn, claims.count);
        bool no_jobs = found.all_jobs && claims.count == claims.jobs.count;
        bool no_agents = found.all_agents && claims.count == claims.agents.count;
        bool complete = found.all_jobs && found.all_agents;
        if (no_jobs || no_agents || complete || (claims.count == 0 && sets == 1))
            return OK;
        if (claims.count == 0 && all)
            sets = 1; // These agents and jobs did not fit each other: try one set of labels at a time
        all = true;
    }
    self->match_failed = true; // The rest follows with the next tick
    actor_tick_at (turn, turn->now_us);
    return OK;
}
