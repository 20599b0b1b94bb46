/* invitation_store.c - see invitation_store.h. */

#include "services/identity/people/invitation_store.h"

fault_t invitation_store_add (db_t *db, turn_t *turn, const invitation_row_t *row)
{
    return db_exec (db, turn,
                    "insert into invitations (id, hash, user_id, name, role, email, drop_factor, created,"
                    " created_by, expires) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                    P_STR (row->id), P_STR (row->hash), P_STR (row->user), P_STR (row->name),
                    P_STR (row->role), P_STR (row->email), P_I64 (row->drop_factor), P_I64 (row->created_at),
                    P_STR (row->created_by), P_I64 (row->expires_at));
}

#define SELECT                                                                                                \
    "select id, hash, user_id, name, role, email, drop_factor, created, created_by, expires from invitations" \
    " where expires > $1"

static invitation_row_t read_invitation (const rows_t *rows, size_t i)
{
    return (invitation_row_t){.id = rows_str (rows, i, 0),
                              .hash = rows_str (rows, i, 1),
                              .user = rows_str (rows, i, 2),
                              .name = rows_str (rows, i, 3),
                              .role = rows_str (rows, i, 4),
                              .email = rows_str (rows, i, 5),
                              .drop_factor = rows_i64 (rows, i, 6) != 0,
                              .created_at = rows_i64 (rows, i, 7),
                              .created_by = rows_str (rows, i, 8),
                              .expires_at = rows_i64 (rows, i, 9)};
}

fault_t invitation_store_find (db_t *db, turn_t *turn, const char *hash, invitation_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SELECT " and hash = $2", &rows, P_I64 (turn->now_us), P_STR (hash)));
    *out = rows_count (rows) == 1 ? read_invitation (rows, 0) : (invitation_row_t){0};
    return OK;
}

fault_t invitation_store_page (db_t *db, turn_t *turn, const char *after, int64_t limit,
                               invitation_rows_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SELECT " and id > $2 order by id limit $3", &rows, P_I64 (turn->now_us),
                   P_STR (after), P_I64 (limit)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof (*out->items));
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = read_invitation (rows, i);
    return OK;
}

fault_t invitation_store_remove (db_t *db, turn_t *turn, const char *id, bool *removed)
{
    int64_t changed = 0;
    TRY (db_change (db, turn, "delete from invitations where id = $1", &changed, P_STR (id)));
    *removed = changed == 1;
    return OK;
}

fault_t invitation_store_remove_of (db_t *db, turn_t *turn, const char *user)
{
    return db_exec (db, turn, "delete from invitations where user_id = $1 and user_id <> ''", P_STR (user));
}

fault_t invitation_store_tidy (db_t *db, turn_t *turn, int64_t *left)
{
    const rows_t *rows;
    TRY (db_exec (db, turn, "delete from invitations where expires <= $1", P_I64 (turn->now_us)));
    TRY (db_query (db, turn, "select count(*) from invitations where expires > $1", &rows,
                   P_I64 (turn->now_us)));
    *left = rows_i64 (rows, 0, 0);
    return OK;
}
