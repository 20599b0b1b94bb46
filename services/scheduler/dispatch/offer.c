/* offer.c - see offer.h. */

#include "services/scheduler/dispatch/offer.h"

#include "common/base/json.h"
#include "services/scheduler/run/engine.h"
#include "services/scheduler/store/offer_store.h"
#include "services/scheduler/unit/lease_clock.h"
#include "services/scheduler/unit/unit.h"
#include "workflow/plan/claims.h"
#include "workflow/plan/secret_names.h"

#define TOKEN_AFTER_US SECONDS (3600) // A token outlives the time that its job may take by that

const char *offer_topic (turn_t *turn, const char *agent)
{
    return arena_printf (turn->arena, "agent:%s", agent);
}

int64_t job_time_us (const job_row_t *row)
{
    return (row->timeout_minutes + row->cancel_minutes) * SECONDS (60) + TIMEOUT_GRACE_US;
}

// {"github": {...}, "needs": ..., ...} out of stored JSON, which is not read again.
static const char *offer_contexts (const scheduler_t *self, turn_t *turn, const job_row_t *row,
                                   const offer_parts_t *parts)
{
    buffer_t *key = buffer_new (MAX_NAME * 8);
    const char *own = job_own_key (row->job.key);
    const char *vars = *parts->vars ? parts->vars : self->variables; // "" where an older version made the run
    json_put (key, own, strlen (own));
    const char *text = arena_printf (
        turn->arena,
        "{\"github\":{\"job\":%s,\"run_attempt\":\"%u\"%s%s,\"needs\":%s,\"strategy\":%s,\"matrix\":%s,"
        "\"inputs\":%s,\"vars\":%s,\"secrets\":%s%s}",
        buffer_text (key), parts->run_attempt, parts->github[1] == '}' ? "" : ",", parts->github + 1,
        parts->needs, row->strategy, row->job.matrix, parts->inputs, vars, parts->secrets,
        parts->debug ? ",\"runner\":{\"debug\":\"1\"}" : "");
    buffer_destroy (&key);
    return text;
}

// Only a job that may name a secret, or deploys somewhere, asks: the others are spared the request.
static const char *offer_secrets_key (const scheduler_t *self, turn_t *turn, const job_row_t *row,
                                      const offer_parts_t *parts)
{
    return *row->job.environment || secret_names_any (parts->definition)
               ? job_secrets_key (&self->key, turn->arena, row->job.id, row->job.attempt)
               : "";
}

// Good while the attempt may run, and a while longer, for its last bytes. The same again where the offer is made again.
static const char *offer_token (const scheduler_t *self, turn_t *turn, const job_row_t *row,
                                const offer_parts_t *parts)
{
    int64_t leased_at = row->job.started_at ? row->job.started_at : turn->now_us;
    return job_token_make (&self->key, turn->arena,
                           &(job_token_t){.job = row->job.id,
                                          .attempt = row->job.attempt,
                                          .issued_us = leased_at,
                                          .expires_us = leased_at + job_time_us (row) + TOKEN_AFTER_US +
                                                        parts->hold_minutes * SECONDS (60)});
}

