/* provider_routes.c - a browser signs in by an OpenID provider. Identity knows providers and sign-ins; here is the cookie that binds one to the
 * browser that began it, for the ten minutes that it may take.
 *
 * The provider sends the browser back to a page of ours, which posts what the address brought: so a GET changes nothing, and only our own page
 * can finish. */

#include "common/base/clock.h"
#include "common/base/id.h"
#include "gateway/address.h"
#include "gateway/ask.h"
#include "gateway/call.h"
#include "gateway/cookie.h"
#include "gateway/inside.h"
#include "gateway/reply.h"
#include "gateway/session_reply.h"
#include "gateway/tokens.h"

#define FLOW_SECONDS 600

static bool is_secure (request_t *self)
{
    return gateway_config (self->gateway)->secure;
}

static void as_gateway (request_t *self)
{
    self->turn.caller = (caller_t){.role = ROLE_SERVICE, .subject = "gateway"};
}

// Anybody can ask: by address, as nobody is known yet.
static fault_t pace (request_t *self)
{
    return slots_pace (gateway_slots (self->gateway), &self->turn, PACE_SIGN_IN, request_address (self),
                       clock_monotonic_us ());
}

// secret_hash of a cookie of the request; "" where it has none.
static const char *hash_of (request_t *self, const char *name)
{
    const char *value = cookie_get (self->turn.arena, self->info, name);
    return value ? secret_hash (self->turn.arena, value) : "";
}

static void set_flow_cookie (request_t *self, const char *value)
{
    bool secure = is_secure (self);
    reply_header (self, "Set-Cookie", "%s",
                  cookie_set (self->turn.arena, cookie_flow_name (secure), secure, value, FLOW_SECONDS));
}

fault_t provider_offers (request_t *self)
{
    static const char nothing; // It has no fields
    provider_offers_t offers = {0};
    as_gateway (self);
    TRY (gateway_call (self, MESSAGE (provider_offer_list), &nothing, &offers, 0));
    return reply_message (self, 200, MESSAGE (provider_offers), &offers, false);
}

static fault_t reply_flow (request_t *self, const char *cookie, const sign_in_flow_t *flow)
{
    set_flow_cookie (self, cookie);
    return reply_message (self, self->route->status, MESSAGE (sign_in_flow), flow, false);
}

fault_t sign_in_open (request_t *self)
{
    sign_in_begin_t ask = {0};
    sign_in_flow_t flow = {0};
    const char *cookie = secret_new (self->turn.arena, "ocf_");
    TRY (session_refuse_others (self));
    TRY (pace (self));
    TRY (request_ask (self, &ask));
    ask.browser = secret_hash (self->turn.arena, cookie);
    as_gateway (self);
    TRY (gateway_call (self, MESSAGE (sign_in_begin), &ask, &flow, 0));
    return reply_flow (self, cookie, &flow);
}

fault_t identity_link_open (request_t *self)
{
    identity_link_t ask = {0};
    sign_in_flow_t flow = {0};
    const char *cookie = secret_new (self->turn.arena, "ocf_");
    TRY (request_ask (self, &ask));
    ask.browser = secret_hash (self->turn.arena, cookie);
    ask.hash = self->credential; // Whatever the caller says
    ask.address = request_address (self);
    TRY (gateway_call (self, MESSAGE (identity_link), &ask, &flow, 0));
    return reply_flow (self, cookie, &flow);
}

fault_t sign_in_close (request_t *self)
{
    sign_in_finish_t ask = {0};
    session_t session = {0};
    done_t done = {0};
    TRY (session_refuse_others (self));
    TRY (pace (self));
    TRY (request_ask (self, &ask));
    const sign_in_take_t take = {.state = ask.state,
                                 .browser = hash_of (self, cookie_flow_name (is_secure (self)))};
    ask.hash = hash_of (self, cookie_name (is_secure (self))); // Of who links an identity
    ask.client = session_client (self);
    ask.address = request_address (self);
    as_gateway (self);
    TRY (gateway_call (self, MESSAGE (sign_in_take), &take, &done, 0));
    set_flow_cookie (self, ""); // It is used up, whatever becomes of it
    TRY (gateway_call (self, MESSAGE (sign_in_finish), &ask, &session, 0));
    tokens_forget (gateway_tokens (self->gateway), clock_monotonic_us ());
    return session_reply (self, &session);
}
