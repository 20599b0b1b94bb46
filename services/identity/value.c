/* value.c - secrets and variables are set, listed and removed.
 *
 * Names follow GitHub's rules: letters, digits and _, not first a digit or GITHUB_; whatever their case, they are stored in upper case. A
 * secret is sealed here, in the turn that takes it, and its value is in no answer. */

#include "common/db/db_unit.h"
#include "services/identity/inside.h"

#include <ctype.h>
#include <string.h>

#define VALUES_SHOWN 50 // Of one page, unless more are asked for

typedef struct {
    const char *kind, *name, *value; // The value is NULL where it is to be removed
    value_scope_t scope;
} value_change_t;

static fault_t read_name (turn_t *turn, const char *given, const char **out)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    const char *name = *out = identity_upper (turn->arena, given);
    if (!*name || name[strspn (name, letters)] || isdigit ((unsigned char) *name))
        return turn_fail (turn, INVALID,
                          "name: %s: only letters, digits and _ are allowed, and a digit may not be first",
                          given ? given : "");
    if (strncmp (name, "GITHUB_", 7) == 0)
        return turn_fail (turn, INVALID, "name: %s: names that begin with GITHUB_ are reserved", given);
    return OK;
}

static fault_t check_value (turn_t *turn, const char *value)
{
    size_t size = strlen (value);
    return size <= MAX_VALUE
               ? OK
               : turn_fail (turn, INVALID, "value: has %zu bytes, at most %d are allowed", size, MAX_VALUE);
}

// Under the lock: how many there are, and of variables how large all of them are.
static fault_t check_room_for (identity_t *self, turn_t *turn, const value_change_t *change)
{
    int64_t count, bytes;
    bool secret = strcmp (change->kind, KIND_OF_SECRET) == 0;
    TRY (value_store_sum (self->db, turn, change->kind, &change->scope, change->name, &count, &bytes));
    bytes += (int64_t) (strlen (change->name) + strlen (change->value));
    if (count >= MAX_SCOPE_VALUES)
        return turn_fail (turn, CONFLICT, "there are %d %ss here already; remove some", MAX_SCOPE_VALUES,
                          change->kind);
    if (!secret && bytes > MAX_VARIABLES)
        return turn_fail (turn, CONFLICT,
                          "with it the variables here would have %lld bytes; at most %d are allowed",
                          (long long) bytes, MAX_VARIABLES);
    return OK;
}

static fault_t store (identity_t *self, turn_t *turn, const value_change_t *change, value_row_t *row)
{
    bool secret = strcmp (change->kind, KIND_OF_SECRET) == 0;
    *row = (value_row_t){.kind = change->kind,
                         .scope = change->scope,
                         .name = change->name,
                         .value = {change->value, strlen (change->value)},
                         .key_name = "",
                         .size = (int64_t) strlen (change->value),
                         .created_at = turn->now_us,
                         .updated_at = turn->now_us,
                         .updated_by = turn->caller.subject ? turn->caller.subject : ""};
    TRY (check_room_for (self, turn, change));
    if (secret) {
        const char *place = identity_place (turn->arena, &row->scope, row->name);
        row->value = secret_box_seal (&self->box, turn->arena, place, change->value);
        row->key_name = self->box.names[0];
    }
    TRY (value_store_put (self->db, turn, row));
    identity_record (turn, secret ? "a secret was set" : "a variable was set", &row->scope, row->name);
    value_rows_t there;
    // Read back: when it was set first is in the row alone
    TRY (value_store_page (self->db, turn, row->kind, &row->scope, "", MAX_SCOPE_VALUES + 1, &there));
    for (size_t i = 0; i < there.count; i++)
        if (strcmp (there.items[i].name, row->name) == 0)
            row->created_at = there.items[i].created_at;
    return OK;
}

static fault_t set (identity_t *self, turn_t *turn, value_change_t *change, const char *project,
                    const char *environment, value_row_t *row)
{
    TRY (identity_scope (self, turn, MAY_CHANGE, project, environment, &change->scope));
    TRY (read_name (turn, change->name, &change->name));
    TRY (check_value (turn, change->value));
    TRY (db_unit_write (self->db, turn));
    TRY (value_store_lock (self->db, turn));
    return store (self, turn, change, row);
}

