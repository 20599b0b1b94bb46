/* user.c - the accounts of people and of programs: an ADMIN makes, changes, disables and removes them.
 *
 * A name is the subject of what its holder does, in runs, logs and rules of environments. So it never changes, is not given again when its
 * user was removed, and is not that of a token without a user. Adding users takes the lock of tokens, under which all this is looked up. */

#include "common/base/id.h"
#include "common/db/db_unit.h"
#include "services/identity/people/factor_store.h"
#include "services/identity/people/invitation_store.h"
#include "services/identity/people/people.h"
#include "services/identity/role_store.h"
#include "services/identity/session_store.h"
#include "services/identity/token_store.h"

#include <ctype.h>
#include <string.h>

#define NAME_MOST 39 // Characters

static bool is_inner (char sign)
{
    return sign == '.' || sign == '_' || sign == '-';
}

fault_t people_check_name (turn_t *turn, const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t size = strlen (name);
    if (size == 0 || size > NAME_MOST || strspn (name, letters) != size || is_inner (name[0]) ||
        is_inner (name[size - 1]))
        return turn_fail (turn, INVALID,
                          "name: must have 1 to %d characters: a to z, digits, and . _ - between them",
                          NAME_MOST);
    return id_is (name, name[0]) // Of whatever kind: requests name users by id or name
               ? turn_fail (turn, INVALID, "name: looks like the id of something")
               : OK;
}

