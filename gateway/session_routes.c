/* session_routes.c - a browser signs in and out. The cookie is set here; identity knows sessions (services/identity/session.c). */

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

static bool is_text (const char *text)
{
    return text && *text;
}

fault_t session_refuse_others (request_t *self)
{
    bool browser =
        http_head_get (self->info, "Sec-Fetch-Site") || http_head_get (self->info, "Origin") != NULL;
    const char *reason = browser ? cookie_refusal (self->info) : NULL;
    return reason ? turn_fail (&self->turn, FORBIDDEN, "%s", reason) : OK;
}

const char *session_client (request_t *self)
{
    const char *client = http_head_get (self->info, "User-Agent");
    return client ? utf8_repair (self->turn.arena, client, strlen (client), MAX_NAME) : "";
}

fault_t session_reply (request_t *self, session_t *session)
{
    bool secure = gateway_config (self->gateway)->secure;
    int64_t seconds = (session->expires_at - gateway_now_us (self->gateway)) / 1000000;
    if (is_text (session->cookie))
        reply_header (self, "Set-Cookie", "%s",
                      cookie_set (self->turn.arena, cookie_name (secure), secure, session->cookie, seconds));
    int status = is_text (session->cookie) ? self->route->status : 200; // Nothing was made: more is needed
    session->cookie = "";
    return reply_message (self, status, MESSAGE (session), session, false);
}

fault_t session_open (request_t *self)
{
    session_begin_t ask = {0};
    session_t session = {0};
    TRY (session_refuse_others (self));
    TRY (request_ask (self, &ask));
    ask.client = session_client (self);
    ask.address = request_address (self);
    self->turn.caller = (caller_t){.role = ROLE_SERVICE, .subject = "gateway"};
    TRY (gateway_call (self, MESSAGE (session_begin), &ask, &session, 0));
    return session_reply (self, &session);
}

fault_t session_close (request_t *self)
{
    bool secure = gateway_config (self->gateway)->secure;
    const char *value = cookie_get (self->turn.arena, self->info, cookie_name (secure));
    const session_end_t ask = {.hash = value ? secret_hash (self->turn.arena, value) : ""};
    done_t done = {0};
    TRY (gateway_call (self, MESSAGE (session_end), &ask, &done, 0));
    tokens_forget (gateway_tokens (self->gateway), clock_monotonic_us ());
    reply_header (self, "Set-Cookie", "%s",
                  cookie_set (self->turn.arena, cookie_name (secure), secure, "", 0));
    reply_bytes (self, 204, NULL, "", 0);
    return OK;
}

fault_t session_link (request_t *self)
{
    link_make_t ask = {0};
    sign_in_link_t link = {0};
    TRY (request_ask (self, &ask));
    ask.hash = self->credential; // Whatever the caller says
    TRY (gateway_call (self, MESSAGE (link_make), &ask, &link, 0));
    return reply_message (self, self->route->status, MESSAGE (sign_in_link), &link, false);
}

fault_t session_rows (request_t *self)
{
    session_list_t ask = {0};
    session_page_t page = {0};
    TRY (request_fields (self, &ask));
    ask.hash = self->credential; // Whatever the caller says
    TRY (gateway_call (self, MESSAGE (session_list), &ask, &page, 0));
    return reply_message (self, self->route->status, MESSAGE (session_page), &page, false);
}

fault_t session_drop (request_t *self)
{
    session_revoke_t ask = {0};
    done_t done = {0};
    TRY (request_fields (self, &ask));
    TRY (gateway_call (self, MESSAGE (session_revoke), &ask, &done, 0));
    tokens_forget (gateway_tokens (self->gateway), clock_monotonic_us ());
    reply_bytes (self, 204, NULL, "", 0);
    return OK;
}
