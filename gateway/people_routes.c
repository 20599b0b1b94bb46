/* people_routes.c - users and accounts: the routes that tell identity who asks, by which credential and from where; only the gateway knows. */

#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/base/utf8.h"
#include "gateway/address.h"
#include "gateway/ask.h"
#include "gateway/call.h"
#include "gateway/cookie.h"
#include "gateway/inside.h"
#include "gateway/reply.h"
#include "gateway/session_reply.h"
#include "gateway/tokens.h"

#include <string.h>

static void fill (const message_t *message, const char *name, const char *value, void *ask)
{
    const field_t *field = message_field (message, name);
    if (field)
        *(const char **) ((char *) ask + field->offset) = value;
}

// Whatever the caller says of them.
static void fill_known (request_t *self, const message_t *message, void *ask)
{
    fill (message, "hash", self->credential ? self->credential : "", ask);
    fill (message, "address", request_address (self), ask);
    fill (message, "client", session_client (self), ask);
}

static fault_t answer (request_t *self, void *ask, void *answered)
{
    const message_t *message = self->route->ask;
    fill_known (self, message, ask);
    TRY (gateway_call (self, message, ask, answered, 0));
    if (strcmp (self->info->method, "GET") != 0) // Of what was accepted a moment ago some may have ended
        tokens_forget (gateway_tokens (self->gateway), clock_monotonic_us ());
    return OK;
}

static fault_t reply (request_t *self, const void *answered)
{
    if (self->route->status != 204)
        return reply_message (self, self->route->status, call_of (self->route->ask)->answer, answered, false);
    reply_bytes (self, 204, NULL, "", 0);
    return OK;
}

fault_t people_call (request_t *self)
{
    void *ask = arena_alloc (self->turn.arena, self->route->ask->size);
    void *answered = gateway_answer (self, self->route->ask);
    TRY (request_ask (self, ask));
    TRY (answer (self, ask, answered));
    return reply (self, answered);
}

// Nobody is signed in yet: what is sent is what counts, and no page of another site may send it.
static fault_t ask_as_gateway (request_t *self, void *ask, void *answered)
{
    TRY (session_refuse_others (self));
    TRY (request_ask (self, ask));
    self->turn.caller = (caller_t){.role = ROLE_SERVICE, .subject = "gateway"};
    return answer (self, ask, answered);
}

fault_t people_login (request_t *self)
{
    login_t ask = {0};
    token_t token = {0};
    TRY (ask_as_gateway (self, &ask, &token));
    return reply (self, &token);
}

fault_t people_invited (request_t *self)
{
    invitation_show_t ask = {0};
    invitation_t invitation = {0};
    TRY (ask_as_gateway (self, &ask, &invitation));
    return reply (self, &invitation);
}

fault_t people_accept (request_t *self)
{
    invitation_accept_t ask = {0};
    session_t session = {0};
    TRY (ask_as_gateway (self, &ask, &session));
    return session_reply (self, &session);
}
