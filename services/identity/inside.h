/* inside.h - the identity service's internal interface. */

#ifndef OPENCICD_IDENTITY_INSIDE_H
#define OPENCICD_IDENTITY_INSIDE_H

#include "proto/messages.h"
#include "services/identity/identity.h"

struct identity {
    db_t *db; // First, for db_unit.h
};

static inline bool is_given (const char *text)
{
    return text && *text;
}

// The name of the token's holder for others: never empty, so that actions have an actor.
const char *identity_subject (const token_t *token);

// Whose session is it? Empty where there is none of that hash. Its use is recorded, which keeps it from ending for lack of use.
MUST_USE fault_t identity_check_session (identity_t *self, turn_t *turn, const char *hash, principal_t *out);
HANDLER (session_begin);
HANDLER (session_show);
HANDLER (session_end);
HANDLER (session_list);
HANDLER (session_revoke);
HANDLER (link_make);

#endif
