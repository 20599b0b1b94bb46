/* routes_people.h - the rows of routes.h about users, invitations and one's own account (docs/people.md). */

#ifndef OPENCICD_GATEWAY_ROUTES_PEOPLE_H
#define OPENCICD_GATEWAY_ROUTES_PEOPLE_H

#define PEOPLE_HANDLERS(H)                            \
    H (people_call, JSON_TYPE, JSON_TYPE, NULL, 0)    \
    H (people_login, JSON_TYPE, JSON_TYPE, NULL, 0)   \
    H (people_invited, JSON_TYPE, JSON_TYPE, NULL, 0) \
    H (people_accept, JSON_TYPE, JSON_TYPE, NULL, 0)

#define PEOPLE_BODY (16 * KIB)

#define PEOPLE_ROUTES(R)                                                                                     \
    R (GET, "/users", user_list, MAY_ADMIN, 0, 200, people_call, "the users, by name")                       \
    R (POST, "/users", user_add, MAY_ADMIN, PEOPLE_BODY, 201, people_call,                                   \
       "make a user, or a service account")                                                                  \
    R (GET, "/users/{user}", user_show, MAY_ADMIN, 0, 200, people_call, "one user")                          \
    R (PATCH, "/users/{user}", user_change, MAY_ADMIN, PEOPLE_BODY, 200, people_call,                        \
       "change what they may, or are called; another role ends their sessions")                              \
    R (DELETE, "/users/{user}", user_remove, MAY_ADMIN, 0, 204, people_call,                                 \
       "remove a user with their tokens; the name is not given again")                                       \
    R (POST, "/users/{user}/disable", user_disable, MAY_ADMIN, 4 * KIB, 200, people_call,                    \
       "neither they nor their tokens may anything; their sessions end")                                     \
    R (POST, "/users/{user}/enable", user_enable, MAY_ADMIN, 4 * KIB, 200, people_call, "enable them again") \
    R (POST, "/users/{user}/sign-out", user_sign_out, MAY_ADMIN, 4 * KIB, 204, people_call,                  \
       "end all their sessions")                                                                             \
    R (POST, "/users/{user}/reset", user_reset, MAY_ADMIN, 4 * KIB, 201, people_call,                        \
       "a link by which they choose a new password")                                                         \
    R (GET, "/users/{user}/tokens", user_tokens, MAY_ADMIN, 0, 200, people_call,                             \
       "the tokens of a user, without their secrets")                                                        \
    R (POST, "/users/{user}/tokens", user_token_issue, MAY_ADMIN, 4 * KIB, 201, people_call,                 \
       "make a token of a service account")                                                                  \
    R (GET, "/invitations", invitation_list, MAY_ADMIN, 0, 200, people_call,                                 \
       "the links by which somebody may choose a password, and has not")                                     \
    R (POST, "/invitations", invitation_make, MAY_ADMIN, 4 * KIB, 201, people_call, "invite somebody")       \
    R (DELETE, "/invitations/{invitation}", invitation_remove, MAY_ADMIN, 0, 204, people_call,               \
       "take a link back")                                                                                   \
    R (POST, "/invitations/show", invitation_show, MAY_ANYBODY, 4 * KIB, 200, people_invited,                \
       "what a link is for; for whoever has it")                                                             \
    R (POST, "/invitations/accept", invitation_accept, MAY_ANYBODY, PEOPLE_BODY, 201, people_accept,         \
       "choose a name and a password, once; signs the browser in")                                           \
    R (POST, "/login", login, MAY_ANYBODY, PEOPLE_BODY, 201, people_login,                                   \
       "a token by name and password, for the command line")                                                 \
    R (GET, "/account", account_show, MAY_SIGN_IN, 0, 200, people_call, "the caller's own account")          \
    R (PATCH, "/account", account_change, MAY_SIGN_IN, PEOPLE_BODY, 200, people_call,                        \
       "change what the caller is called")                                                                   \
    R (POST, "/account/password", password_change, MAY_SIGN_IN, PEOPLE_BODY, 204, people_call,               \
       "choose another password; all other sessions end")                                                    \
    R (POST, "/account/totp", totp_begin, MAY_SIGN_IN, PEOPLE_BODY, 201, people_call,                        \
       "a key for an authenticator, which counts once it is confirmed")                                      \
    R (POST, "/account/totp/confirm", totp_confirm, MAY_SIGN_IN, 4 * KIB, 200, people_call,                  \
       "its first code: it is asked for at each sign-in from now on")                                        \
    R (POST, "/account/totp/remove", totp_remove, MAY_SIGN_IN, PEOPLE_BODY, 204, people_call,                \
       "sign in without an authenticator")                                                                   \
    R (POST, "/account/recovery-codes", recovery_renew, MAY_SIGN_IN, PEOPLE_BODY, 201, people_call,          \
       "other recovery codes in place of the old ones")                                                      \
    R (GET, "/account/tokens", user_tokens, MAY_SIGN_IN, 0, 200, people_call,                                \
       "the caller's own tokens, without their secrets")                                                     \
    R (POST, "/account/tokens", user_token_issue, MAY_SIGN_IN, 4 * KIB, 201, people_call,                    \
       "make a token of one's own, for a program")                                                           \
    R (DELETE, "/account/tokens/{token}", token_revoke, MAY_SIGN_IN, 0, 204, people_call,                    \
       "revoke one of them")

#endif
