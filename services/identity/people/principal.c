/* principal.c - roles of users, and whose a credential is. */

#include "services/identity/people/people.h"
#include "services/identity/session_store.h"
#include "services/identity/token_store.h"

#include <string.h>

role_t people_lesser (role_t one, role_t other)
{
    return role_rank (one) < role_rank (other) ? one : other;
}

bool people_role_is (role_t role)
{
    return role_rank (role) > 0;
}

fault_t people_role (turn_t *turn, const char *text, role_t fallback, role_t *out)
{
    *out = is_given (text) ? role_from_name (text) : fallback;
    return people_role_is (*out)
               ? OK
               : turn_fail (turn, INVALID,
                            "role: must be one of MEMBER, VIEWER, DEVELOPER, MAINTAINER, ADMIN");
}

fault_t people_own (identity_t *self, turn_t *turn, const char *hash, own_t *out)
{
    token_t token, opener = {0};
    session_row_t session = {0};
    const char *given = is_given (hash) ? hash : "", *user, *role;
    TRY (token_store_find (self->db, turn, given, &token));
    if (!token.role)
        TRY (session_store_find (self->db, turn, given, 0,
                                 &session)); // The gateway has just looked whether it was used lately
    if (session.role && *session.token)
        TRY (token_store_show (self->db, turn, session.token, &opener));
    user = token.role ? token.user : session.user;
    role = token.role ? token.role : session.role;
    *out = (own_t){.session = session.role ? given : "",
                   .role = role_from_name (role ? role : ""),
                   .ends_at = token.role    ? token.expires_at
                              : opener.role ? opener.expires_at
                                            : 0};
    if (is_given (user))
        TRY (user_store_find (self->db, turn, user, &out->user));
    if (!out->user.id || out->user.disabled)
        return turn_fail (turn, FORBIDDEN,
                          "this token belongs to no account; sign in with a name and a password");
    out->role = people_lesser (out->role, role_from_name (out->user.role));
    return OK;
}

fault_t people_admins (identity_t *self, turn_t *turn, const char *but_user, const char *but_token,
                       const char *but_subject, int64_t *out)
{
    int64_t people;
    TRY (token_store_admins (self->db, turn, but_token, but_subject, out));
    TRY (user_store_admins (self->db, turn, but_user, &people));
    *out += people;
    return OK;
}

fault_t people_check_last (identity_t *self, turn_t *turn, const user_row_t *user)
{
    int64_t others;
    if (strcmp (user->role, role_name (ROLE_ADMIN)) != 0 || user->disabled || !*user->password)
        return OK;
    TRY (people_admins (self, turn, user->id, "", "", &others));
    return others > 0
               ? OK
               : turn_fail (turn, CONFLICT, "%s is the last ADMIN; make another one first", user->name);
}
