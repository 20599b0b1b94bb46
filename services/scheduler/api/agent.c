/* agent.c - agents: registered, listed, drained, removed. */

#include "common/base/id.h"
#include "common/base/metrics.h"
#include "common/base/url.h"
#include "common/http/signature.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/base/labels.h"
#include "services/scheduler/dispatch/reclaim.h"
#include "services/scheduler/store/agent_view_store.h"
#include "services/scheduler/unit/emit.h"
#include "services/scheduler/unit/lease.h"
#include "services/scheduler/unit/lease_clock.h"

#include <sodium.h>

#define KEY_LEAST 32 // Characters of an agent's key after its prefix

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
                .not_isolated = ask->not_isolated,
                .ephemeral = ask->ephemeral,
                .registered_at = turn->now_us,
                .seen_at = turn->now_us,
            },
        .labels = labels_of (turn->arena, ask->labels.items, ask->labels.count),
        .silent_at = lease_now (self) + lease_us (self),
        .parked_until = lease_now (self) + PARK_GRACE_US,
    };
}

fault_t check_url (turn_t *turn, const char *url)
{
    return *url ? url_check_base (turn, "url", url) : OK; // Empty: it polls for its jobs
}

// A known agent starts anew. That it has lost its job its next report says, which has a time: this message may have been delayed
// until the agent, which registered again meanwhile, was running a job.
static fault_t describe_again (scheduler_t *self, turn_t *turn, const agent_register_t *ask,
                               const agent_row_t *known, agent_registered_t *answer)
{
    agent_row_t row = described (self, turn, ask);
    lease_t lease;
    row.agent.id = known->agent.id;
    TRY (agent_store_describe (self->db, turn, &row));
    TRY (lease_store_of_agent (self->db, turn, row.agent.id, &lease));
    if (!*lease.job_id) {
        TRY (agent_store_state (self->db, turn, row.agent.id, agent_idle, ""));
        TRY (emit_agent (self, turn, EVENT_agent_state, row.agent.id, agent_idle));
        unit_match_agent (self, turn, row.agent.id);
    }
    answer->id = row.agent.id;
    answer->name = ask->name;
    return OK;
}

static fault_t register_again (scheduler_t *self, turn_t *turn, const agent_register_t *ask,
                               agent_registered_t *answer)
{
    agent_row_t known;
    TRY (unit_write (self, turn));
    TRY (agent_store_find (self->db, turn, turn->caller.subject, &known));
    if (!same (known.agent.name, ask->name))
        return turn_fail (turn, CONFLICT, "this agent's name is %s", known.agent.name);
    return describe_again (self, turn, ask, &known, answer);
}

// The agent of this name, where the key that is brought is its own; *known is empty where the name is free.
static fault_t find_named (scheduler_t *self, turn_t *turn, const agent_register_t *ask, agent_row_t *known)
{
    bool taken;
    *known = (agent_row_t){.agent.id = ""};
    TRY (agent_store_name_taken (self->db, turn, ask->name, &taken));
    if (!taken)
        return OK;
    fault_t fault = *ask->key ? agent_store_find (self->db, turn, ask->name, known) : NOT_FOUND;
    if (fault && fault != NOT_FOUND)
        return fault;
    const char *key = push_key_of (turn->arena, ask->key);
    bool own = !fault && strlen (known->push_key) == strlen (key) &&
               sodium_memcmp (key, known->push_key, strlen (key)) == 0;
    if (!own)
        return turn_fail (turn, CONFLICT, "there is already an agent %s: use its token, or remove it",
                          ask->name);
    return OK;
}

// A valid key: it cannot be mistaken for another kind of token, and is too long to be guessed.
static fault_t check_key (turn_t *turn, const char *key)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t size = strlen (key);
    bool good = strncmp (key, "oca_", 4) == 0 && size >= 4 + KEY_LEAST && strspn (key, plain) == size;
    return !size || good
               ? OK
               : turn_fail (turn, INVALID, "key: must be oca_ and at least %d of A-Z a-z 0-9 _ -", KEY_LEAST);
}

