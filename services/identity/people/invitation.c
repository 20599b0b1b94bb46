/* invitation.c - one-time links by which somebody chooses a password: invited to an account of their own, or having lost the one they had.
 *
 * The code in the link's address is known only by its hash. Who has it is whom the ADMIN meant: so an invitation has a short life and is
 * used once. A name that its holder chooses may not be one that was given roles, that is in a group, or that rules of environments name:
 * it would get what was meant for somebody else. */

#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/db/db_unit.h"
#include "services/identity/environment_store.h"
#include "services/identity/people/factor_store.h"
#include "services/identity/people/invitation_store.h"
#include "services/identity/people/people.h"
#include "services/identity/role_store.h"
#include "services/identity/session_store.h"
#include "services/identity/token_store.h"

#include <string.h>

#define INVITED_SECONDS 604800 // 7 days
#define RESET_SECONDS   86400

static fault_t not_known (turn_t *turn)
{
    return turn_fail (turn, UNAUTHORIZED, "this link is unknown, used or expired; ask for another one");
}

// `user` is the name of the user whose it is, "" for somebody new.
static invitation_t shown (const invitation_row_t *row, const char *user, const char *code)
{
    return (invitation_t){.id = row->id,
                          .user = user,
                          .name = row->name,
                          .role = row->role,
                          .email = row->email,
                          .factor = row->drop_factor,
                          .created_at = row->created_at,
                          .created_by = row->created_by,
                          .expires_at = row->expires_at,
                          .code = code};
}

// ---- by an ADMIN ----

static fault_t check_ttl (turn_t *turn, int64_t seconds)
{
    return seconds >= 0 ? OK : turn_fail (turn, INVALID, "ttl_seconds: must be a positive number of seconds");
}

static fault_t make (identity_t *self, turn_t *turn, invitation_row_t *row, int64_t seconds,
                     const char **code)
{
    int64_t count;
    TRY (invitation_store_tidy (self->db, turn, &count));
    if (count >= INVITATIONS_MOST)
        return turn_fail (turn, CONFLICT, "there are %d links already that nobody has used; remove some",
                          INVITATIONS_MOST);
    *code = secret_new (turn->arena, "oci_");
    row->id = id_new (turn->arena, 'i', turn->now_us);
    row->hash = secret_hash (turn->arena, *code);
    row->created_at = turn->now_us;
    row->created_by = turn->caller.subject ? turn->caller.subject : "";
    row->expires_at = turn->now_us + SECONDS (seconds);
    return invitation_store_add (self->db, turn, row);
}

static fault_t check_may_invite (turn_t *turn)
{
    bool may = turn->caller.role == ROLE_ADMIN || turn->caller.role == ROLE_SERVICE;
    return may ? OK : turn_fail (turn, FORBIDDEN, "only an ADMIN invites people, and sees who is invited");
}

HANDLER (invitation_make)
{
    identity_t *self = context;
    const invitation_make_t *ask = asked;
    const char *code;
    token_counts_t counts;
    role_t role;
    bool taken = false;
    TRY (check_may_invite (turn));
    TRY (is_given (ask->name) ? people_check_name (turn, ask->name) : OK);
    TRY (people_check_about (turn, NULL, ask->email));
    TRY (people_role (turn, ask->role, ROLE_VIEWER, &role));
    TRY (check_ttl (turn, ask->ttl_seconds));
    invitation_row_t row = {.user = "",
                            .name = ask->name ? ask->name : "",
                            .role = role_name (role),
                            .email = ask->email ? ask->email : ""};
    TRY (db_unit_write (self->db, turn));
    TRY (token_store_lock (self->db, turn, &counts));
    if (*row.name)
        TRY (user_store_is_taken (self->db, turn, row.name, &taken));
    if (taken)
        return turn_fail (turn, CONFLICT, "name: %s is the name of a user, or was", row.name);
    TRY (make (self, turn, &row, ask->ttl_seconds ? ask->ttl_seconds : INVITED_SECONDS, &code));
    people_record (turn, "somebody was invited", row.name);
    *(invitation_t *) answered = shown (&row, "", code);
    return OK;
}

HANDLER (user_reset)
{
    identity_t *self = context;
    const user_reset_t *ask = asked;
    const char *code;
    token_counts_t counts;
    user_row_t user;
    TRY (check_ttl (turn, ask->ttl_seconds));
    TRY (people_named (self, turn, ask->user, &user));
    if (user.service)
        return turn_fail (turn, CONFLICT, "%s is a service account, which has no password", user.name);
    if (user.disabled)
        return turn_fail (turn, CONFLICT, "%s is disabled; enable them first", user.name);
    invitation_row_t row = {
        .user = user.id, .name = "", .role = user.role, .email = user.email, .drop_factor = ask->factor};
    TRY (db_unit_write (self->db, turn));
    TRY (token_store_lock (self->db, turn, &counts));
    TRY (invitation_store_remove_of (self->db, turn, user.id)); // One at a time
    TRY (make (self, turn, &row, ask->ttl_seconds ? ask->ttl_seconds : RESET_SECONDS, &code));
    people_record (turn, "a link to a new password was made", user.name);
    *(invitation_t *) answered = shown (&row, user.name, code);
    return OK;
}

static fault_t name_of (identity_t *self, turn_t *turn, const invitation_row_t *row, const char **out)
{
    user_row_t user = {0};
    if (*row->user)
        TRY (user_store_find (self->db, turn, row->user, &user));
    *out = user.name ? user.name : "";
    return OK;
}

