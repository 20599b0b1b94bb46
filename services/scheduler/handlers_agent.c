/* handlers_agent.c - agents: registered, heard of, parked, removed. */

#include "common/id.h"
#include "services/scheduler/claim.h"
#include "services/scheduler/handlers.h"
#include "services/scheduler/labels.h"
#include "services/scheduler/lost.h"
#include "services/scheduler/note.h"
#include "services/scheduler/told.h"

#define RESTART_GRACE_US SECONDS (3) // A beat without the job may have crossed its offer

static uint32_t heartbeat (const scheduler_t *self)
{
    uint32_t third = self->lease_seconds / 3;
    return third == 0 ? 1 : third < SCHEDULER_HEARTBEAT_SECONDS ? third : SCHEDULER_HEARTBEAT_SECONDS;
}

static agent_row_t described (scheduler_t *self, turn_t *turn, const agent_register_t *ask)
{
    return (agent_row_t){
        .agent =
            {
                .name = ask->name,
                .state = agent_idle,
                .url = ask->url,
                .os = ask->os,
                .arch = ask->arch,
                .version = ask->version,
                .ephemeral = ask->ephemeral,
                .registered_at = turn->now_us,
                .seen_at = turn->now_us,
            },
        .labels = labels_of (turn->arena, ask->labels.items, ask->labels.count),
        .silent_at = turn->now_us + lease_us (self),
    };
}

static fault_t check_url (turn_t *turn, const char *url)
{
    if (!*url || strncmp (url, "http://", 7) == 0 || strncmp (url, "https://", 8) == 0)
        return OK;
    return turn_fail (turn, INVALID, "url: it begins with http:// or https://, or is empty");
}

// An agent that starts has no job: what it had is lost.
static fault_t drop_lease (scheduler_t *self, turn_t *turn, const char *agent, bool *had)
{
    lease_t lease;
    TRY (lease_store_of_agent (self->db, turn, agent, &lease));
    *had = *lease.job_id != 0;
    return *had ? lost_soon (self, turn, &lease) : OK;
}

static fault_t register_again (scheduler_t *self, turn_t *turn, const agent_register_t *ask,
                               agent_registered_t *answer)
{
    agent_row_t known, row = described (self, turn, ask);
    bool had;
    TRY (unit_write (self, turn));
    TRY (agent_store_find (self->db, turn, turn->caller.subject, &known));
    if (!same (known.agent.name, ask->name))
        return turn_fail (turn, CONFLICT, "this agent's name is %s", known.agent.name);
    row.agent.id = known.agent.id;
    TRY (agent_store_describe (self->db, turn, &row));
    TRY (drop_lease (self, turn, row.agent.id, &had));
    if (!had) {
        TRY (agent_store_state (self->db, turn, row.agent.id, agent_idle, "", NULL));
        TRY (note_agent (self, turn, "agent.state", row.agent.id, agent_idle));
        TRY (claim_jobs (self, turn));
    }
    answer->id = row.agent.id;
    answer->name = ask->name;
    return OK;
}

static fault_t name_is_free (scheduler_t *self, turn_t *turn, const char *name)
{
    bool taken;
    TRY (agent_store_name_taken (self->db, turn, name, &taken));
    return taken ? turn_fail (turn, CONFLICT, "there is already an agent %s: it has the token, or remove it",
                              name)
                 : OK;
}

// The id is part of what the token is issued for, so it is made of what stays the same when the handler runs again.
static fault_t register_new (scheduler_t *self, turn_t *turn, const agent_register_t *ask,
                             agent_registered_t *answer)
{
    TRY (name_is_free (self, turn, ask->name));
    token_issue_t issue = {
        .name = ask->name, .role = "AGENT", .subject = id_new (turn->arena, 'a', turn->now_us)};
    token_t token;
    TRY (actor_call (turn, MSG_token_issue, &issue, &token));
    TRY (unit_write (self, turn));
    TRY (name_is_free (self, turn, ask->name));
    agent_row_t row = described (self, turn, ask);
    row.agent.id = token.subject;
    row.push_key = secret_hash (turn->arena, arena_printf (turn->arena, "push:%s", token.token));
    TRY (agent_store_add (self->db, turn, &row));
    TRY (note_agent (self, turn, "agent.registered", row.agent.id, agent_idle));
    TRY (claim_jobs (self, turn));
    answer->id = row.agent.id;
    answer->name = ask->name;
    answer->token = token.token;
    actor_tick_at (turn, row.silent_at);
    return OK;
}

HANDLER (agent_register)
{
    scheduler_t *self = context;
    const agent_register_t *ask = asked;
    agent_registered_t *answer = answered;
    TRY (check_name (turn, "an agent", ask->name, 'a'));
    TRY (check_url (turn, ask->url));
    answer->token = "";
    answer->lease_seconds = self->lease_seconds;
    answer->heartbeat_seconds = heartbeat (self);
    return turn->caller.role == ROLE_AGENT ? register_again (self, turn, ask, answer)
                                           : register_new (self, turn, ask, answer);
}

HANDLER (agent_list)
{
    scheduler_t *self = context;
    const agent_list_t *ask = asked;
    agent_page_t *page = answered;
    agent_rows_t rows;
    size_t limit = page_limit (ask->limit);
    TRY (agent_store_page (self->db, turn, ask->cursor, limit, &rows));
    page->items.items = arena_array (turn->arena, rows.count + 1, sizeof (agent_t));
    for (size_t i = 0; i < rows.count; i++)
        page->items.items[page->items.count++] = rows.items[i].agent;
    page->next = rows.count == limit ? rows.items[limit - 1].agent.name : "";
    return OK;
}

