/* account.c - what people see and change of their own account. What protects it needs the password again, and ends all other sessions. */

#include "common/db/db_unit.h"
#include "services/identity/people/people.h"
#include "services/identity/session_store.h"

#include <string.h>

HANDLER (account_show)
{
    own_t own;
    TRY (people_own (context, turn, ((const account_show_t *) asked)->hash, &own));
    *(user_t *) answered = people_shown (&own.user);
    return OK;
}

HANDLER (account_change)
{
    identity_t *self = context;
    const account_change_t *ask = asked;
    own_t own;
    hashing_answer_t answer;
    TRY (people_check_about (turn, ask->display_name, ask->email));
    TRY (people_own (self, turn, ask->hash, &own));
    if (is_given (ask->email) && strcmp (ask->email, own.user.email) != 0) {
        const proof_t proof = {.password = ask->password ? ask->password : "", .address = ask->address};
        TRY (people_prove_own (self, turn, ask->hash, &proof, &own, &answer));
        own.user.email = ask->email;
    }
    if (is_given (ask->display_name))
        own.user.display_name = ask->display_name;
    TRY (db_unit_write (self->db, turn));
    TRY (user_store_change_about (self->db, turn, &own.user));
    people_record (turn, "an account was changed", own.user.name);
    *(user_t *) answered = people_shown (&own.user);
    return OK;
}

HANDLER (password_change)
{
    identity_t *self = context;
    const password_change_t *ask = asked;
    own_t own;
    hashing_answer_t answer;
    const proof_t proof = {.password = ask->password, .renewed = ask->new_password, .address = ask->address};
    (void) answered;
    TRY (people_own (self, turn, ask->hash, &own));
    TRY (people_check_password (turn, "new_password", ask->new_password, own.user.name));
    TRY (people_prove_own (self, turn, ask->hash, &proof, &own, &answer));
    TRY (user_store_set_password (self->db, turn, own.user.id, answer.made));
    TRY (session_store_remove_of_user (self->db, turn, own.user.id, own.session));
    people_record (turn, "a password was changed", own.user.name);
    return OK;
}
