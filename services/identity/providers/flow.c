/* flow.c - a sign-in by a provider, from the button to its answer: the authorization code flow of OpenID Connect, with PKCE.
 *
 * What begins it is stored: it works for ten minutes, for the browser that has its cookie, once. The answer is taken first, in a request of its
 * own: whatever becomes of it then, no second one counts. Sources: OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9207; RFC 9700, 2.1. */

#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/base/metrics.h"
#include "common/base/sha256.h"
#include "common/base/url.h"
#include "common/db/db_unit.h"
#include "services/identity/providers/exchange.h"
#include "services/identity/providers/flow_store.h"
#include "services/identity/providers/providers.h"
#include "services/identity/session_store.h"
#include "services/identity/token_store.h"

#include <string.h>

#define FLOW_US   SECONDS (600)
#define FLOW_MOST 10000

static fault_t check_gateway (turn_t *turn)
{
    return turn->caller.role == ROLE_SERVICE
               ? OK
               : turn_fail (turn, FORBIDDEN, "only the gateway signs a browser in");
}

// ---- begin ----

// A page of ours, and never another site's: `//host`, and what a browser takes for it.
static bool is_path (const char *text)
{
    return text[0] == '/' && text[1] != '/' && !strchr (text, '\\') && !identity_has_control (text);
}

const char *flow_challenge (arena_t *arena, const char *verifier)
{
    sha256_t sha256;
    unsigned char sum[SHA256_SUM];
    sha256_init (&sha256);
    sha256_add (&sha256, verifier, strlen (verifier));
    sha256_sum (&sha256, sum);
    return bytes_base64url (arena, sum, sizeof sum);
}

static const char *url_of (const identity_t *self, arena_t *arena, const provider_row_t *row,
                           const char *endpoint, const char *state, const flow_row_t *flow)
{
    const provider_t *provider = &row->provider;
    return arena_printf (
        arena,
        "%s%cresponse_type=code&client_id=%s&redirect_uri=%s&scope=%s&state=%s&nonce=%s"
        "&code_challenge=%s&code_challenge_method=S256",
        endpoint, strchr (endpoint, '?') ? '&' : '?', url_escape (arena, provider->client_id, ""),
        url_escape (arena, provider_redirect_url (self, arena), ""), url_escape (arena, provider->scopes, ""),
        state, flow->nonce, flow_challenge (arena, flow->verifier));
}

fault_t flow_begin (identity_t *self, turn_t *turn, const flow_start_t *start, sign_in_flow_t *out)
{
    provider_row_t provider;
    known_provider_t known;
    arena_t *arena = turn->arena;
    const char *path = is_given (start->path) ? start->path : "/";
    if (!is_given (start->browser))
        return turn_fail (turn, INVALID, "browser: is missing");
    if (!is_path (path))
        return turn_fail (turn, INVALID, "to: must be a path of this server");
    TRY (provider_named (self, turn, start->provider, &provider));
    TRY (known_find (self, turn, &provider, &known));
    const char *state = secret_new (arena, "");
    const flow_row_t flow = {.state = secret_hash (arena, state),
                             .browser = start->browser,
                             .provider = provider.provider.id,
                             .nonce = secret_new (arena, ""),
                             .verifier = secret_new (arena, ""),
                             .path = path,
                             .user = start->user,
                             .expires_at = turn->now_us + FLOW_US};
    TRY (db_unit_write (self->db, turn));
    TRY (flow_store_add (self->db, turn, &flow, FLOW_MOST));
    out->url = url_of (self, arena, &provider, known.discovery.authorization_endpoint, state, &flow);
    return OK;
}

HANDLER (sign_in_begin)
{
    const sign_in_begin_t *ask = asked;
    const flow_start_t start = {
        .provider = ask->provider, .path = ask->to, .user = "", .browser = ask->browser};
    TRY (check_gateway (turn));
    return flow_begin (context, turn, &start, answered);
}

// ---- the answer ----

HANDLER (sign_in_take)
{
    identity_t *self = context;
    const sign_in_take_t *ask = asked;
    bool taken;
    (void) answered;
    TRY (check_gateway (turn));
    TRY (db_unit_write (self->db, turn));
    TRY (flow_store_take (self->db, turn, secret_hash (turn->arena, ask->state),
                          is_given (ask->browser) ? ask->browser : "", &taken));
    return taken ? OK
                 : turn_fail (
                       turn, UNAUTHORIZED,
                       "this sign-in was finished before, was begun in another browser, or took longer than"
                       " 10 minutes; begin again");
}