fault_t offer_make (scheduler_t *self, turn_t *turn, const job_row_t *row, const rows_t *read, int64_t until,
                    job_offer_t *out)
{
    offer_parts_t parts;
    int64_t left = until - lease_now (self);
    TRY (offer_store_found (turn, read, row->job.id, &parts));
    *out = (job_offer_t){
        .job = row->job.id,
        .attempt = row->job.attempt,
        .run = row->job.run_id,
        .project = parts.project,
        .key = job_own_key (row->job.key),
        .name = row->job.name,
        .definition = parts.definition,
        .contexts = offer_contexts (self, turn, row, &parts),
        .token = offer_token (self, turn, row, &parts),
        .secrets_key = offer_secrets_key (self, turn, row, &parts),
        // So that a job which gets none does not learn where to ask. Whether it gets one is decided when it asks (api/claims.c)
        .id_token = claims_offered (turn->arena, parts.definition, parts.github),
        .lease_seconds = self->lease_seconds,
        .repository = parts.repository,
        .ref = parts.ref,
        .sha = parts.sha,
        .workflow = parts.workflow,
        .workflow_url = parts.url,
        .workflow_sha = parts.url_sha,
        .chained = true,
        .labels = row->job.labels,
        .hold_minutes = parts.hold_minutes,
        .offered_at = lease_now (self),
        .valid_seconds =
            left > SECONDS (2) ? (uint32_t) (left / SECONDS (1) - 1) : 1, // Whoever takes it is in time
    };
    size_t size = strlen (out->contexts) + strlen (out->definition);
    if (size > OFFER_MAX || strlen (out->contexts) > MAX_DOC)
        return turn_fail (turn, TOO_LARGE,
                          "the job's definition and contexts have %zu bytes: more than an"
                          " offer may have",
                          size);
    return OK;
}

void offer_with_answer (scheduler_t *self, turn_t *turn, const char *agent, job_orders_t *answer)
{
    if (self->taker_count < ACTOR_BATCH)
        self->takers[self->taker_count++] = (taker_t){agent, turn, answer};
}

static taker_t *taker_of (scheduler_t *self, const char *agent)
{
    for (size_t i = 0; i < self->taker_count; i++)
        if (same (self->takers[i].agent, agent))
            return &self->takers[i];
    return NULL;
}

bool offer_is_awaited (scheduler_t *self, const char *agent)
{
    return taker_of (self, agent) != NULL;
}

void offer_forget (scheduler_t *self)
{
    for (size_t i = 0; i < self->taker_count; i++)
        self->takers[i].answer->next.count = 0;
}

// A copy in the turn that is answered: the turn that matched may end before it.
static fault_t answer_with (taker_t *taker, const job_offer_t *made)
{
    arena_t *arena = taker->turn->arena;
    job_offer_t *offer = arena_alloc (arena, sizeof *offer);
    buffer_t *packed = buffer_new (OFFER_MAX);
    fault_t fault = message_pack (MESSAGE (job_offer), made, packed);
    size_t size = buffer_size (packed);
    const void *data = arena_copy (arena, buffer_text (packed), size);
    buffer_destroy (&packed);
    if (!fault)
        fault = message_unpack (MESSAGE (job_offer), taker->turn, data, size, offer);
    if (!fault)
        taker->answer->next = (job_offer_items_t){offer, 1};
    return fault;
}

static fault_t print (turn_t *turn, const job_offer_t *offer, const char **out)
{
    buffer_t *json = buffer_new (OFFER_MAX);
    message_print (MESSAGE (job_offer), offer, json);
    bool full = buffer_full (json);
    *out = full ? NULL : arena_copy (turn->arena, buffer_text (json), buffer_size (json));
    buffer_destroy (&json);
    return full ? turn_fail (turn, TOO_LARGE, "the job is too large for an offer to an agent") : OK;
}

fault_t offer_deliver (scheduler_t *self, turn_t *turn, const job_row_t *row, const agent_row_t *agent,
                       const rows_t *read, int64_t until, bool again)
{
    job_offer_t offer;
    taker_t *taker = taker_of (self, agent->agent.id);
    if (taker) {
        TRY (offer_make (self, turn, row, read, until, &offer));
        return answer_with (taker, &offer);
    }
    if (!*agent->agent.url) {
        actor_announce (turn, offer_topic (turn, agent->agent.id));
        return OK;
    }
    TRY (offer_make (self, turn, row, read, until, &offer));
    push_t *push = arena_alloc (turn->arena, sizeof *push);
    *push = (push_t){
        .url = agent->agent.url,
        .key = agent->push_key,
        .agent = agent->agent.id,
        .job = row->job.id,
        .attempt = row->job.attempt,
        .again = again,
        .now_us = lease_now (self),
    };
    TRY (print (turn, &offer, &push->body));
    unit_push (turn, push);
    return OK;
}
