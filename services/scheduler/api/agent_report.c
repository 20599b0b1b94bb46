/* agent_report.c - what an agent reports with its own token: heartbeats, and requests for a job.
 *
 * Most reports change nothing and are answered from what was read. One that changes something takes the lock first and reads
 * again, because another replica may have served the same report meanwhile. */

#include "services/scheduler/api/handlers.h"
#include "services/scheduler/dispatch/job_start.h"
#include "services/scheduler/dispatch/offer.h"
#include "services/scheduler/dispatch/reclaim.h"
#include "services/scheduler/run/engine.h"
#include "services/scheduler/store/offer_store.h"
#include "services/scheduler/unit/emit.h"
#include "services/scheduler/unit/lease.h"
#include "services/scheduler/unit/lease_clock.h"
#include "services/scheduler/unit/unit.h"

#define RESTART_GRACE_US SECONDS (3) // A report without the job may have crossed its offer

typedef struct {
    const char *url; // "": unchanged
    int64_t silent_at;
    int64_t parked_until; // 0: it does not ask for a job
    bool draining;
    bool has_job;
} agent_report_t;

static fault_t is_own (turn_t *turn, const agent_row_t *row)
{
    if (turn->caller.role == ROLE_AGENT && !same (turn->caller.subject, row->agent.id))
        return turn_fail (turn, FORBIDDEN, "this is another agent's token");
    return OK;
}

// Written only as often as needed to declare it offline in time.
static bool changes (const scheduler_t *self, const agent_row_t *row, const agent_report_t *report)
{
    return (*report->url && !same (report->url, row->agent.url)) || report->draining != row->draining ||
           report->parked_until > row->parked_until ||
           report->silent_at - row->silent_at >= lease_us (self) / 2;
}

static void take_report (turn_t *turn, agent_row_t *row, const agent_report_t *report)
{
    if (*report->url && !same (report->url, row->agent.url)) { // The failures were at another address
        row->agent.url = report->url;
        row->failures = row->backoff_until = 0;
    }
    row->agent.seen_at = turn->now_us;
    row->draining = report->draining;
    if (report->silent_at > row->silent_at)
        row->silent_at = report->silent_at;
    if (report->parked_until > row->parked_until)
        row->parked_until = report->parked_until;
}

// Does it need a match: it can take a job now, and could not before?
static bool is_ready_now (const scheduler_t *self, const agent_row_t *was, const agent_row_t *is)
{
    bool reachable = *is->agent.url || is->parked_until >= lease_now (self);
    bool drained = is->agent.drained_at != 0;
    bool was_ready = was->agent.state == agent_idle && !was->draining &&
                     (*was->agent.url || was->parked_until >= lease_now (self)) &&
                     was->backoff_until == is->backoff_until;
    return reachable && !is->draining && !drained && !was_ready;
}

// The agent and its lease in one round trip. `name` is its id, nearly always.
static fault_t find (scheduler_t *self, turn_t *turn, const char *name, agent_row_t *row, lease_t *lease)
{
    const rows_t *agents, *leases;
    TRY (agent_store_find_later (self->db, turn, name, &agents));
    TRY (lease_store_of_agent_later (self->db, turn, name, &leases));
    TRY (db_wait (self->db, turn));
    TRY (agent_store_found (turn, agents, name, row));
    lease_store_found (leases, lease);
    return same (row->agent.id, name) ? OK : lease_store_of_agent (self->db, turn, row->agent.id, lease);
}

// Writes its new row. Without a lease and without a job it is idle.
static fault_t note_agent (scheduler_t *self, turn_t *turn, const agent_report_t *report, agent_row_t *row,
                           lease_t *lease)
{
    bool idle = !report->has_job && !*lease->job_id && row->agent.state != agent_idle;
    if (!idle && !changes (self, row, report))
        return OK;
    TRY (unit_write (self, turn));
    TRY (find (self, turn, row->agent.id, row, lease));
    const agent_row_t was = *row;
    take_report (turn, row, report);
    TRY (agent_store_seen (self->db, turn, row));
    if (*lease->job_id || report->has_job)
        return OK;
    if (was.agent.state != agent_idle) {
        TRY (agent_store_state (self->db, turn, row->agent.id, agent_idle, ""));
        TRY (emit_agent (self, turn, EVENT_agent_state, row->agent.id, agent_idle));
        lease_clock_tick_at (self, turn,
                             row->backoff_until > lease_now (self) ? row->backoff_until : row->silent_at);
        row->agent.state = agent_idle;
    }
    if (is_ready_now (self, &was, row))
        unit_match_agent (self, turn, row->agent.id);
    return OK;
}

