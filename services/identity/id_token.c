/* id_token.c - an identity for a job: what the scheduler says of it, signed.
 *
 * As with secrets, two must agree: the scheduler knows the job and no key, and here are the keys and nothing is known of the job. A job asks
 * with its own token, while its attempt has it. Source: RFC 7519; OpenID Connect Core 1.0, 2. */

#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/log.h"
#include "common/base/metrics.h"
#include "common/base/utf8.h"
#include "services/identity/oidc.h"
#include "services/identity/rsa_key.h"
#include "workflow/expression/value.h"

#include <string.h>

#define CLOCK_SECONDS 60 // That another's clock may be behind ours

static void count (const char *result)
{
    metric_add (metrics_counter ("opencicd_id_tokens_total", "result", result,
                                 "Identities that jobs asked for, by what they got"),
                1);
}

static fault_t check_ask (turn_t *turn, const id_token_get_t *ask)
{
    const caller_t *caller = &turn->caller;
    const char *audience = ask->audience ? ask->audience : "";
    if (caller->role != ROLE_JOB || strcmp (caller->subject, ask->job) != 0 ||
        caller->attempt != ask->attempt)
        return turn_fail (turn, FORBIDDEN, "only attempt %u of job %s itself gets its identity", ask->attempt,
                          ask->job);
    for (const char *at = audience; *at; at++)
        if ((unsigned char) *at <= ' ' || *at == 0x7f)
            return turn_fail (turn, INVALID, "audience: blanks and control characters are not allowed");
    return OK;
}

// What the scheduler says may be anything but these.
static const value_t *complete (identity_t *self, turn_t *turn, const job_identity_t *of,
                                const char *audience, const char *jti)
{
    const value_t *given;
    const char *error;
    int64_t now = turn->now_us / SECONDS (1);
    if (value_from_json (turn->arena, of->claims, strlen (of->claims), &given, &error) != OK ||
        !*value_get_text (given, "sub"))
        return NULL;
    value_t *claims = value_copy (turn->arena, given);
    const char *owner = of->owner ? of->owner : "";
    const char *to = *audience ? audience : arena_printf (turn->arena, "%s/%s", self->issuer, owner);
    value_set (turn->arena, claims, "iss", value_string (turn->arena, self->issuer));
    value_set (turn->arena, claims, "aud", value_string (turn->arena, to));
    value_set (turn->arena, claims, "jti", value_string (turn->arena, jti));
    value_set (turn->arena, claims, "iat", value_number (turn->arena, (double) now));
    value_set (turn->arena, claims, "nbf", value_number (turn->arena, (double) (now - CLOCK_SECONDS)));
    value_set (turn->arena, claims, "exp", value_number (turn->arena, (double) (now + OIDC_TOKEN_SECONDS)));
    return claims;
}

static fault_t sign (identity_t *self, turn_t *turn, const value_t *claims, const char **out)
{
    oidc_keys_t keys;
    arena_t *arena = turn->arena;
    TRY (oidc_take_keys (self, turn, &keys));
    const oidc_key_row_t *key = oidc_keys_current (&keys, turn->now_us);
    const char *pem = oidc_open (self, arena, key);
    if (!pem)
        return turn_fail (
            turn, INVALID, // Trying again would not help
            "the key %s that signs identities cannot be decrypted: the server's key file lacks"
            " the key %s, or the stored bytes were changed; `opencicd oidc rotate --revoke` makes"
            " another",
            key->id, key->key_name);
    const char *head = arena_printf (arena, "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"%s\"}", key->id);
    const char *body = value_to_json (arena, claims, 0);
    const char *text = arena_printf (arena, "%s.%s", bytes_base64url (arena, head, strlen (head)),
                                     bytes_base64url (arena, body, strlen (body)));
    const char *signature = rsa_key_sign (arena, pem, text);
    *out = signature ? arena_printf (arena, "%s.%s", text, signature) : "";
    return signature ? OK : turn_fail (turn, BROKEN, "the key %s cannot sign", key->id);
}

typedef struct {
    const char *job, *sub, *aud, *jti;
} issued_t;

static void log_given (void *service, void *data)
{
    const issued_t *given = data;
    (void) service;
    count ("given");
    log_info ("a job got an identity", "job", given->job, "sub", given->sub, "aud", given->aud, "jti",
              given->jti, NULL);
}

static fault_t give (identity_t *self, turn_t *turn, const id_token_get_t *ask, id_token_t *answer)
{
    job_identity_t of = {0};
    TRY (check_ask (turn, ask));
    // A job of `opencicd run` asks too, and its log is where this is read
    if (self->no_id_tokens)
        return turn_fail (
            turn, FORBIDDEN,
            "this server gives jobs no identity (`opencicd run`, or the setting id_tokens): nobody"
            " could verify one that it signs (docs/oidc.md)");
    const job_claims_t about = {.job = ask->job, .attempt = ask->attempt};
    TRY (actor_call (turn, MSG_job_claims, &about, &of));
    if (of.withheld)
        return turn_fail (turn, FORBIDDEN, "the run's code is a fork's: it gets no identity");
    const char *jti = secret_new (turn->arena, "");
    const value_t *claims = complete (self, turn, &of, ask->audience ? ask->audience : "", jti);
    if (!claims)
        return turn_fail (turn, BROKEN, "the claims of job %s cannot be read", ask->job);
    TRY (sign (self, turn, claims, &answer->value));
    issued_t *given = arena_alloc (turn->arena, sizeof (*given));
    *given = (issued_t){ask->job, value_get_text (claims, "sub"), value_get_text (claims, "aud"), jti};
    actor_after (turn, log_given, given);
    return OK;
}

HANDLER (id_token_get)
{
    fault_t fault = give (context, turn, asked, answered);
    if (fault == FORBIDDEN || fault == CONFLICT || fault == NOT_FOUND || fault == INVALID)
        count ("refused");
    return fault;
}
