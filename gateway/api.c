/* api.c - routes that are nothing but an ask and its answer: by far the most of them. */

#include "gateway/inside.h"
#include "gateway/reply.h"
#include "gateway/tokens.h"

static fault_t ask_and_answer (request_t *self, bool etagged)
{
    const message_t *ask_message = self->route->ask;
    void *ask = arena_alloc (self->turn.arena, ask_message->size);
    void *answer = gateway_answer (self, ask_message);
    fault_t fault = request_ask (self, ask);
    if (fault == OK)
        fault = gateway_call (self, ask_message, ask, answer, 0);
    if (fault != OK)
        return fault;
    if (ask_message == MESSAGE (token_revoke) || ask_message == MESSAGE (agent_remove))
        tokens_forget (gateway_tokens (self->gateway));
    if (self->route->status != 204)
        return reply_message (self, self->route->status, call_of (ask_message)->answer, answer, etagged);
    reply_bytes (self, 204, NULL, "", 0);
    return OK;
}

fault_t api_call (request_t *self)
{
    return ask_and_answer (self, false);
}

fault_t api_show (request_t *self)
{
    return ask_and_answer (self, true);
}

// A parked agent: waits in the scheduler, so it takes one of the places for what stays long.
fault_t api_next (request_t *self)
{
    agent_next_t ask = {0};
    job_offer_t offer = {0};
    fault_t fault = request_fields (self, &ask);
    if (fault == OK && ask.wait)
        fault = request_stay (self);
    if (fault == OK)
        fault = gateway_call (self, MESSAGE (agent_next), &ask, &offer, ask.wait);
    if (fault != OK)
        return fault;
    if (offer.job && *offer.job)
        return reply_message (self, 200, MESSAGE (job_offer), &offer, false);
    reply_bytes (self, 204, NULL, "", 0);
    return OK;
}