static fault_t renew (scheduler_t *self, turn_t *turn, lease_t *lease)
{
    if (lease->begun && lease->expires_at - lease_now (self) >= lease_us (self) / 2)
        return OK;
    const char *job = lease->job_id;
    uint32_t attempt = lease->attempt;
    TRY (unit_write (self, turn));
    TRY (lease_store_of_job (self->db, turn, job, lease));
    return *lease->job_id && lease->attempt == attempt ? job_start_reported (self, turn, lease) : OK;
}

// Was it sent before the agent had this job? The report may have crossed the offer, and may have been held by a gateway or a replica that was
// frozen for much longer than that. What the agent reported about the job, as far as it was written, is newer.
static bool is_old (const scheduler_t *self, const lease_t *lease, int64_t sent_at)
{
    int64_t now = lease_now (self), sent = sent_at > 0 && sent_at < now ? sent_at : now;
    bool spoke = lease->begun && sent <= lease->expires_at - lease_us (self);
    return spoke || sent - lease->leased_at < RESTART_GRACE_US;
}

// The agent is there without the job that its lease names.
static fault_t is_without (scheduler_t *self, turn_t *turn, lease_t *lease, int64_t sent_at)
{
    const char *job = lease->job_id;
    uint32_t attempt = lease->attempt;
    if (is_old (self, lease, sent_at))
        return OK;
    TRY (unit_write (self, turn));
    TRY (lease_store_of_job (self->db, turn, job, lease));
    bool same_lease = *lease->job_id && lease->attempt == attempt;
    return same_lease && !is_old (self, lease, sent_at) ? reclaim_soon (self, turn, lease) : OK;
}

// Compares the job it has with the one that its lease names.
static fault_t compare (scheduler_t *self, turn_t *turn, const agent_heartbeat_t *ask, const agent_row_t *row,
                        lease_t *lease, job_orders_t *answer)
{
    if (!*lease->job_id) {
        answer->order = *ask->job ? order_kill : order_go_on; // It no longer holds the job that it runs
        return OK;
    }
    if (same (ask->job, lease->job_id) && ask->attempt == lease->attempt) {
        answer->order = lease->order;
        TRY (renew (self, turn, lease));
        answer->lease_seconds = lease_left (self, lease->expires_at);
        return OK;
    }
    if (*ask->job)
        answer->order = order_kill;
    bool may_fetch_it = !*row->agent.url && !lease->begun; // With its next request, or the offer expires
    return may_fetch_it ? OK : is_without (self, turn, lease, ask->sent_at);
}

HANDLER (agent_heartbeat)
{
    scheduler_t *self = context;
    const agent_heartbeat_t *ask = asked;
    job_orders_t *answer = answered;
    agent_row_t row;
    lease_t lease;
    answer->lease_seconds = self->lease_seconds;
    answer->server_time = lease_now (self);
    TRY (find (self, turn, ask->agent, &row, &lease));
    TRY (is_own (turn, &row));
    TRY (check_url (turn, ask->url));
    const agent_report_t report = {ask->url, lease_now (self) + lease_us (self), 0, ask->draining,
                                   *ask->job != 0};
    TRY (note_agent (self, turn, &report, &row, &lease));
    return compare (self, turn, ask, &row, &lease, answer);
}

// What an offer is made of: the job's row, and the rest of it.
typedef struct {
    const rows_t *job, *parts;
} offer_rows_t;

static fault_t ask_offer (scheduler_t *self, turn_t *turn, const char *job, offer_rows_t *out)
{
    TRY (job_store_find_later (self->db, turn, job, &out->job));
    return offer_store_read_later (self->db, turn, job, &out->parts);
}

