/* fields_user.h - fields of users and invitations: what an ADMIN does with the accounts of others. */

#ifndef OPENCICD_FIELDS_USER_H
#define OPENCICD_FIELDS_USER_H

#include "proto/fields_account.h"

#define USER(F, T)                                                                                  \
    F (T, KEY, id, MAX_ID, "opaque")                                                                \
    F (T, STR, name, MAX_ID, "how they sign in, and the subject of what they do; it never changes") \
    F (T, STR, display_name, MAX_NAME, "what others call them")                                     \
    F (T, STR, email, MAX_NAME, "empty where it is not known")                                      \
    F (T, STR, role, 32, "what they may everywhere: MEMBER, VIEWER, DEVELOPER, MAINTAINER, ADMIN")  \
    F (T, BOOL, service, 1, "a service account: a program, which has tokens and no password")       \
    F (T, BOOL, disabled, 1, "neither they nor their tokens may anything")                          \
    F (T, BOOL, has_password, 1, "they have chosen one")                                            \
    F (T, BOOL, has_factor, 1, "they sign in with an authenticator, too")                           \
    F (T, TIME, created_at, 0, "when the account was made")                                         \
    F (T, STR, created_by, MAX_ID, "by whom; empty: by themselves")                                 \
    F (T, TIME, signed_in_at, 0,                                                                    \
       "when they last signed in with their password, or by a provider; null for never")            \
    F (T, U32, identities, UINT32_MAX, "that they have at providers, by which they sign in")
#define USER_LIST(F, T) \
    PAGE (F, T)         \
    F (T, BOOL, service, 1, "the service accounts; default: the people")
#define USER_PAGE(F, T)  PAGE_OF (F, T, user)
#define USER_NAMED(F, T) F (T, KEY, user, MAX_ID, "id or name")
#define USER_ADD(F, T)                                                                               \
    F (T, KEY, name, MAX_ID, "a to z, digits, and . _ - between them; at most 39; it never changes") \
    F (T, STR, display_name, MAX_NAME, "default: the name")                                          \
    F (T, STR, email, MAX_NAME, "may be empty")                                                      \
    F (T, STR, role, 32, "MEMBER, VIEWER, DEVELOPER, MAINTAINER, ADMIN; default: VIEWER")            \
    F (T, BOOL, service, 1, "a service account")                                                     \
    F (T, STR, password, MAX_PASSWORD, "8 to 256 characters; empty: they choose it by a link (user_reset)")
#define USER_CHANGE(F, T)                          \
    USER_NAMED (F, T)                              \
    F (T, STR, role, 32, "empty: as it is")        \
    F (T, STR, display_name, MAX_NAME, "likewise") \
    F (T, STR, email, MAX_NAME, "likewise")
#define USER_RESET(F, T)                                                          \
    USER_NAMED (F, T)                                                             \
    F (T, I64, ttl_seconds, 2592000, "how long the link is good; default: a day") \
    F (T, BOOL, factor, 1, "the authenticator and the recovery codes end with the old password")

#define INVITATION(F, T)                                                                         \
    F (T, KEY, id, MAX_ID, "opaque")                                                             \
    F (T, STR, user, MAX_ID, "name of the user who chooses a new password; empty: somebody new") \
    F (T, STR, name, MAX_ID, "of somebody new; empty where they choose it")                      \
    F (T, STR, role, 32, "what they will be")                                                    \
    F (T, STR, email, MAX_NAME, "may be empty")                                                  \
    F (T, BOOL, factor, 1, "the authenticator and the recovery codes end with the old password") \
    F (T, TIME, created_at, 0, "when it was made")                                               \
    F (T, STR, created_by, MAX_ID, "by whom")                                                    \
    F (T, TIME, expires_at, 0, "it can be used once, until then")                                \
    F (T, STR, code, MAX_CODE, "what its address ends with: only in the answer that makes it")
#define INVITATION_MAKE(F, T)                                                             \
    F (T, STR, name, MAX_ID, "empty: they choose it")                                     \
    F (T, STR, role, 32, "MEMBER, VIEWER, DEVELOPER, MAINTAINER, ADMIN; default: VIEWER") \
    F (T, STR, email, MAX_NAME, "may be empty")                                           \
    F (T, I64, ttl_seconds, 2592000, "how long the link is good; default: 7 days")
#define INVITATION_LIST(F, T)   PAGE (F, T)
#define INVITATION_PAGE(F, T)   PAGE_OF (F, T, invitation)
#define INVITATION_REMOVE(F, T) F (T, KEY, invitation, MAX_ID, "its id")
#define INVITATION_SHOW(F, T)   F (T, KEY, code, MAX_CODE, "what the address ends with")
#define INVITATION_ACCEPT(F, T)                                                    \
    F (T, KEY, code, MAX_CODE, "what the address ends with")                       \
    F (T, STR, name, MAX_ID, "where the invitation names nobody")                  \
    F (T, STR, display_name, MAX_NAME, "of somebody new; default: the name")       \
    F (T, KEY, password, MAX_PASSWORD, "8 to 256 characters")                      \
    F (T, STR, client, MAX_NAME, "for the gateway: what the browser calls itself") \
    ADDRESS (F, T)

#define USER_MESSAGES(M)                                                                    \
    M (460, user, USER, "a person or a service account")                                    \
    M (461, user_list, USER_LIST, "the users, by name")                                     \
    M (462, user_page, USER_PAGE, "users")                                                  \
    M (463, user_show, USER_NAMED, "one user")                                              \
    M (464, user_add, USER_ADD, "make a user")                                              \
    M (465, user_change, USER_CHANGE, "change what a user may, or is called")               \
    M (466, user_disable, USER_NAMED, "disable a user: their sessions end")                 \
    M (467, user_enable, USER_NAMED, "enable a user again")                                 \
    M (468, user_remove, USER_NAMED, "remove a user with their tokens")                     \
    M (469, user_sign_out, USER_NAMED, "end all sessions of a user")                        \
    M (470, user_reset, USER_RESET, "a link by which a user chooses a new password")        \
    M (471, invitation, INVITATION, "a one-time link by which somebody chooses a password") \
    M (472, invitation_make, INVITATION_MAKE, "invite somebody")                            \
    M (473, invitation_list, INVITATION_LIST, "the links that were not used yet")           \
    M (474, invitation_page, INVITATION_PAGE, "such links")                                 \
    M (475, invitation_remove, INVITATION_REMOVE, "take a link back")                       \
    M (476, invitation_show, INVITATION_SHOW, "what is a link for?")                        \
    M (477, invitation_accept, INVITATION_ACCEPT, "choose a name and a password")           \
    ACCOUNT_MESSAGES (M)

#define USER_CALLS(C)                                     \
    C (user_list, identity, user_page, AGAIN)             \
    C (user_show, identity, user, AGAIN)                  \
    C (user_add, identity, user, SECRET)                  \
    C (user_change, identity, user, AGAIN)                \
    C (user_disable, identity, user, AGAIN)               \
    C (user_enable, identity, user, AGAIN)                \
    C (user_remove, identity, done, AGAIN)                \
    C (user_sign_out, identity, done, AGAIN)              \
    C (user_reset, identity, invitation, SECRET)          \
    C (invitation_make, identity, invitation, SECRET)     \
    C (invitation_list, identity, invitation_page, AGAIN) \
    C (invitation_remove, identity, done, AGAIN)          \
    C (invitation_show, identity, invitation, AGAIN)      \
    C (invitation_accept, identity, session, SECRET)      \
    ACCOUNT_CALLS (C)

#endif