HANDLER (agent_show)
{
    scheduler_t *self = context;
    const agent_show_t *ask = asked;
    agent_row_t row;
    TRY (agent_store_find (self->db, turn, ask->agent, &row));
    *(agent_t *) answered = row.agent;
    return OK;
}

HANDLER (agent_remove)
{
    scheduler_t *self = context;
    const agent_remove_t *ask = asked;
    (void) answered;
    agent_row_t row;
    bool had;
    TRY (unit_write (self, turn));
    TRY (agent_store_find (self->db, turn, ask->agent, &row));
    TRY (drop_lease (self, turn, row.agent.id, &had));
    TRY (agent_store_hide (self->db, turn, row.agent.id));
    actor_tick_at (turn, turn->now_us); // Its token is revoked there
    return note_agent (self, turn, "agent.removed", row.agent.id, agent_offline);
}

static fault_t is_own (turn_t *turn, const agent_row_t *row)
{
    if (turn->caller.role == ROLE_AGENT && !same (turn->caller.subject, row->agent.id))
        return turn_fail (turn, FORBIDDEN, "this token is another agent's");
    return OK;
}

// It was heard of: kept as seldom as the promise to call it offline in time allows.
static fault_t heard (scheduler_t *self, turn_t *turn, agent_row_t *row, const char *url, int64_t until_us)
{
    bool moved = *url && !same (url, row->agent.url);
    bool fresh = row->silent_at - until_us > -lease_us (self) / 2;
    if (fresh && !moved)
        return OK;
    TRY (unit_write (self, turn));
    row->agent.url = moved ? url : row->agent.url;
    row->agent.seen_at = turn->now_us;
    row->silent_at = until_us > row->silent_at ? until_us : row->silent_at;
    return agent_store_seen (self->db, turn, row);
}

static fault_t now_idle (scheduler_t *self, turn_t *turn, const agent_row_t *row)
{
    if (row->agent.state == agent_idle)
        return OK;
    TRY (unit_write (self, turn));
    TRY (agent_store_state (self->db, turn, row->agent.id, agent_idle, "", NULL));
    TRY (note_agent (self, turn, "agent.state", row->agent.id, agent_idle));
    return claim_jobs (self, turn);
}

// It says which job it has; the lease says which it should have.
static fault_t compare (scheduler_t *self, turn_t *turn, const agent_beat_t *ask, const agent_row_t *row,
                        lease_t *lease, job_orders_t *answer)
{
    if (!*lease->job_id) {
        if (!*ask->job)
            return now_idle (self, turn, row);
        answer->order = order_kill; // What it runs is not its job any more
        return OK;
    }
    if (same (ask->job, lease->job_id) && ask->attempt == lease->attempt) {
        answer->order = lease->order;
        if (lease->begun && lease->expires_at - turn->now_us >= lease_us (self) / 2)
            return OK;
        bool changed;
        TRY (unit_write (self, turn));
        TRY (told_begun (self, turn, ask->job, ask->attempt, &changed));
        told_spoken (self, ask->job);
        TRY (lease_store_of_job (self->db, turn, ask->job, lease));
        if (!*lease->job_id)
            return OK;
        lease->expires_at = turn->now_us + lease_us (self);
        return lease_store_save (self->db, turn, lease);
    }
    if (turn->now_us - lease->leased_at < RESTART_GRACE_US)
        return OK;
    TRY (unit_write (self, turn));
    return lost_soon (self, turn, lease);
}

HANDLER (agent_beat)
{
    scheduler_t *self = context;
    const agent_beat_t *ask = asked;
    job_orders_t *answer = answered;
    agent_row_t row;
    lease_t lease;
    answer->lease_seconds = self->lease_seconds;
    TRY (agent_store_find (self->db, turn, ask->agent, &row));
    TRY (is_own (turn, &row));
    TRY (check_url (turn, ask->url));
    TRY (heard (self, turn, &row, ask->url, turn->now_us + lease_us (self)));
    TRY (lease_store_of_agent (self->db, turn, row.agent.id, &lease));
    return compare (self, turn, ask, &row, &lease, answer);
}

static fault_t offer_lease (scheduler_t *self, turn_t *turn, const char *agent, job_offer_t *answer,
                            bool *offered)
{
    lease_t lease;
    job_row_t job;
    *offered = false;
    TRY (lease_store_of_agent (self->db, turn, agent, &lease));
    if (!*lease.job_id)
        return OK;
    TRY (job_store_find (self->db, turn, lease.job_id, &job));
    if (!lease.begun) {
        *offered = true;
        return claim_offer (self, turn, &job, answer);
    }
    if (turn->now_us - lease.leased_at < RESTART_GRACE_US)
        return OK;
    TRY (unit_write (self, turn)); // It asks for a job though it had begun one
    return lost_soon (self, turn, &lease);
}

HANDLER (agent_next)
{
    scheduler_t *self = context;
    const agent_next_t *ask = asked;
    job_offer_t *answer = answered;
    agent_row_t row;
    bool offered;
    TRY (agent_store_find (self->db, turn, ask->agent, &row));
    TRY (is_own (turn, &row));
    TRY (offer_lease (self, turn, row.agent.id, answer, &offered));
    if (offered)
        return OK;
    int64_t until = turn->now_us + SECONDS (ask->wait);
    if (!*row.agent.job_id) {
        TRY (heard (self, turn, &row, "", until + lease_us (self)));
        TRY (now_idle (self, turn, &row));
        TRY (offer_lease (self, turn, row.agent.id, answer, &offered));
    }
    if (offered || ask->wait == 0 || actor_waited (turn))
        return OK;
    return actor_wait (turn, claim_topic (turn, row.agent.id), until);
}