// An offer that has expired is not made; a job that cannot be offered ends.
static fault_t make (scheduler_t *self, turn_t *turn, const lease_t *lease, const offer_rows_t *rows,
                     job_offer_t *answer)
{
    job_row_t job;
    TRY (job_store_found (turn, rows->job, lease->job_id, &job));
    fault_t fault = offer_make (self, turn, &job, rows->parts, lease->expires_at, answer);
    if (fault != NOT_FOUND && fault != TOO_LARGE)
        return fault;
    const char *detail = turn->detail;
    *answer = (job_offer_t){.job = ""};
    TRY (unit_write (self, turn));
    return job_end (self, turn, &job, result_failure, detail);
}

// Delivers the offer. The lease is read again under the lock, and may be of another job by then.
static fault_t deliver (scheduler_t *self, turn_t *turn, lease_t *lease, offer_rows_t *rows)
{
    const char *job = lease->job_id;
    const rows_t *leases;
    TRY (unit_write (self, turn));
    TRY (lease_store_of_agent_later (self->db, turn, lease->agent_id, &leases));
    TRY (ask_offer (self, turn, job, rows));
    TRY (db_wait (self->db, turn));
    lease_store_found (leases, lease);
    if (!*lease->job_id)
        return OK;
    lease->received = true;
    TRY (lease_store_save (self->db, turn, lease));
    if (same (job, lease->job_id))
        return OK;
    TRY (ask_offer (self, turn, lease->job_id, rows));
    return db_wait (self->db, turn);
}

// What its lease offers: `job` stays empty without one.
static fault_t fetch (scheduler_t *self, turn_t *turn, lease_t lease, int64_t sent_at, job_offer_t *answer)
{
    offer_rows_t rows;
    if (!*lease.job_id)
        return OK;
    if (lease.begun) // It asks for a job although it had started one
        return is_without (self, turn, &lease, sent_at);
    if (lease.order != order_go_on) { // It has not received this one, and must not get it any more
        TRY (unit_write (self, turn));
        TRY (lease_store_of_job (self->db, turn, lease.job_id, &lease));
        return *lease.job_id ? reclaim_soon (self, turn, &lease) : OK;
    }
    if (lease.expires_at - lease_now (self) < SECONDS (1))
        return OK; // Too late to start it
    if (lease.received) {
        TRY (ask_offer (self, turn, lease.job_id, &rows));
        TRY (db_wait (self->db, turn));
    } else {
        TRY (deliver (self, turn, &lease, &rows));
    }
    return *lease.job_id ? make (self, turn, &lease, &rows, answer) : OK;
}

fault_t agent_offered (scheduler_t *self, turn_t *turn, const char *agent, job_offer_t *out)
{
    lease_t lease;
    *out = (job_offer_t){.job = ""};
    TRY (lease_store_of_agent (self->db, turn, agent, &lease));
    return lease.begun || lease.order != order_go_on ? OK : fetch (self, turn, lease, 0, out);
}

HANDLER (agent_next)
{
    scheduler_t *self = context;
    const agent_next_t *ask = asked;
    job_offer_t *answer = answered;
    agent_row_t row;
    lease_t lease;
    answer->job = "";
    TRY (find (self, turn, ask->agent, &row, &lease));
    TRY (is_own (turn, &row));
    TRY (fetch (self, turn, lease, ask->sent_at, answer));
    if (*answer->job || actor_waited (turn))
        return OK;
    int64_t wait = SECONDS (ask->wait), until = lease_now (self) + wait;
    if (*lease.job_id) // It may have ended just now
        TRY (lease_store_of_agent (self->db, turn, row.agent.id, &lease));
    const agent_report_t report = {"", until + lease_us (self), until + PARK_GRACE_US, row.draining, false};
    TRY (note_agent (self, turn, &report, &row, &lease));
    // It is matched when this unit of work ends, and woken with it
    return actor_wait (turn, offer_topic (turn, row.agent.id), turn->now_us + wait);
}