// The id is part of what the token is issued for, so it is made of what stays the same when the handler runs again. With a key of the
// agent's own making the whole may be repeated after an answer was lost: identity and this table each know it by the key's hash.
static fault_t register_new (scheduler_t *self, turn_t *turn, const agent_register_t *ask,
                             agent_registered_t *answer)
{
    agent_row_t known;
    token_t token;
    TRY (find_named (self, turn, ask, &known));
    const token_issue_t issue = {.name = ask->name,
                                 .role = "AGENT",
                                 .subject = *known.agent.id ? known.agent.id : actor_id (turn, 'a'),
                                 .hash = *ask->key ? secret_hash (turn->arena, ask->key) : "",
                                 .labels = ask->labels,
                                 .registration =
                                     turn->caller.role == ROLE_REGISTRAR ? turn->caller.subject : ""};
    TRY (actor_call (turn, MSG_token_issue, &issue, &token));
    TRY (unit_write (self, turn));
    TRY (find_named (self, turn, ask, &known));
    if (*known.agent.id)
        return describe_again (self, turn, ask, &known, answer);
    agent_row_t row = described (self, turn, ask);
    row.agent.id = token.subject;
    row.push_key = push_key_of (turn->arena, *ask->key ? ask->key : token.token);
    TRY (agent_store_add (self->db, turn, &row));
    TRY (emit_agent (self, turn, EVENT_agent_registered, row.agent.id, agent_idle));
    unit_match_agent (self, turn, row.agent.id);
    answer->id = row.agent.id;
    answer->name = ask->name;
    answer->token = token.token;
    actor_tick_at (turn, turn->now_us); // From now on there is an agent to watch
    return OK;
}

HANDLER (agent_register)
{
    scheduler_t *self = context;
    const agent_register_t *ask = asked;
    agent_registered_t *answer = answered;
    TRY (check_name (turn, "an agent", ask->name, 'a'));
    TRY (check_url (turn, ask->url));
    TRY (check_key (turn, ask->key));
    answer->token = "";
    answer->lease_seconds = self->lease_seconds;
    answer->heartbeat_seconds = heartbeat (self);
    answer->server_time = lease_now (self);
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
    TRY (agent_view_store_jobs (self->db, turn, &page->items));
    return ask->load ? agent_view_store_loads (self->db, turn, turn->now_us, &page->items) : OK;
}

static fault_t show (scheduler_t *self, turn_t *turn, const char *name, agent_t *out)
{
    agent_row_t row;
    agent_items_t one = {out, 1};
    TRY (agent_store_find (self->db, turn, name, &row));
    *out = row.agent;
    TRY (agent_view_store_jobs (self->db, turn, &one));
    return agent_view_store_loads (self->db, turn, turn->now_us, &one);
}

HANDLER (agent_show)
{
    const agent_show_t *ask = asked;
    return show (context, turn, ask->agent, answered);
}

static void count_drain (const char *change)
{
    metric_add (metrics_counter ("opencicd_agent_drains_total", "change", change,
                                 "Agents that somebody drained or resumed"),
                1);
}

// `drained_at` 0: it is resumed. What is so already stays as it is, with its time.
static fault_t drain (scheduler_t *self, turn_t *turn, const char *name, int64_t drained_at)
{
    agent_row_t row;
    TRY (unit_write (self, turn));
    TRY (agent_store_find (self->db, turn, name, &row));
    if (!row.agent.drained_at == !drained_at)
        return OK;
    TRY (agent_store_drain (self->db, turn, row.agent.id, drained_at));
    TRY (emit_agent (self, turn, drained_at ? EVENT_agent_drained : EVENT_agent_resumed, row.agent.id,
                     row.agent.state));
    if (!drained_at)
        unit_match_agent (self, turn, row.agent.id);
    count_drain (drained_at ? "drained" : "resumed");
    return OK;
}

HANDLER (agent_drain)
{
    const agent_drain_t *ask = asked;
    TRY (drain (context, turn, ask->agent, turn->now_us));
    return show (context, turn, ask->agent, answered);
}

HANDLER (agent_resume)
{
    const agent_resume_t *ask = asked;
    TRY (drain (context, turn, ask->agent, 0));
    return show (context, turn, ask->agent, answered);
}

HANDLER (agent_remove)
{
    scheduler_t *self = context;
    const agent_remove_t *ask = asked;
    (void) answered;
    agent_row_t row;
    lease_t lease;
    TRY (unit_write (self, turn));
    TRY (agent_store_find (self->db, turn, ask->agent, &row));
    TRY (lease_store_of_agent (self->db, turn, row.agent.id, &lease));
    if (*lease.job_id)
        TRY (reclaim_soon (self, turn, &lease));
    return lease_remove_agent (self, turn, row.agent.id);
}
