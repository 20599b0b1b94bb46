/* user_store.c - see user_store.h. */

#include "services/identity/people/user_store.h"

fault_t user_store_add (db_t *db, turn_t *turn, const user_row_t *row)
{
    return db_exec (db, turn,
                    "insert into users (id, name, display_name, email, role, service, disabled, password,"
                    " created, created_by, signed_in, removed)"
                    " values ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, 0, 0)",
                    P_STR (row->id), P_STR (row->name), P_STR (row->display_name), P_STR (row->email),
                    P_STR (row->role), P_I64 (row->service), P_STR (row->password), P_I64 (row->created_at),
                    P_STR (row->created_by));
}

#define SELECT                                                                                      \
    "select id, name, display_name, email, role, service, disabled, password, created, created_by," \
    " signed_in, (select count(*) from second_factors where user_id = users.id and confirmed = 1)," \
    " (select count(*) from linked_identities where user_id = users.id)"                            \
    " from users where removed = 0"

static user_row_t read_user (const rows_t *rows, size_t i)
{
    return (user_row_t){.id = rows_str (rows, i, 0),
                        .name = rows_str (rows, i, 1),
                        .display_name = rows_str (rows, i, 2),
                        .email = rows_str (rows, i, 3),
                        .role = rows_str (rows, i, 4),
                        .service = rows_i64 (rows, i, 5) != 0,
                        .disabled = rows_i64 (rows, i, 6) != 0,
                        .password = rows_str (rows, i, 7),
                        .created_at = rows_i64 (rows, i, 8),
                        .created_by = rows_str (rows, i, 9),
                        .signed_in_at = rows_i64 (rows, i, 10),
                        .has_factor = rows_i64 (rows, i, 11) != 0,
                        .identities = (uint32_t) rows_i64 (rows, i, 12)};
}

fault_t user_store_find (db_t *db, turn_t *turn, const char *named, user_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SELECT " and (id = $1 or name = $1)", &rows, P_STR (named)));
    *out = rows_count (rows) == 1 ? read_user (rows, 0) : (user_row_t){0};
    return OK;
}

fault_t user_store_hold (db_t *db, turn_t *turn, const char *id, user_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SELECT " and id = $1 " DB_FOR_UPDATE, &rows, P_STR (id)));
    *out = rows_count (rows) == 1 ? read_user (rows, 0) : (user_row_t){0};
    return OK;
}

fault_t user_store_page (db_t *db, turn_t *turn, bool service, const char *after, int64_t limit,
                         user_rows_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SELECT " and service = $1 and name > $2 order by name limit $3", &rows,
                   P_I64 (service), P_STR (after), P_I64 (limit)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof (*out->items));
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = read_user (rows, i);
    return OK;
}

fault_t user_store_count (db_t *db, turn_t *turn, int64_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select count(*) from users where removed = $1", &rows, P_I64 (0)));
    *out = rows_i64 (rows, 0, 0);
    return OK;
}

fault_t user_store_is_taken (db_t *db, turn_t *turn, const char *name, bool *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select id from users where name = $1", &rows, P_STR (name)));
    *out = rows_count (rows) > 0;
    return OK;
}

fault_t user_store_admins (db_t *db, turn_t *turn, const char *but, int64_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select count(*) from users where role = 'ADMIN' and service = 0 and disabled = 0"
                   " and removed = 0 and password <> '' and id <> $1",
                   &rows, P_STR (but)));
    *out = rows_i64 (rows, 0, 0);
    return OK;
}

fault_t user_store_change (db_t *db, turn_t *turn, const user_row_t *row)
{
    return db_exec (db, turn, "update users set display_name = $2, email = $3, role = $4 where id = $1",
                    P_STR (row->id), P_STR (row->display_name), P_STR (row->email), P_STR (row->role));
}

fault_t user_store_change_about (db_t *db, turn_t *turn, const user_row_t *row)
{
    return db_exec (db, turn, "update users set display_name = $2, email = $3 where id = $1 and removed = 0",
                    P_STR (row->id), P_STR (row->display_name), P_STR (row->email));
}

fault_t user_store_set_password (db_t *db, turn_t *turn, const char *id, const char *hash)
{
    return db_exec (db, turn, "update users set password = $2 where id = $1", P_STR (id), P_STR (hash));
}

fault_t user_store_set_disabled (db_t *db, turn_t *turn, const char *id, bool disabled)
{
    return db_exec (db, turn, "update users set disabled = $2 where id = $1", P_STR (id), P_I64 (disabled));
}

fault_t user_store_signed_in (db_t *db, turn_t *turn, const char *id)
{
    return db_exec (db, turn, "update users set signed_in = $2 where id = $1", P_STR (id),
                    P_I64 (turn->now_us));
}

fault_t user_store_remove (db_t *db, turn_t *turn, const char *id)
{
    return db_exec (db, turn,
                    "update users set removed = $2, disabled = 1, display_name = '', email = '', role = '',"
                    " password = '', created_by = '', signed_in = 0 where id = $1",
                    P_STR (id), P_I64 (turn->now_us));
}
