/* fields_oidc.h - fields of the identities that jobs get (docs/oidc.md): what a job asks for, what the scheduler says of it, and the keys that
 * others verify with. No message carries a private key. */

#ifndef OPENCICD_FIELDS_OIDC_H
#define OPENCICD_FIELDS_OIDC_H

#include "proto/limits.h"

#define MAX_AUDIENCE       512        // Bytes; cloud providers' have up to 200
#define MAX_ID_TOKEN       (32 << 10) // Bytes of one, signed
#define MAX_CLAIMS         (16 << 10) // Bytes of what is said of a job, before its issuer, audience and times
#define MAX_OIDC_KEYS      8          // Published at once
#define OIDC_CACHE_SECONDS 300        // How long others may keep a copy of them

#define ID_TOKEN_GET(F, T)                              \
    F (T, KEY, job, MAX_ID, "")                         \
    F (T, U32, attempt, UINT32_MAX, "that has the job") \
    F (T, STR, audience, MAX_AUDIENCE,                  \
       "who it is shown to; empty: the issuer and the owner of the repository")
#define ID_TOKEN(F, T) F (T, KEY, value, MAX_ID_TOKEN, "a JWT, signed with RS256")

// Identity asks the scheduler, which knows the job and no key.
#define JOB_CLAIMS(F, T)        \
    F (T, KEY, job, MAX_ID, "") \
    F (T, U32, attempt, UINT32_MAX, "")
#define JOB_IDENTITY(F, T)                                                              \
    F (T, BOOL, withheld, 1, "it runs code of a fork: no identity")                     \
    F (T, STR, owner, MAX_TEXT, "of its repository: the audience where none is chosen") \
    F (T, JSON, claims, MAX_CLAIMS, "an object: `sub`, and what else is known of the run")

// Names and values as OpenID Connect Discovery 1.0 and RFC 7517 have them.
#define OIDC_DISCOVERY_SHOW(F, T) NO_FIELDS (F, T)
#define OIDC_DISCOVERY(F, T)                                                    \
    F (T, STR, issuer, MAX_URL, "`iss` of the tokens: the server's public URL") \
    F (T, STR, jwks_uri, MAX_URL, "where the keys are")                         \
    F (T, STRS, subject_types_supported, 4, "public")                           \
    F (T, STRS, response_types_supported, 4, "id_token")                        \
    F (T, STRS, id_token_signing_alg_values_supported, 4, "RS256")              \
    F (T, STRS, scopes_supported, 4, "openid")                                  \
    F (T, STRS, claims_supported, 64, "that a token may have")
#define OIDC_JWKS_SHOW(F, T) NO_FIELDS (F, T)
#define OIDC_JWK(F, T)                           \
    F (T, STR, kty, 8, "RSA")                    \
    F (T, STR, use, 8, "sig")                    \
    F (T, STR, alg, 8, "RS256")                  \
    F (T, STR, kid, MAX_ID, "as tokens name it") \
    F (T, STR, n, 1024, "modulus, base64url")    \
    F (T, STR, e, 16, "exponent, base64url")
#define OIDC_JWKS(F, T) F (T, LIST (oidc_jwk), keys, MAX_OIDC_KEYS, "the newest first")

#define OIDC_KEY_LIST(F, T) NO_FIELDS (F, T)
#define OIDC_KEY(F, T)                                                                                    \
    F (T, KEY, id, MAX_ID, "`kid`")                                                                       \
    F (T, STR, state, 16,                                                                                 \
       "next: published, and signs from `signs_at`; current: signs; old: tokens that it signed may live") \
    F (T, TIME, created_at, 0, "")                                                                        \
    F (T, TIME, signs_at, 0, "from when it signs, once others have read it")                              \
    F (T, TIME, ends_at, 0, "from when it is published no more; empty: not known yet")
#define OIDC_KEY_ROWS(F, T) F (T, LIST (oidc_key), items, MAX_OIDC_KEYS, "the newest first")
#define OIDC_ROTATE(F, T)  \
    F (T, BOOL, revoke, 1, \
       "a key has leaked: the new one signs at once, and no token of the others is valid any more")

// Rows of MESSAGES (messages.h).
#define OIDC_MESSAGES(M)                                                                \
    M (440, id_token_get, ID_TOKEN_GET, "a job asks for an identity")                   \
    M (441, id_token, ID_TOKEN, "an identity, as @actions/core reads it")               \
    M (442, job_claims, JOB_CLAIMS, "what may this attempt say of itself?")             \
    M (443, job_identity, JOB_IDENTITY, "what is known of an attempt")                  \
    M (444, oidc_discovery_show, OIDC_DISCOVERY_SHOW, "who issues identities, and how") \
    M (445, oidc_discovery, OIDC_DISCOVERY, "OpenID Connect Discovery")                 \
    M (446, oidc_jwks_show, OIDC_JWKS_SHOW, "the keys that verify identities")          \
    M (447, oidc_jwk, OIDC_JWK, "a public key, RFC 7517")                               \
    M (448, oidc_jwks, OIDC_JWKS, "public keys, RFC 7517")                              \
    M (449, oidc_key_list, OIDC_KEY_LIST, "the keys that sign identities")              \
    M (450, oidc_key, OIDC_KEY, "a key that signs identities, without the key")         \
    M (451, oidc_key_rows, OIDC_KEY_ROWS, "keys that sign identities")                  \
    M (452, oidc_rotate, OIDC_ROTATE, "make a new key")

#define OIDC_CALLS(C)                                        \
    C (id_token_get, identity, id_token, AGAIN)              \
    C (oidc_discovery_show, identity, oidc_discovery, AGAIN) \
    C (oidc_jwks_show, identity, oidc_jwks, AGAIN)           \
    C (oidc_key_list, identity, oidc_key_rows, AGAIN)        \
    C (oidc_rotate, identity, oidc_key_rows, ONCE)           \
    C (job_claims, scheduler, job_identity, AGAIN)

#endif
