/* principal.c - what whoever holds a credential may do: its role everywhere, and what its subject and its groups were given; or its role in the
 * projects that it is narrowed to.
 *
 * A credential of a user is never more than the user may at that moment, and nothing where they are disabled or gone. One of the account's role
 * is all that the user may; one of a lesser role is at most that, in projects as well. One of nobody is what it was made for: of another role
 * than MEMBER it gets nothing by grants. */

#include "common/base/buffer.h"
#include "services/identity/people/people.h"
#include "services/identity/role_store.h"

#include <string.h>

// Each row of a person is of another project, or of another of its groups.
#define ROWS_READ (GRANTS_MOST * 4)

typedef struct {
    buffer_t *text;
    size_t count;
} grants_text_t;

static void put_grant (grants_text_t *self, const char *project, role_t role)
{
    if (self->count == GRANTS_MOST || !role_is_of_project (role) ||
        buffer_size (self->text) + strlen (project) + 4 > GRANTS_TEXT)
        return;
    buffer_printf (self->text, "%s=%c|", project, *role_name (role));
    self->count++;
}

static grants_text_t begin_grants (void)
{
    grants_text_t self = {.text = buffer_new (GRANTS_TEXT)};
    buffer_putc (self.text, '|');
    return self;
}

static const char *end_grants (turn_t *turn, grants_text_t *self)
{
    const char *text = arena_copy (turn->arena, buffer_text (self->text), buffer_size (self->text));
    buffer_destroy (&self->text);
    return text;
}

// The rows are by project: of several for one the highest counts.
static void read_rows (turn_t *turn, const role_row_items_t *rows, principal_t *out)
{
    grants_text_t grants = begin_grants ();
    role_t role = role_from_name (out->role);
    for (size_t i = 0, next; i < rows->count; i = next) {
        const char *project = rows->items[i].project_id;
        role_t best = ROLE_NOBODY;
        for (next = i; next < rows->count && strcmp (rows->items[next].project_id, project) == 0; next++) {
            role_t given = role_from_name (rows->items[next].role);
            best = role_rank (given) > role_rank (best) ? given : best;
        }
        if (*project)
            put_grant (&grants, project, best);
        else if (role_rank (best) > role_rank (role))
            role = best;
    }
    out->role = role_name (role);
    out->grants = end_grants (turn, &grants);
}

fault_t identity_add_grants (identity_t *self, turn_t *turn, principal_t *out)
{
    role_row_items_t rows;
    TRY (role_store_of (self->db, turn, out->subject, ROWS_READ, &rows));
    read_rows (turn, &rows, out);
    return OK;
}

const char *identity_role (const token_t *token)
{
    return token->projects.count ? role_name (ROLE_MEMBER) : token->role;
}

// What a credential says: a role, everywhere or in some projects.
typedef struct {
    role_t role;
    strs_t projects; // Empty: everywhere
} credential_t;

// Of a credential in some projects, what of it its holder may there; without a holder all of it.
static const char *grants_in (turn_t *turn, const credential_t *of, const caller_t *holder)
{
    grants_text_t grants = begin_grants ();
    for (size_t i = 0; i < of->projects.count; i++) {
        const char *project = of->projects.items[i];
        put_grant (&grants, project,
                   holder ? people_lesser (of->role, caller_role_in (holder, project)) : of->role);
    }
    return end_grants (turn, &grants);
}

// The holder's roles in projects, none above that of the credential.
static const char *capped (turn_t *turn, const char *text, role_t most)
{
    grants_text_t grants = begin_grants ();
    granted_role_t grant;
    while (grants_next (&text, &grant))
        put_grant (&grants, arena_strndup (turn->arena, grant.project, (size_t) grant.size),
                   people_lesser (grant.role, most));
    return end_grants (turn, &grants);
}

static fault_t of_nobody (identity_t *self, turn_t *turn, const credential_t *of, const char *subject,
                          principal_t *out)
{
    bool narrowed = of->projects.count > 0;
    *out = (principal_t){.role = role_name (narrowed ? ROLE_MEMBER : of->role),
                         .subject = subject,
                         .grants = narrowed ? grants_in (turn, of, NULL) : ""};
    return !narrowed && of->role == ROLE_MEMBER ? identity_add_grants (self, turn, out) : OK;
}

// As things are now: the row is read each time.
static fault_t of_user (identity_t *self, turn_t *turn, const credential_t *of, const char *user,
                        principal_t *out)
{
    user_row_t row;
    *out = (principal_t){0};
    TRY (user_store_find (self->db, turn, user, &row));
    if (!row.id || row.disabled)
        return OK;
    *out = (principal_t){.role = row.role, .subject = row.name, .grants = ""};
    TRY (identity_add_grants (self, turn, out));
    const caller_t holder = {.role = role_from_name (out->role),
                             .subject = out->subject,
                             .grants = *out->grants ? out->grants : NULL};
    if (of->projects.count > 0) {
        out->grants = grants_in (turn, of, &holder);
        out->role = role_name (ROLE_MEMBER);
    } else if (role_rank (of->role) < role_rank (role_from_name (row.role))) {
        out->grants = capped (turn, out->grants, of->role);
        out->role = role_name (people_lesser (of->role, holder.role));
    }
    return OK;
}

fault_t identity_principal (identity_t *self, turn_t *turn, const token_t *token, principal_t *out)
{
    const credential_t of = {role_from_name (token->role), token->projects};
    return is_given (token->user) ? of_user (self, turn, &of, token->user, out)
                                  : of_nobody (self, turn, &of, identity_subject (token), out);
}

fault_t identity_principal_of_user (identity_t *self, turn_t *turn, const char *user, const char *role,
                                    const char *subject, principal_t *out)
{
    const credential_t of = {.role = role_from_name (role)};
    return is_given (user) ? of_user (self, turn, &of, user, out) : of_nobody (self, turn, &of, subject, out);
}
