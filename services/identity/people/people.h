/* people.h - what the files about users share: who somebody is, what proves it, and what it lets them do. */

#ifndef OPENCICD_IDENTITY_PEOPLE_H
#define OPENCICD_IDENTITY_PEOPLE_H

#include "services/identity/inside.h"
#include "services/identity/people/hashing.h"
#include "services/identity/people/login_delay.h"
#include "services/identity/people/user_store.h"

#define USERS_MOST       10000 // With service accounts
#define INVITATIONS_MOST 500   // Not used yet
#define USER_TOKENS_MOST 50    // Of one user, that have not expired
#define RECOVERY_CODES_N 10
#define USERS_SHOWN      50 // Of one page, unless more are asked for

// ---- principal.c: roles of users ----

role_t people_lesser (role_t one, role_t other); // By rank
bool people_role_is (role_t role);               // MEMBER, VIEWER, DEVELOPER, MAINTAINER, ADMIN
// Of a request; `fallback` where it names none. INVALID for one that is not of people.
MUST_USE fault_t people_role (turn_t *turn, const char *text, role_t fallback, role_t *out);

typedef struct {
    user_row_t user;
    const char *session; // Hash of the session that asks; "" where a token does
    role_t role;         // What the credential gives
    int64_t ends_at;     // When the token ends that it is, or that opened the session; 0 for never
} own_t;
// Whose is the token or session with this hash? FORBIDDEN where it is of nobody.
MUST_USE fault_t people_own (identity_t *self, turn_t *turn, const char *hash, own_t *out);

// People and tokens that stay ADMIN without this user ("": all) and the token, or the tokens of the subject.
MUST_USE fault_t people_admins (identity_t *self, turn_t *turn, const char *but_user, const char *but_token,
                                const char *but_subject, int64_t *out);
// CONFLICT where nobody else could repair what this user does no more.
MUST_USE fault_t people_check_last (identity_t *self, turn_t *turn, const user_row_t *user);

// ---- proof.c: passwords ----

typedef struct {
    const char *name; // As it was typed; delays are counted by it
    const char *password;
    const char *renewed; // hashing.h
    const char *address;
} proof_t;
// Compares, with the delays of whoever failed; id NULL in `user`: with nobody's. Right or not is in *out. LATER, OVERLOADED; TOO_MANY where
// they have to wait.
MUST_USE fault_t people_prove (identity_t *self, turn_t *turn, const user_row_t *user, const proof_t *proof,
                               hashing_answer_t *out);
void people_proven (identity_t *self, const proof_t *proof); // They are who they say
// Begins to write, and keeps others from changing this user meanwhile. CONFLICT where they did since it was read.
MUST_USE fault_t people_hold (identity_t *self, turn_t *turn, const user_row_t *user);
// Of whoever is signed in: proves their password, and holds them. INVALID where it is wrong.
MUST_USE fault_t people_prove_own (identity_t *self, turn_t *turn, const char *hash, const proof_t *proof,
                                   own_t *own, hashing_answer_t *out);
// The hash of a new password. INVALID for one that may not be chosen.
MUST_USE fault_t people_hash (identity_t *self, turn_t *turn, const char *field, const char *password,
                              const char *name, const char **out);
MUST_USE fault_t people_check_password (turn_t *turn, const char *field, const char *password,
                                        const char *name);

// ---- sign_in.c ----

typedef struct {
    const char *name, *password, *otp, *address;
} sign_in_t;
// Afterwards, in a unit of work. *needs_otp: nobody is signed in, their password was right.
MUST_USE fault_t people_sign_in (identity_t *self, turn_t *turn, const sign_in_t *ask, user_row_t *user,
                                 bool *needs_otp);

// ---- second_factor.c ----

// Is it the code of the user's authenticator, or one of recovery? Uses it up.
MUST_USE fault_t people_use_factor (identity_t *self, turn_t *turn, const user_row_t *user, const char *otp,
                                    bool *right);
MUST_USE fault_t people_reseal (identity_t *self, turn_t *turn, size_t *count); // reseal.c
MUST_USE fault_t people_sealed_by (identity_t *self, turn_t *turn, strs_t *keys);

// ---- user_token.c ----

// A token of this user, for what and how long `issue` says.
MUST_USE fault_t people_make_token (identity_t *self, turn_t *turn, const user_row_t *user, role_t role,
                                    const token_issue_t *issue, token_t *out);

// ---- user.c ----

MUST_USE fault_t people_check_name (turn_t *turn, const char *name);
MUST_USE fault_t people_check_about (turn_t *turn, const char *display_name, const char *email);
// Under the lock of tokens: makes an account whose name is free.
MUST_USE fault_t people_add (identity_t *self, turn_t *turn, const user_row_t *about, user_row_t *out);
user_t people_shown (const user_row_t *row);
// The user that is named, for an ADMIN. NOT_FOUND.
MUST_USE fault_t people_named (identity_t *self, turn_t *turn, const char *named, user_row_t *out);
void people_record (turn_t *turn, const char *what, const char *name); // After the commit: "a user was added"

// Every message of these files.
// clang-format off
#define PEOPLE_HANDLERS(H)                                                                            \
    H (user_list) H (user_show) H (user_add) H (user_change) H (user_disable) H (user_enable)         \
    H (user_remove) H (user_sign_out) H (user_reset) H (invitation_make) H (invitation_list)          \
    H (invitation_remove) H (invitation_show) H (invitation_accept) H (account_show)                  \
    H (account_change) H (password_change) H (totp_begin) H (totp_confirm) H (totp_remove)            \
    H (recovery_renew) H (login) H (user_token_issue) H (user_tokens)
// clang-format on
#define PEOPLE_HANDLER(message) HANDLER (message);
PEOPLE_HANDLERS (PEOPLE_HANDLER)
#undef PEOPLE_HANDLER

#endif