static fault_t drop (identity_t *self, turn_t *turn, value_change_t *change, const char *project,
                     const char *environment)
{
    int64_t removed;
    const char *given = change->name;
    TRY (identity_scope (self, turn, MAY_CHANGE, project, environment, &change->scope));
    TRY (read_name (turn, change->name, &change->name));
    TRY (db_unit_write (self->db, turn));
    TRY (value_store_lock (self->db, turn));
    const value_row_t row = {.kind = change->kind, .scope = change->scope, .name = change->name};
    TRY (value_store_remove (self->db, turn, &row, &removed));
    if (!removed)
        return turn_fail (turn, NOT_FOUND, "there is no %s %s here", change->kind, given);
    bool secret = strcmp (change->kind, KIND_OF_SECRET) == 0;
    identity_record (turn, secret ? "a secret was removed" : "a variable was removed", &row.scope, row.name);
    return OK;
}

// One page, with the cursor of the next.
static fault_t page_of (identity_t *self, turn_t *turn, const char *kind, const value_scope_t *scope,
                        const char *cursor, uint32_t asked, value_rows_t *rows, const char **next)
{
    uint32_t limit = asked ? asked : VALUES_SHOWN;
    TRY (value_store_page (self->db, turn, kind, scope, cursor ? cursor : "", limit + 1, rows));
    if (rows->count > limit) {
        rows->count = limit;
        *next = rows->items[limit - 1].name;
    }
    return OK;
}

// ---- secrets ----

static secret_t as_secret (const value_row_t *row)
{
    return (secret_t){.name = row->name,
                      .created_at = row->created_at,
                      .updated_at = row->updated_at,
                      .updated_by = row->updated_by};
}

HANDLER (secret_set)
{
    const secret_set_t *ask = asked;
    value_row_t row;
    value_change_t change = {.kind = KIND_OF_SECRET, .name = ask->name, .value = ask->value};
    if (!is_given (ask->value))
        return turn_fail (turn, INVALID, "value: is empty; remove the secret instead");
    TRY (set (context, turn, &change, ask->project, ask->environment, &row));
    *(secret_t *) answered = as_secret (&row);
    return OK;
}

HANDLER (secret_list)
{
    const secret_list_t *ask = asked;
    secret_page_t *page = answered;
    value_scope_t scope;
    value_rows_t rows;
    TRY (identity_scope (context, turn, MAY_SEE_SECRETS, ask->project, ask->environment, &scope));
    TRY (page_of (context, turn, KIND_OF_SECRET, &scope, ask->cursor, ask->limit, &rows, &page->next));
    page->items = (secret_items_t){arena_array (turn->arena, rows.count + 1, sizeof (secret_t)), rows.count};
    for (size_t i = 0; i < rows.count; i++)
        page->items.items[i] = as_secret (&rows.items[i]);
    return OK;
}

HANDLER (secret_remove)
{
    const secret_remove_t *ask = asked;
    value_change_t change = {.kind = KIND_OF_SECRET, .name = ask->name};
    (void) answered;
    return drop (context, turn, &change, ask->project, ask->environment);
}

// ---- variables ----

static variable_t as_variable (const turn_t *turn, const value_row_t *row)
{
    return (variable_t){.name = row->name,
                        .value = arena_strndup (turn->arena, row->value.data, row->value.size),
                        .created_at = row->created_at,
                        .updated_at = row->updated_at,
                        .updated_by = row->updated_by};
}

HANDLER (variable_set)
{
    const variable_set_t *ask = asked;
    value_row_t row;
    value_change_t change = {
        .kind = KIND_OF_VARIABLE, .name = ask->name, .value = ask->value ? ask->value : ""};
    TRY (set (context, turn, &change, ask->project, ask->environment, &row));
    *(variable_t *) answered = as_variable (turn, &row);
    return OK;
}

HANDLER (variable_list)
{
    const variable_list_t *ask = asked;
    variable_page_t *page = answered;
    value_scope_t scope;
    value_rows_t rows;
    TRY (identity_scope (context, turn, MAY_SEE, ask->project, ask->environment, &scope));
    TRY (page_of (context, turn, KIND_OF_VARIABLE, &scope, ask->cursor, ask->limit, &rows, &page->next));
    page->items =
        (variable_items_t){arena_array (turn->arena, rows.count + 1, sizeof (variable_t)), rows.count};
    for (size_t i = 0; i < rows.count; i++)
        page->items.items[i] = as_variable (turn, &rows.items[i]);
    return OK;
}

HANDLER (variable_remove)
{
    const variable_remove_t *ask = asked;
    value_change_t change = {.kind = KIND_OF_VARIABLE, .name = ask->name};
    (void) answered;
    return drop (context, turn, &change, ask->project, ask->environment);
}
