/* fields_token.h - fields of tokens. */

#ifndef OPENCICD_FIELDS_TOKEN_H
#define OPENCICD_FIELDS_TOKEN_H

#include "proto/fields_account.h"
#include "proto/limits.h"

#define MAX_TOKEN_PROJECTS 64

#define TOKEN(F, T)                                                                                        \
    F (T, KEY, id, MAX_ID, "opaque")                                                                       \
    F (T, STR, name, MAX_NAME, "what it is for")                                                           \
    F (T, STR, role, 32, "what it may do: REGISTRAR, MEMBER, VIEWER, DEVELOPER, MAINTAINER, ADMIN, AGENT") \
    F (T, STR, subject, MAX_ID, "whose it is")                                                             \
    F (T, TIME, created_at, 0, "when it was issued")                                                       \
    F (T, TIME, expires_at, 0, "null for never")                                                           \
    F (T, STR, token, 128, "the secret itself: only in the answer that issues it")                         \
    F (T, STRS, labels, 64, "of a REGISTRAR: its agents may have no others; empty for any")                \
    F (T, U32, uses, UINT32_MAX, "of a REGISTRAR: how many agents may register with it; 0 for any number") \
    F (T, U32, used, UINT32_MAX, "how many have registered with it")                                       \
    F (T, STRS, projects, MAX_TOKEN_PROJECTS,                                                              \
       "ids: it may what its role says in these alone; empty for all")                                     \
    F (T, STR, user, MAX_ID, "id of the user whose it is, with whom it ends; empty: of nobody")

#define TOKEN_ISSUE(F, T)                                                                                                              \
    F (T, STR, name, MAX_NAME, "what it is for")                                                                                       \
    F (T, KEY, role, 32, "what it may do")                                                                                             \
    F (T, STR, subject, MAX_ID, "whose it is")                                                                                         \
    F (T, I64, ttl_seconds, INT64_MAX, "0 for never")                                                                                  \
    F (T, STR, hash, 64,                                                                                                               \
       "role AGENT only: secret_hash of a secret that the agent made; then none is made, and a repeated request gives the same token") \
    F (T, STRS, labels, 64, "REGISTRAR: its agents may have no others; AGENT: those that it registers with")                           \
    F (T, U32, uses, UINT32_MAX, "REGISTRAR: how many agents may register with it; 0 for any number")                                  \
    F (T, STR, registration, MAX_ID, "AGENT: id of the registration token that was shown; empty for none")                             \
    F (T, STRS, projects, MAX_TOKEN_PROJECTS,                                                                                          \
       "VIEWER, DEVELOPER, MAINTAINER: ids or names; it is for these projects alone")
#define TOKEN_CHECK(F, T) F (T, KEY, hash, 64, "secret_hash of the token")
#define PRINCIPAL(F, T)                                                                       \
    F (T, STR, role, 32, "empty for an unknown, expired or revoked token")                    \
    F (T, STR, subject, MAX_ID,                                                               \
       "never empty: the token's subject, else its name, else its id; of a REGISTRAR its id") \
    F (T, STR, grants, MAX_TEXT, "of a MEMBER: its roles in projects (common/base/caller.h)") \
    F (T, STR, credential, MAX_ID, "id of the token, or of the session")
#define TOKEN_LIST(F, T) PAGE (F, T)
#define TOKEN_PAGE(F, T) PAGE_OF (F, T, token)
#define TOKEN_REVOKE(F, T)                                       \
    F (T, STR, token, MAX_ID, "its id")                          \
    F (T, STR, subject, MAX_ID, "or all tokens of this subject") \
    F (T, STR, hash, 64,                                         \
       "for the gateway: secret_hash of the caller's token or cookie, where it is to be one of the caller's own")

// Who is signed in, or speaks with a token.
#define SESSION(F, T)                                                                                                                                     \
    F (T, STR, role, 32, "what the caller may do everywhere: MEMBER, VIEWER, DEVELOPER, MAINTAINER, ADMIN")                                               \
    F (T, STR, subject, MAX_ID, "who that is")                                                                                                            \
    F (T, TIME, expires_at, 0, "of a new session: when it ends at the latest")                                                                            \
    F (T, STR, cookie, 128, "for the gateway, which sets it: empty in its answers")                                                                       \
    F (T, ROWS (role_row), roles, GRANTS_MOST, "its roles in single projects")                                                                            \
    F (T, STR, user, MAX_ID, "id of the caller's account; empty: a token of nobody")                                                                      \
    F (T, STR, next, 16,                                                                                                                                  \
       "of a new session: `otp` where a code of the authenticator is needed, too, `sign-in` where the password is to be given; nobody is signed in then") \
    F (T, BOOL, first, 1, "nobody has an account yet, and the caller may make the first")                                                                 \
    F (T, STR, to, MAX_URL, "of a sign-in by a provider: the page that it was begun for")
