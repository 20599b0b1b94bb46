/* sign_in.c - somebody signs in by name and password, and with the code of an authenticator where they have one.
 *
 * Whether the name is unknown or the password wrong is not said, and takes the same time. That an account is disabled, or wants a code, is said to
 * whoever has its password alone. */

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/metrics.h"
#include "services/identity/people/people.h"
#include "services/identity/session_store.h"
#include "services/identity/token_store.h"

#include <string.h>

#define LOGIN_SECONDS 2592000 // Of a token that the command line gets: 30 days

static void count_sign_in (const char *result)
{
    metric_add (metrics_counter ("opencicd_sign_ins_total", "result", result,
                                 "Sign-ins with a name and a password, by how they ended"),
                1);
}

static fault_t refuse (turn_t *turn, const user_row_t *user, fault_t fault, const char *why)
{
    count_sign_in ("refused");
    // A name that nobody has may be a password, typed into the wrong field
    log_info ("a sign-in was refused", "name", user->id ? user->name : "", "reason", why, NULL);
    return turn_fail (turn, fault, "%s", why);
}

static fault_t check_factor (identity_t *self, turn_t *turn, const sign_in_t *ask, const user_row_t *user,
                             bool *needs_otp)
{
    bool right;
    int64_t now_us = actor_steady_us (turn);
    *needs_otp = user->has_factor && !is_given (ask->otp);
    if (!user->has_factor || *needs_otp)
        return OK;
    int64_t left_us = login_delay_left_of_codes (self->delays, user->id, now_us);
    if (left_us > 0)
        return turn_fail (turn, TOO_MANY, "after wrong codes one has to wait; try again in %lld s",
                          (long long) (left_us + SECONDS (1) - 1) / 1000000);
    TRY (people_use_factor (self, turn, user, ask->otp, &right));
    if (right) {
        login_delay_clear_codes (self->delays, user->id);
        return OK;
    }
    login_delay_charge_code (self->delays, user->id, now_us);
    return refuse (turn, user, UNAUTHORIZED, "the code is wrong, or was used before");
}

fault_t people_sign_in (identity_t *self, turn_t *turn, const sign_in_t *ask, user_row_t *user,
                        bool *needs_otp)
{
    hashing_answer_t answer;
    const proof_t proof = {.name = identity_key (turn->arena, ask->name),
                           .password = is_given (ask->password) ? ask->password : "",
                           .address = ask->address ? ask->address : ""};
    TRY (user_store_find (self->db, turn, proof.name, user));
    TRY (people_prove (self, turn, user, &proof, &answer));
    if (!answer.right)
        return refuse (turn, user, UNAUTHORIZED, "the name or the password is wrong");
    if (user->disabled)
        return refuse (turn, user, FORBIDDEN, "this account is disabled");
    TRY (people_hold (self, turn, user));
    TRY (check_factor (self, turn, ask, user, needs_otp));
    if (*needs_otp) {
        people_proven (self, &proof); // Nothing of it was wrong: the code comes with the next try
        return OK;
    }
    if (answer.made) // The parameters have changed since it was stored
        TRY (user_store_set_password (self->db, turn, user->id, answer.made));
    TRY (user_store_signed_in (self->db, turn, user->id));
    people_proven (self, &proof);
    count_sign_in ("ok");
    people_record (turn, "a user signed in", user->name);
    return OK;
}

HANDLER (login)
{
    identity_t *self = context;
    const login_t *ask = asked;
    const sign_in_t by = {ask->name, ask->password, ask->otp, ask->address};
    user_row_t user;
    bool needs_otp;
    role_t role;
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "only the gateway signs somebody in");
    TRY (people_sign_in (self, turn, &by, &user, &needs_otp));
    if (needs_otp) // A request that is well formed, and lacks something
        return turn_fail (turn, INVALID, "otp: this account signs in with a code of its authenticator, too");
    TRY (people_role (turn, ask->role, role_from_name (user.role), &role));
    const token_issue_t issue = {.name = is_given (ask->label) ? ask->label : "opencicd login",
                                 .subject = user.name,
                                 .ttl_seconds = ask->ttl_seconds ? ask->ttl_seconds : LOGIN_SECONDS};
    return people_make_token (self, turn, &user, people_lesser (role, role_from_name (user.role)), &issue,
                              answered);
}