static fault_t check_answer (turn_t *turn, const sign_in_finish_t *ask, const provider_t *provider,
                             const discovery_t *discovery)
{
    bool other = is_given (ask->iss) ? strcmp (ask->iss, discovery->issuer) != 0 : discovery->sends_issuer;
    if (other) // Another provider's answer, which was mixed up with this one's
        return turn_fail (turn, UNAUTHORIZED, "the answer is not of %s; begin again", provider->label);
    if (is_given (ask->error))
        return turn_fail (turn, UNAUTHORIZED,
                          strcmp (ask->error, "access_denied") == 0
                              ? "%s did not let you in, or you declined there"
                              : "%s has refused to sign you in",
                          provider->label);
    return is_given (ask->code)
               ? OK
               : turn_fail (turn, UNAUTHORIZED, "the answer of %s has no code", provider->label);
}

static fault_t read_claims (identity_t *self, turn_t *turn, const sign_in_finish_t *ask,
                            const flow_row_t *flow, const provider_row_t *provider, id_claims_t *out)
{
    known_provider_t known;
    const char *secret;
    TRY (known_find (self, turn, provider, &known));
    TRY (check_answer (turn, ask, &provider->provider, &known.discovery));
    TRY (provider_secret (self, turn, provider, &secret));
    return exchange_find (self, turn, &known,
                          &(code_exchange_t){.provider = provider,
                                             .secret = secret,
                                             .code = ask->code,
                                             .verifier = flow->verifier,
                                             .nonce = flow->nonce,
                                             .redirect_url = provider_redirect_url (self, turn->arena),
                                             .state = flow->state},
                          out);
}

static fault_t sign_in (identity_t *self, turn_t *turn, const sign_in_finish_t *ask,
                        const provider_row_t *provider, const id_claims_t *claims, session_t *out)
{
    user_row_t user;
    TRY (linked_sign_in (self, turn, provider, claims, &user));
    const session_row_t row = {
        .token = "", .user = user.id, .role = user.role, .subject = user.name, .client = ask->client};
    return identity_open_session (self, turn, &row, out);
}

// To the account in whose session it was begun, and which is still signed in: nobody else's browser can add an identity of theirs.
static fault_t link (identity_t *self, turn_t *turn, const sign_in_finish_t *ask, const flow_row_t *flow,
                     const provider_row_t *provider, const id_claims_t *claims, session_t *out)
{
    own_t own = {0};
    fault_t fault = people_own (self, turn, ask->hash, &own);
    if (fault != OK && fault != FORBIDDEN)
        return fault;
    if (fault || !*own.session || strcmp (own.user.id, flow->user) != 0)
        return turn_fail (turn, FORBIDDEN,
                          "whoever began to link this account is not signed in here any more; sign in,"
                          " and begin again");
    TRY (people_hold (self, turn, &own.user));
    TRY (linked_add (self, turn, provider, claims, &own));
    *out = (session_t){.role = own.user.role, .subject = own.user.name, .user = own.user.id};
    return OK;
}

static void count_end (const char *result)
{
    metric_add (metrics_counter ("opencicd_provider_sign_ins_total", "result", result,
                                 "Sign-ins by a provider, by how they ended"),
                1);
}

static fault_t finish (identity_t *self, turn_t *turn, const sign_in_finish_t *ask, session_t *out)
{
    flow_row_t flow;
    provider_row_t provider;
    id_claims_t claims;
    token_counts_t counts;
    bool removed;
    TRY (flow_store_find (self->db, turn, secret_hash (turn->arena, ask->state), &flow));
    if (!flow.state)
        return turn_fail (turn, UNAUTHORIZED, "this sign-in took longer than 10 minutes; begin again");
    TRY (provider_named (self, turn, flow.provider, &provider));
    TRY (read_claims (self, turn, ask, &flow, &provider, &claims));
    TRY (db_unit_write (self->db, turn));
    TRY (token_store_lock (self->db, turn,
                           &counts)); // Of two that come at once the second finds the account of the first
    TRY (flow_store_remove (self->db, turn, flow.state, &removed));
    if (!removed)
        return turn_fail (turn, UNAUTHORIZED, "this sign-in was finished before; begin again");
    TRY (*flow.user ? link (self, turn, ask, &flow, &provider, &claims, out)
                    : sign_in (self, turn, ask, &provider, &claims, out));
    out->to = flow.path;
    return OK;
}

HANDLER (sign_in_finish)
{
    TRY (check_gateway (turn));
    fault_t fault = finish (context, turn, asked, answered);
    if (fault != LATER)
        count_end (fault ? "refused" : "ok");
    return fault;
}
