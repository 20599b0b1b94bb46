/* proof.c - passwords are compared and chosen. Whoever guesses waits longer and longer (login_delay.h), without keeping anybody else. */

#include "common/base/clock.h"
#include "common/base/metrics.h"
#include "common/db/db_unit.h"
#include "services/identity/people/password.h"
#include "services/identity/people/people.h"

#include <string.h>

static void count_put_off (const char *result)
{
    metric_add (metrics_counter ("opencicd_passwords_put_off_total", "result", result,
                                 "Passwords that were not looked at: by a delay, or as too many waited"),
                1);
}

static fault_t begin (identity_t *self, turn_t *turn, const proof_t *proof, const hashing_ask_t *ask)
{
    int64_t now_us = actor_steady_us (turn);
    int64_t left_us = login_delay_left (self->delays, proof->name, proof->address, now_us);
    if (left_us > 0) {
        count_put_off ("delayed");
        return turn_fail (turn, TOO_MANY, "after wrong passwords one has to wait; try again in %lld s",
                          (long long) (left_us + SECONDS (1) - 1) / 1000000);
    }
    bool last = login_delay_suspects (self->delays, proof->address, now_us);
    fault_t fault = hashing_begin (self->hashing, turn, ask, last ? HASHES_LAST : HASHES_WAITING);
    if (fault == LATER)
        login_delay_charge (self->delays, proof->name, proof->address, now_us);
    else
        count_put_off ("full");
    return fault;
}

fault_t people_prove (identity_t *self, turn_t *turn, const user_row_t *user, const proof_t *proof,
                      hashing_answer_t *out)
{
    const hashing_ask_t ask = {.stored = user->id ? user->password : HASHING_OF_NOBODY,
                               .password = proof->password,
                               .renewed = proof->renewed};
    fault_t fault = hashing_find (self->hashing, turn, &ask, out);
    return fault == NOT_FOUND ? begin (self, turn, proof, &ask) : fault;
}

void people_proven (identity_t *self, const proof_t *proof)
{
    login_delay_clear (self->delays, proof->name, proof->address);
}

fault_t people_hold (identity_t *self, turn_t *turn, const user_row_t *user)
{
    user_row_t now;
    TRY (db_unit_write (self->db, turn));
    TRY (user_store_hold (self->db, turn, user->id, &now));
    bool same = now.id && strcmp (now.password, user->password) == 0 && now.disabled == user->disabled &&
                now.has_factor == user->has_factor;
    return same ? OK : turn_fail (turn, CONFLICT, "the account was changed meanwhile; try again");
}

fault_t people_prove_own (identity_t *self, turn_t *turn, const char *hash, const proof_t *proof, own_t *own,
                          hashing_answer_t *out)
{
    TRY (people_own (self, turn, hash, own));
    proof_t mine = *proof;
    mine.name = own->user.name;
    TRY (people_prove (self, turn, &own->user, &mine, out));
    if (!out->right)
        return turn_fail (turn, INVALID, "password: is wrong");
    people_proven (self, &mine);
    return people_hold (self, turn, &own->user);
}

fault_t people_check_password (turn_t *turn, const char *field, const char *password, const char *name)
{
    const char *refusal = password_refusal (turn->arena, password, name);
    return refusal ? turn_fail (turn, INVALID, "%s: %s", field, refusal) : OK;
}

fault_t people_hash (identity_t *self, turn_t *turn, const char *field, const char *password,
                     const char *name, const char **out)
{
    const hashing_ask_t ask = {.password = "", .renewed = password};
    hashing_answer_t answer;
    TRY (people_check_password (turn, field, password, name));
    fault_t fault = hashing_find (self->hashing, turn, &ask, &answer);
    if (fault == NOT_FOUND)
        fault = hashing_begin (self->hashing, turn, &ask, HASHES_WAITING);
    if (fault == OK)
        *out = answer.made;
    return fault;
}