#define SESSION_BEGIN(F, T)                                                                           \
    F (T, STR, token, MAX_SECRET, "a token of a person")                                              \
    F (T, STR, code, MAX_SECRET, "or the code of a one-time link")                                    \
    F (T, STR, client, MAX_NAME, "for the gateway: what the browser calls itself")                    \
    F (T, STR, name, MAX_ID, "or of a user, with the password")                                       \
    F (T, STR, password, MAX_PASSWORD, "of that user")                                                \
    F (T, STR, otp, MAX_CODE, "code of the user's authenticator, or of recovery, where there is one") \
    ADDRESS (F, T)
#define SESSION_SHOW(F, T) CREDENTIAL (F, T)
#define SESSION_END(F, T)  F (T, STR, hash, 64, "for the gateway: secret_hash of the cookie")
#define LINK_MAKE(F, T)                                                 \
    F (T, U32, ttl_seconds, 86400, "how long it is good; default: 900") \
    F (T, STR, hash, 64, "for the gateway: secret_hash of the caller's token or cookie")
#define SIGN_IN_LINK(F, T)                              \
    F (T, STR, code, 128, "what its address ends with") \
    F (T, TIME, expires_at, 0, "it can be used once, until then")

// A browser that is signed in, as its owner sees it in a list.
#define SIGNED_IN(F, T)                                                                                     \
    F (T, KEY, id, MAX_ID, "opaque")                                                                        \
    F (T, STR, subject, MAX_ID, "who is signed in")                                                         \
    F (T, STR, role, 32, "what it may do: MEMBER, VIEWER, DEVELOPER, MAINTAINER, ADMIN")                    \
    F (T, STR, client, MAX_NAME, "what the browser calls itself (User-Agent); empty where it is not known") \
    F (T, STR, token, MAX_ID, "id of the token that signed it in, with which it ends")                      \
    F (T, BOOL, current, 1, "it is the caller's own")                                                       \
    F (T, TIME, created_at, 0, "when it was signed in")                                                     \
    F (T, TIME, seen_at, 0, "its last request, to within five minutes")                                     \
    F (T, TIME, expires_at, 0, "when it ends at the latest")
#define SESSION_LIST(F, T)                                                                      \
    PAGE (F, T)                                                                                 \
    F (T, STR, subject, MAX_ID, "of an ADMIN: those of this person; default: the caller's own") \
    F (T, STR, hash, 64, "for the gateway: secret_hash of the caller's token or cookie")
#define SESSION_PAGE(F, T)   PAGE_OF (F, T, signed_in)
#define SESSION_REVOKE(F, T) F (T, KEY, session, MAX_ID, "its id in the list")

#define TOKEN_MESSAGES(M)                                                \
    M (100, token_issue, TOKEN_ISSUE, "make a token")                    \
    M (101, token_check, TOKEN_CHECK, "whose token is this?")            \
    M (102, principal, PRINCIPAL, "the caller")                          \
    M (103, token_list, TOKEN_LIST, "the tokens, without their secrets") \
    M (104, token_page, TOKEN_PAGE, "tokens")                            \
    M (105, token_revoke, TOKEN_REVOKE, "revoke a token")                \
    M (106, session_begin, SESSION_BEGIN, "sign a browser in")           \
    M (107, session, SESSION, "who is signed in")                        \
    M (108, session_show, SESSION_SHOW, "who am I?")                     \
    M (109, session_end, SESSION_END, "sign a browser out")              \
    M (110, link_make, LINK_MAKE, "a link that signs in one browser")    \
    M (111, sign_in_link, SIGN_IN_LINK, "such a link")                   \
    M (112, signed_in, SIGNED_IN, "a browser that is signed in")         \
    M (113, session_list, SESSION_LIST, "where am I signed in?")         \
    M (114, session_page, SESSION_PAGE, "browsers that are signed in")   \
    M (115, session_revoke, SESSION_REVOKE, "sign one browser out")

#endif
