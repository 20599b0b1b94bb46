/* oidc_routes.c - the identities of jobs, for the jobs and for whoever verifies them. Identity makes them; here is what HTTP adds. */

#include "common/base/clock.h"
#include "gateway/ask.h"
#include "gateway/call.h"
#include "gateway/inside.h"
#include "gateway/reply.h"
#include "gateway/slots.h"

fault_t oidc_public (request_t *self)
{
    const message_t *ask_message = self->route->ask;
    void *ask = arena_alloc (self->turn.arena, ask_message->size + 1);
    void *answer = gateway_answer (self, ask_message);
    TRY (request_ask (self, ask));
    TRY (gateway_call (self, ask_message, ask, answer, 0));
    reply_header (self, "Cache-Control", "public, max-age=%d", OIDC_CACHE_SECONDS);
    return reply_message (self, 200, call_of (ask_message)->answer, answer, false);
}

fault_t id_token_give (request_t *self)
{
    id_token_get_t ask = {0};
    id_token_t answer = {0};
    TRY (slots_pace (gateway_slots (self->gateway), &self->turn, PACE_ID_TOKEN, self->credential,
                     clock_monotonic_us ()));
    TRY (request_fields (self, &ask));
    TRY (gateway_call (self, MESSAGE (id_token_get), &ask, &answer, 0));
    reply_header (self, "Cache-Control", "no-store");
    return reply_message (self, 200, MESSAGE (id_token), &answer, false);
}
