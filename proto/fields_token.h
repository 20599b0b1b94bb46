/* fields_token.h - fields of tokens. */

#ifndef OPENCICD_FIELDS_TOKEN_H
#define OPENCICD_FIELDS_TOKEN_H

#include "proto/limits.h"

#define TOKEN(F, T)                                                                    \
    F (T, KEY, id, MAX_ID, "opaque")                                                   \
    F (T, STR, name, MAX_NAME, "what it is for")                                       \
    F (T, STR, role, 32, "what it may do: REGISTRAR, VIEWER, DEVELOPER, ADMIN, AGENT") \
    F (T, STR, subject, MAX_ID, "whose it is")                                         \
    F (T, TIME, created_at, 0, "when it was issued")                                   \
    F (T, TIME, expires_at, 0, "null for never")                                       \
    F (T, STR, token, 128, "the secret itself: only in the answer that issues it")

#define TOKEN_ISSUE(F, T)                        \
    F (T, STR, name, MAX_NAME, "what it is for") \
    F (T, KEY, role, 32, "what it may do")       \
    F (T, STR, subject, MAX_ID, "whose it is")   \
    F (T, I64, ttl_seconds, INT64_MAX, "0 for never")
#define TOKEN_CHECK(F, T) F (T, KEY, hash, 64, "secret_hash of the token")
#define PRINCIPAL(F, T)                                                         \
    F (T, STR, role, 32, "empty where there is no such token, or not any more") \
    F (T, STR, subject, MAX_ID, "")
#define TOKEN_LIST(F, T) PAGE (F, T)
#define TOKEN_PAGE(F, T) PAGE_OF (F, T, token)
#define TOKEN_REVOKE(F, T)              \
    F (T, STR, token, MAX_ID, "its id") \
    F (T, STR, subject, MAX_ID, "or all tokens of this subject")

#endif