HANDLER (invitation_list)
{
    identity_t *self = context;
    const invitation_list_t *ask = asked;
    invitation_page_t *page = answered;
    invitation_rows_t rows;
    const char *name;
    uint32_t limit = ask->limit ? ask->limit : USERS_SHOWN;
    TRY (check_may_invite (turn));
    TRY (invitation_store_page (self->db, turn, ask->cursor ? ask->cursor : "", limit + 1, &rows));
    if (rows.count > limit) {
        rows.count = limit;
        page->next = rows.items[limit - 1].id;
    }
    page->items =
        (invitation_items_t){arena_array (turn->arena, rows.count + 1, sizeof (invitation_t)), rows.count};
    for (size_t i = 0; i < rows.count; i++) {
        TRY (name_of (self, turn, &rows.items[i], &name));
        page->items.items[i] = shown (&rows.items[i], name, "");
    }
    return OK;
}

HANDLER (invitation_remove)
{
    identity_t *self = context;
    const invitation_remove_t *ask = asked;
    bool removed;
    (void) answered;
    TRY (check_may_invite (turn));
    TRY (db_unit_write (self->db, turn));
    TRY (invitation_store_remove (self->db, turn, ask->invitation, &removed));
    return removed ? OK : turn_fail (turn, NOT_FOUND, "there is no invitation %s", ask->invitation);
}

// ---- by whoever has the link ----

static fault_t find (identity_t *self, turn_t *turn, const char *code, invitation_row_t *row,
                     user_row_t *user)
{
    *user = (user_row_t){0};
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "only the gateway takes the code of a link");
    TRY (invitation_store_find (self->db, turn, secret_hash (turn->arena, code), row));
    if (row->id && *row->user)
        TRY (user_store_find (self->db, turn, row->user, user));
    return row->id && (!*row->user || user->id) ? OK : not_known (turn);
}

HANDLER (invitation_show)
{
    invitation_row_t row;
    user_row_t user;
    TRY (find (context, turn, ((const invitation_show_t *) asked)->code, &row, &user));
    *(invitation_t *) answered = shown (&row, user.id ? user.name : "", "");
    return OK;
}

// A name that nobody meant for whoever has the link.
static fault_t check_means_nobody (identity_t *self, turn_t *turn, const char *name)
{
    bool approves, has_roles;
    TRY (environment_store_names (self->db, turn, name, &approves));
    TRY (role_store_names (self->db, turn, name, &has_roles));
    if (!approves && !has_roles)
        return OK;
    return turn_fail (turn, CONFLICT,
                      "name: %s %s already; choose another name, or ask for an invitation with this one",
                      name, approves ? "is named by rules of an environment" : "has roles or is in a group");
}

// Somebody new, by the name that they or their inviter chose.
static fault_t welcome (identity_t *self, turn_t *turn, const invitation_row_t *row, user_row_t *about,
                        user_row_t *out)
{
    if (!*row->name)
        TRY (check_means_nobody (self, turn, about->name));
    about->role = row->role;
    about->email = row->email;
    about->created_by = row->created_by;
    return people_add (self, turn, about, out);
}

// A new password for somebody who is there. All that was signed in with the old one ends.
static fault_t renew (identity_t *self, turn_t *turn, const invitation_row_t *row, user_row_t *user,
                      const char *hash)
{
    TRY (people_hold (self, turn, user));
    TRY (user_store_set_password (self->db, turn, user->id, hash));
    if (row->drop_factor)
        TRY (factor_store_remove (self->db, turn, user->id));
    user->has_factor = user->has_factor && !row->drop_factor;
    TRY (session_store_remove_of_user (self->db, turn, user->id, ""));
    people_record (turn, "a password was chosen by a link", user->name);
    return OK;
}

HANDLER (invitation_accept)
{
    identity_t *self = context;
    const invitation_accept_t *ask = asked;
    session_t *session = answered;
    invitation_row_t row;
    user_row_t user;
    token_counts_t counts;
    const char *hash;
    bool removed;
    TRY (find (self, turn, ask->code, &row, &user));
    if (user.id && user.disabled)
        return turn_fail (turn, FORBIDDEN, "this account is disabled");
    const char *name = user.id ? user.name : *row.name ? row.name : ask->name ? ask->name : "";
    if (!user.id)
        TRY (people_check_name (turn, name));
    TRY (people_check_about (turn, ask->display_name, NULL));
    TRY (people_hash (self, turn, "password", ask->password, name, &hash));
    TRY (db_unit_write (self->db, turn));
    TRY (token_store_lock (self->db, turn, &counts));
    TRY (invitation_store_remove (self->db, turn, row.id, &removed));
    if (!removed) // By somebody else meanwhile
        return not_known (turn);
    user_row_t about = {.name = name, .display_name = ask->display_name, .password = hash};
    TRY (user.id ? renew (self, turn, &row, &user, hash) : welcome (self, turn, &row, &about, &user));
    if (user.has_factor) { // The link alone must not do instead of it
        *session = (session_t){.subject = user.name, .next = "sign-in"};
        return OK;
    }
    TRY (user_store_signed_in (self->db, turn, user.id));
    return identity_open_session (
        self, turn,
        &(session_row_t){
            .token = "", .user = user.id, .role = user.role, .subject = user.name, .client = ask->client},
        session);
}
