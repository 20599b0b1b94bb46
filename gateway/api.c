/* api.c - routes that only pass a request to a service and its answer back: most of them. */

#include "common/base/clock.h"
#include "gateway/ask.h"
#include "gateway/call.h"
#include "gateway/inside.h"
#include "gateway/reply.h"
#include "gateway/tokens.h"

#include <string.h>

#define KEY_MOST 255 // Characters of an Idempotency-Key

// A POST with a key runs once however often it is sent: its service stores the key and the answer (actor_once.c), separately for
// each caller and message.
static fault_t take_key (request_t *self)
{
    const char *key = http_head_get (self->info, "Idempotency-Key");
    if (!key || strcmp (self->info->method, "POST") != 0)
        return OK;
    size_t size = strlen (key);
    for (size_t i = 0; i < size; i++)
        if (key[i] <= ' ' || key[i] > '~')
            size = 0;
    if (size == 0 || size > KEY_MOST)
        return turn_fail (&self->turn, BAD_INPUT, "Idempotency-Key: must be 1 to %d visible characters",
                          KEY_MOST);
    self->turn.once_key = key;
    return OK;
}

// What the cache of tokens says of somebody may not be so any more.
static bool changes_callers (uint16_t number)
{
    static const uint16_t numbers[] = {MSG_token_revoke, MSG_agent_remove, MSG_role_set, MSG_role_drop,
                                       MSG_group_set};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i] == number)
            return true;
    return false;
}

static fault_t ask_and_answer (request_t *self, bool etagged)
{
    const message_t *ask_message = self->route->ask;
    void *ask = arena_alloc (self->turn.arena, ask_message->size);
    void *answer = gateway_answer (self, ask_message);
    fault_t fault = request_ask (self, ask);
    if (fault == OK)
        fault = take_key (self);
    if (fault == OK)
        fault = gateway_call (self, ask_message, ask, answer, 0);
    if (fault != OK)
        return fault;
    if (changes_callers (ask_message->number))
        tokens_forget (gateway_tokens (self->gateway), clock_monotonic_us ());
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

// A search may take seconds: few at once, one for a token.
fault_t api_search (request_t *self)
{
    fault_t fault = request_slot (self, SLOT_SEARCH);
    return fault == OK ? ask_and_answer (self, false) : fault;
}

// Agents created in great numbers would fill the database: a token has a rate limit.
fault_t api_register (request_t *self)
{
    fault_t fault = slots_pace (gateway_slots (self->gateway), &self->turn, PACE_REGISTER, self->credential,
                                clock_monotonic_us ());
    return fault == OK ? ask_and_answer (self, false) : fault;
}

// A parked agent: waits in the scheduler, so it takes one of the slots for long requests.
fault_t api_next (request_t *self)
{
    agent_next_t ask = {0};
    job_offer_t offer = {0};
    fault_t fault = request_fields (self, &ask);
    if (fault == OK && ask.wait)
        fault = request_stay (self, SLOT_PARKED);
    if (fault == OK)
        fault = gateway_call (self, MESSAGE (agent_next), &ask, &offer, ask.wait);
    if (fault != OK)
        return fault;
    if (offer.job && *offer.job)
        return reply_message (self, 200, MESSAGE (job_offer), &offer, false);
    reply_bytes (self, 204, NULL, "", 0);
    return OK;
}

fault_t openapi_show (request_t *self)
{
    const gateway_text_t *document = gateway_openapi (self->gateway);
    reply_header (self, "Cache-Control", "private, no-cache");
    reply_header (self, "ETag", "%s", document->etag);
    bool known = http_head_has (self->info, "If-None-Match", document->etag);
    reply_bytes (self, known ? 304 : 200, JSON_TYPE, document->text, document->size);
    return OK;
}
