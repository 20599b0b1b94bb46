/* fields_token.h - fields of tokens. */

#ifndef OPENCICD_FIELDS_TOKEN_H
#define OPENCICD_FIELDS_TOKEN_H

#include "proto/limits.h"

#define TOKEN(F, T)                                                                                        \
    F (T, KEY, id, MAX_ID, "opaque")                                                                       \
    F (T, STR, name, MAX_NAME, "what it is for")                                                           \
    F (T, STR, role, 32, "what it may do: REGISTRAR, VIEWER, DEVELOPER, ADMIN, AGENT")                     \
    F (T, STR, subject, MAX_ID, "whose it is")                                                             \
    F (T, TIME, created_at, 0, "when it was issued")                                                       \
    F (T, TIME, expires_at, 0, "null for never")                                                           \
    F (T, STR, token, 128, "the secret itself: only in the answer that issues it")                         \
    F (T, STRS, labels, 64, "of a REGISTRAR: its agents may have no others; empty for any")                \
    F (T, U32, uses, UINT32_MAX, "of a REGISTRAR: how many agents may register with it; 0 for any number") \
    F (T, U32, used, UINT32_MAX, "how many have registered with it")

#define TOKEN_ISSUE(F, T)                                                                                                              \
    F (T, STR, name, MAX_NAME, "what it is for")                                                                                       \
    F (T, KEY, role, 32, "what it may do")                                                                                             \
    F (T, STR, subject, MAX_ID, "whose it is")                                                                                         \
    F (T, I64, ttl_seconds, INT64_MAX, "0 for never")                                                                                  \
    F (T, STR, hash, 64,                                                                                                               \
       "role AGENT only: secret_hash of a secret that the agent made; then none is made, and a repeated request gives the same token") \
    F (T, STRS, labels, 64, "REGISTRAR: its agents may have no others; AGENT: those that it registers with")                           \
    F (T, U32, uses, UINT32_MAX, "REGISTRAR: how many agents may register with it; 0 for any number")                                  \
    F (T, STR, registration, MAX_ID, "AGENT: id of the registration token that was shown; empty for none")
#define TOKEN_CHECK(F, T) F (T, KEY, hash, 64, "secret_hash of the token")
#define PRINCIPAL(F, T)                                                    \
    F (T, STR, role, 32, "empty for an unknown, expired or revoked token") \
    F (T, STR, subject, MAX_ID,                                            \
       "never empty: the token's subject, else its name, else its id; of a REGISTRAR its id")
#define TOKEN_LIST(F, T) PAGE (F, T)
#define TOKEN_PAGE(F, T) PAGE_OF (F, T, token)
#define TOKEN_REVOKE(F, T)              \
    F (T, STR, token, MAX_ID, "its id") \
    F (T, STR, subject, MAX_ID, "or all tokens of this subject")

#define TOKEN_MESSAGES(M)                                                \
    M (100, token_issue, TOKEN_ISSUE, "make a token")                    \
    M (101, token_check, TOKEN_CHECK, "whose token is this?")            \
    M (102, principal, PRINCIPAL, "the caller")                          \
    M (103, token_list, TOKEN_LIST, "the tokens, without their secrets") \
    M (104, token_page, TOKEN_PAGE, "tokens")                            \
    M (105, token_revoke, TOKEN_REVOKE, "revoke a token")

#endif
