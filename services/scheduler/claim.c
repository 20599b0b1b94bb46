/* claim.c - see claim.h. */

#include "services/scheduler/claim.h"

#include "common/json.h"
#include "services/scheduler/call.h"
#include "services/scheduler/match.h"
#include "services/scheduler/note.h"
#include "services/scheduler/offer_store.h"
#include "services/scheduler/project_store.h"
#include "services/scheduler/run_store.h"
#include "services/scheduler/waiting_store.h"

#define OFFER_MAX (4 << 20) // Bytes of an offer in JSON

const char *claim_topic (turn_t *turn, const char *agent)
{
    return arena_printf (turn->arena, "agent:%s", agent);
}

// {"github": {...}, "needs": ..., ...} out of stored JSON, which is not read again.
static const char *offer_contexts (turn_t *turn, const job_row_t *row, const offer_parts_t *parts)
{
    buffer_t *key = buffer_new (MAX_NAME * 8);
    const char *own = call_own_key (row->job.key);
    json_put (key, own, strlen (own));
    const char *text = arena_printf (
        turn->arena,
        "{\"github\":{\"job\":%s,\"run_attempt\":\"%u\"%s%s,\"needs\":%s,\"strategy\":%s,\"matrix\":%s,"
        "\"inputs\":%s,\"vars\":{},\"secrets\":{}}",
        buffer_text (key), parts->run_attempt, parts->github[1] == '}' ? "" : ",", parts->github + 1,
        parts->needs, row->strategy, row->job.matrix, parts->inputs);
    buffer_destroy (&key);
    return text;
}

fault_t claim_offer (scheduler_t *self, turn_t *turn, const job_row_t *row, job_offer_t *out)
{
    offer_parts_t parts;
    TRY (offer_store_read (self->db, turn, &row->job, &parts));
    *out = (job_offer_t){
        .job = row->job.id,
        .attempt = row->job.attempt,
        .run = row->job.run_id,
        .project = parts.project,
        .key = call_own_key (row->job.key),
        .name = row->job.name,
        .definition = parts.definition,
        .contexts = offer_contexts (turn, row, &parts),
        .token = job_token_make (&self->key, turn->arena, row->job.id, row->job.attempt),
        .lease_seconds = self->lease_seconds,
        .repository = parts.repository,
        .ref = parts.ref,
        .sha = parts.sha,
    };
    return OK;
}

static void push_now (void *context, void *data)
{
    scheduler_t *self = context;
    pusher_push (self->pusher, data);
}

fault_t claim_deliver (scheduler_t *self, turn_t *turn, const job_row_t *row, const agent_row_t *agent,
                       bool again)
{
    if (!*agent->agent.url) {
        actor_announce (turn, claim_topic (turn, agent->agent.id));
        return OK;
    }
    job_offer_t offer;
    TRY (claim_offer (self, turn, row, &offer));
    buffer_t *json = buffer_new (OFFER_MAX);
    message_print (MESSAGE (job_offer), &offer, json);
    push_t *push = arena_alloc (turn->arena, sizeof *push);
    *push = (push_t){
        .url = agent->agent.url,
        .key = agent->push_key,
        .agent = agent->agent.id,
        .job = row->job.id,
        .attempt = row->job.attempt,
        .body = arena_copy (turn->arena, buffer_text (json), buffer_size (json)),
        .again = again,
    };
    buffer_destroy (&json);
    actor_after (turn, push_now, push);
    return OK;
}

static fault_t claim (scheduler_t *self, turn_t *turn, const waiting_t *waiting, const agent_row_t *agent)
{
    job_row_t row;
    const char *job = waiting->job_id;
    TRY (job_store_find (self->db, turn, job, &row));
    row.job.state = job_assigned;
    row.job.attempt++;
    row.tries++;
    row.job.agent_id = agent->agent.id;
    row.job.agent_name = agent->agent.name;
    row.job.started_at = turn->now_us;
    lease_t lease = {
        .job_id = job,
        .agent_id = agent->agent.id,
        .attempt = row.job.attempt,
        .leased_at = turn->now_us,
        .expires_at = turn->now_us + lease_us (self),
        .kill_at = turn->now_us + row.timeout_minutes * SECONDS (60) + TIMEOUT_GRACE_US,
    };
    TRY (job_store_lease (self->db, turn, &row));
    TRY (waiting_store_remove (self->db, turn, waiting));
    TRY (lease_store_add (self->db, turn, &lease));
    TRY (agent_store_state (self->db, turn, agent->agent.id, agent_busy, job, NULL));
    TRY (project_store_add_running (self->db, turn, row.job.project_id, 1));
    TRY (run_store_started (self->db, turn, row.job.run_id));
    TRY (note_job (self, turn, &row.job));
    TRY (note_agent (self, turn, "agent.state", agent->agent.id, agent_busy));
    actor_tick_at (turn, lease.expires_at);
    return claim_deliver (self, turn, &row, agent, false);
}

// The oldest jobs of each queue that an idle agent can serve.
static fault_t candidates (scheduler_t *self, turn_t *turn, const agent_rows_t *agents, waitings_t *out)
{
    waitings_t queues;
    TRY (waiting_store_queues (self->db, turn, &queues));
    *out = (waitings_t){arena_array (turn->arena, MATCH_JOBS, sizeof (waiting_t)), 0};
    for (size_t i = 0; i < queues.count && out->count < MATCH_JOBS; i++) {
        if (!match_any (agents, queues.items[i].labels))
            continue;
        size_t room = MATCH_JOBS - out->count;
        waitings_t jobs;
        TRY (waiting_store_oldest (self->db, turn, &queues.items[i],
                                   agents->count < room ? agents->count : room, &jobs));
        memcpy (out->items + out->count, jobs.items, jobs.count * sizeof (waiting_t));
        out->count += jobs.count;
    }
    return OK;
}

fault_t claim_jobs (scheduler_t *self, turn_t *turn)
{
    agent_rows_t agents;
    waitings_t jobs;
    TRY (agent_store_idle (self->db, turn, &agents));
    if (agents.count == 0)
        return OK;
    TRY (candidates (self, turn, &agents, &jobs));
    match_t *matches = arena_array (turn->arena, agents.count, sizeof *matches);
    size_t count = match_jobs (turn->arena, &jobs, &agents, matches);
    for (size_t i = 0; i < count; i++)
        TRY (claim (self, turn, &jobs.items[matches[i].job], &agents.items[matches[i].agent]));
    return OK;
}
