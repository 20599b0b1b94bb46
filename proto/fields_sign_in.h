/* fields_sign_in.h - fields of signing in by an OpenID provider, and of the identities that accounts have there. */

#ifndef OPENCICD_FIELDS_SIGN_IN_H
#define OPENCICD_FIELDS_SIGN_IN_H

#include "proto/fields_account.h"

#define MAX_IDENTITIES   20   // Of one account
#define MAX_SIGN_IN_CODE 4096 // Bytes of what a provider's answer brings
#define MAX_SIGN_IN_URL  8192 // Of the address at the provider

#define BROWSER(F, T) F (T, STR, browser, 64, "for the gateway: secret_hash of the cookie of this sign-in")
#define SIGN_IN_BEGIN(F, T)                                                        \
    F (T, KEY, provider, MAX_ID, "its name")                                       \
    F (T, STR, to, MAX_URL, "the page to go to afterwards, a path of this server") \
    BROWSER (F, T)
#define SIGN_IN_FLOW(F, T) F (T, STR, url, MAX_SIGN_IN_URL, "where the browser is to go, at the provider")
// What the provider's answer brought to the page that it redirected to.
#define SIGN_IN_TAKE(F, T)                                         \
    F (T, KEY, state, MAX_SECRET, "as the sign-in was begun with") \
    BROWSER (F, T)
#define SIGN_IN_FINISH(F, T)                                                       \
    F (T, KEY, state, MAX_SECRET, "as the sign-in was begun with")                 \
    F (T, STR, code, MAX_SIGN_IN_CODE, "what stands for the identity, once")       \
    F (T, STR, iss, MAX_URL, "the issuer, where the answer has it")                \
    F (T, STR, error, MAX_NAME, "why there is none")                               \
    F (T, STR, client, MAX_NAME, "for the gateway: what the browser calls itself") \
    CREDENTIAL (F, T)                                                              \
    ADDRESS (F, T)

#define LINKED_IDENTITY(F, T)                                                   \
    F (T, KEY, id, MAX_ID, "opaque")                                            \
    F (T, STR, provider, MAX_ID, "name of the provider; empty: it was removed") \
    F (T, STR, label, MAX_NAME, "what the provider's button says")              \
    F (T, STR, issuer, MAX_URL, "who says so")                                  \
    F (T, STR, subject, MAX_NAME, "by which the provider knows them")           \
    F (T, STR, name, MAX_NAME, "what it called them last")                      \
    F (T, TIME, created_at, 0, "when it was linked")                            \
    F (T, TIME, signed_in_at, 0, "when it signed them in last; null for never")
#define IDENTITY_LIST(F, T) CREDENTIAL (F, T)
#define IDENTITY_ROWS(F, T) \
    F (T, LIST (linked_identity), items, MAX_IDENTITIES, "in the order in which they were linked")
#define IDENTITY_PROOF(F, T)                                                                        \
    F (T, STR, password, MAX_PASSWORD, "the caller's password, of now; of an account that has one") \
    CREDENTIAL (F, T)                                                                               \
    ADDRESS (F, T)
#define IDENTITY_LINK(F, T)                  \
    F (T, KEY, provider, MAX_ID, "its name") \
    IDENTITY_PROOF (F, T)                    \
    BROWSER (F, T)
#define IDENTITY_UNLINK(F, T)                          \
    F (T, KEY, identity, MAX_ID, "its id in the list") \
    IDENTITY_PROOF (F, T)

#define SIGN_IN_MESSAGES(M)                                                               \
    M (609, sign_in_begin, SIGN_IN_BEGIN, "begin to sign in by a provider")               \
    M (610, sign_in_flow, SIGN_IN_FLOW, "a sign-in that was begun")                       \
    M (611, sign_in_take, SIGN_IN_TAKE, "its answer has come: no second one counts")      \
    M (612, sign_in_finish, SIGN_IN_FINISH, "sign in, or link, by the provider's answer") \
    M (613, linked_identity, LINKED_IDENTITY, "an account at a provider")                 \
    M (614, identity_list, IDENTITY_LIST, "the caller's identities")                      \
    M (615, identity_rows, IDENTITY_ROWS, "identities of an account")                     \
    M (616, identity_link, IDENTITY_LINK, "begin to link an identity to one's account")   \
    M (617, identity_unlink, IDENTITY_UNLINK, "sign in by it no more")

#define SIGN_IN_CALLS(C)                              \
    C (sign_in_begin, identity, sign_in_flow, SECRET) \
    C (sign_in_take, identity, done, ONCE)            \
    C (sign_in_finish, identity, session, SECRET)     \
    C (identity_list, identity, identity_rows, AGAIN) \
    C (identity_link, identity, sign_in_flow, SECRET) \
    C (identity_unlink, identity, done, AGAIN)

#endif
