/* principal.c - what whoever holds a credential may do: the role of its token everywhere, or the projects that it is narrowed to, or, of a
 * MEMBER, what its subject and its groups were given.
 *
 * A token of another role than MEMBER gets nothing by grants: what it was issued for stays what it may. */

#include "common/base/buffer.h"
#include "services/identity/inside.h"
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

static const char *grants_of_token (turn_t *turn, const token_t *token)
{
    grants_text_t grants = begin_grants ();
    for (size_t i = 0; i < token->projects.count; i++)
        put_grant (&grants, token->projects.items[i], role_from_name (token->role));
    return end_grants (turn, &grants);
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

fault_t identity_principal (identity_t *self, turn_t *turn, const token_t *token, principal_t *out)
{
    *out = (principal_t){.role = identity_role (token), .subject = identity_subject (token), .grants = ""};
    if (token->projects.count)
        out->grants = grants_of_token (turn, token);
    else if (strcmp (token->role, role_name (ROLE_MEMBER)) == 0)
        return identity_add_grants (self, turn, out);
    return OK;
}