static bool is_printable (const char *text)
{
    for (; text && *text; text++)
        if ((unsigned char) *text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

fault_t people_check_about (turn_t *turn, const char *display_name, const char *email)
{
    const char *at = is_given (email) ? strchr (email, '@') : NULL;
    if (!is_printable (display_name))
        return turn_fail (turn, INVALID, "display_name: control characters are not allowed");
    if (is_given (email) && (!is_printable (email) || strchr (email, ' ') || !at || at == email || !at[1]))
        return turn_fail (turn, INVALID, "email: is not an address");
    return OK;
}

user_t people_shown (const user_row_t *row)
{
    return (user_t){.id = row->id,
                    .name = row->name,
                    .display_name = row->display_name,
                    .email = row->email,
                    .role = row->role,
                    .service = row->service,
                    .disabled = row->disabled,
                    .has_password = *row->password != '\0',
                    .has_factor = row->has_factor,
                    .created_at = row->created_at,
                    .created_by = row->created_by,
                    .signed_in_at = row->signed_in_at,
                    .identities = row->identities};
}

void people_record (turn_t *turn, const char *what, const char *name)
{
    identity_record (turn, what, &(value_scope_t){"", ""}, name);
}

static fault_t check_admin (turn_t *turn)
{
    bool may = turn->caller.role == ROLE_ADMIN || turn->caller.role == ROLE_SERVICE;
    return may ? OK : turn_fail (turn, FORBIDDEN, "only an ADMIN sees and changes the accounts of others");
}

fault_t people_named (identity_t *self, turn_t *turn, const char *named, user_row_t *out)
{
    TRY (check_admin (turn));
    TRY (user_store_find (self->db, turn, named, out));
    return out->id ? OK : turn_fail (turn, NOT_FOUND, "there is no user %s", named);
}

HANDLER (user_list)
{
    identity_t *self = context;
    const user_list_t *ask = asked;
    user_page_t *page = answered;
    user_rows_t rows;
    uint32_t limit = ask->limit ? ask->limit : USERS_SHOWN;
    TRY (check_admin (turn));
    TRY (user_store_page (self->db, turn, ask->service, ask->cursor ? ask->cursor : "", limit + 1, &rows));
    if (rows.count > limit) {
        rows.count = limit;
        page->next = rows.items[limit - 1].name;
    }
    page->items = (user_items_t){arena_array (turn->arena, rows.count + 1, sizeof (user_t)), rows.count};
    for (size_t i = 0; i < rows.count; i++)
        page->items.items[i] = people_shown (&rows.items[i]);
    return OK;
}

HANDLER (user_show)
{
    user_row_t user;
    TRY (people_named (context, turn, ((const user_show_t *) asked)->user, &user));
    *(user_t *) answered = people_shown (&user);
    return OK;
}

// ---- making ----

fault_t people_add (identity_t *self, turn_t *turn, const user_row_t *about, user_row_t *out)
{
    int64_t count;
    bool taken, acts;
    TRY (user_store_count (self->db, turn, &count));
    TRY (user_store_is_taken (self->db, turn, about->name, &taken));
    TRY (token_store_acts_as (self->db, turn, about->name, &acts));
    if (count >= USERS_MOST)
        return turn_fail (turn, CONFLICT, "there are %d users already; remove some", USERS_MOST);
    if (taken)
        return turn_fail (turn, CONFLICT, "name: %s is the name of a user, or was", about->name);
    if (acts)
        return turn_fail (turn, CONFLICT,
                          "name: a token without a user acts as %s; revoke it, or choose another name",
                          about->name);
    *out = *about;
    out->id = id_new (turn->arena, 'u', turn->now_us);
    out->display_name = is_given (about->display_name) ? about->display_name : about->name;
    out->email = about->email ? about->email : "";
    out->password = about->password ? about->password : "";
    out->created_at = turn->now_us;
    TRY (user_store_add (self->db, turn, out));
    people_record (turn, out->service ? "a service account was added" : "a user was added", out->name);
    return OK;
}

HANDLER (user_add)
{
    identity_t *self = context;
    const user_add_t *ask = asked;
    token_counts_t counts;
    user_row_t row;
    role_t role;
    const char *hash = "";
    TRY (check_admin (turn));
    TRY (people_check_name (turn, ask->name));
    TRY (people_check_about (turn, ask->display_name, ask->email));
    TRY (people_role (turn, ask->role, ROLE_VIEWER, &role));
    if (ask->service && is_given (ask->password))
        return turn_fail (turn, INVALID, "password: a service account has none, only tokens");
    if (is_given (ask->password))
        TRY (people_hash (self, turn, "password", ask->password, ask->name, &hash));
    TRY (db_unit_write (self->db, turn));
    TRY (token_store_lock (self->db, turn, &counts));
    const user_row_t about = {.name = ask->name,
                              .display_name = ask->display_name,
                              .email = ask->email,
                              .role = role_name (role),
                              .password = hash,
                              .service = ask->service,
                              .created_by = turn->caller.subject ? turn->caller.subject : ""};
    TRY (people_add (self, turn, &about, &row));
    *(user_t *) answered = people_shown (&row);
    return OK;
}

// ---- changing ----

// The user, under the lock that keeps the last ADMIN.
static fault_t begin_change (identity_t *self, turn_t *turn, const char *named, user_row_t *out)
{
    token_counts_t counts;
    TRY (check_admin (turn));
    TRY (db_unit_write (self->db, turn));
    TRY (token_store_lock (self->db, turn, &counts));
    return people_named (self, turn, named, out);
}

HANDLER (user_change)
{
    identity_t *self = context;
    const user_change_t *ask = asked;
    user_row_t user;
    role_t role;
    TRY (people_check_about (turn, ask->display_name, ask->email));
    TRY (begin_change (self, turn, ask->user, &user));
    TRY (people_role (turn, ask->role, role_from_name (user.role), &role));
    if (role != role_from_name (user.role)) {
        TRY (people_check_last (self, turn, &user));
        TRY (session_store_remove_of_user (self->db, turn, user.id,
                                           "")); // With another role a session is another one
        user.role = role_name (role);
    }
    user.display_name = is_given (ask->display_name) ? ask->display_name : user.display_name;
    user.email = is_given (ask->email) ? ask->email : user.email;
    TRY (user_store_change (self->db, turn, &user));
    people_record (turn, "a user was changed", user.name);
    *(user_t *) answered = people_shown (&user);
    return OK;
}

static fault_t set_disabled (identity_t *self, turn_t *turn, const char *named, bool disabled, user_t *out)
{
    user_row_t user;
    TRY (begin_change (self, turn, named, &user));
    if (disabled) {
        TRY (people_check_last (self, turn, &user));
        TRY (session_store_remove_of_user (self->db, turn, user.id, ""));
        TRY (invitation_store_remove_of (self->db, turn, user.id));
    }
    TRY (user_store_set_disabled (self->db, turn, user.id, disabled));
    people_record (turn, disabled ? "a user was disabled" : "a user was enabled", user.name);
    user.disabled = disabled;
    *out = people_shown (&user);
    return OK;
}

HANDLER (user_disable)
{
    return set_disabled (context, turn, ((const user_disable_t *) asked)->user, true, answered);
}

HANDLER (user_enable)
{
    return set_disabled (context, turn, ((const user_enable_t *) asked)->user, false, answered);
}

HANDLER (user_remove)
{
    identity_t *self = context;
    user_row_t user;
    (void) answered;
    TRY (begin_change (self, turn, ((const user_remove_t *) asked)->user, &user));
    TRY (people_check_last (self, turn, &user));
    TRY (session_store_remove_of_user (self->db, turn, user.id, ""));
    TRY (token_store_remove_of_user (self->db, turn, user.id));
    TRY (factor_store_remove (self->db, turn, user.id));
    TRY (invitation_store_remove_of (self->db, turn, user.id));
    TRY (role_store_unprovide (self->db, turn, "", user.name));
    TRY (user_store_remove (self->db, turn, user.id));
    people_record (turn, "a user was removed", user.name);
    return OK;
}

HANDLER (user_sign_out)
{
    identity_t *self = context;
    user_row_t user;
    (void) answered;
    TRY (begin_change (self, turn, ((const user_sign_out_t *) asked)->user, &user));
    TRY (session_store_remove_of_user (self->db, turn, user.id, ""));
    people_record (turn, "all sessions of a user were ended", user.name);
    return OK;
}
