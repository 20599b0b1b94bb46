/* token_store.c - see token_store.h. */

#include "services/identity/token_store.h"

fault_t token_store_add (db_t *db, turn_t *turn, const token_t *token, const char *hash)
{
    return db_exec (db, turn,
                    "insert into tokens (id, hash, name, role, subject, created, expires)"
                    " values ($1, $2, $3, $4, $5, $6, $7)",
                    P_STR (token->id), P_STR (hash), P_STR (token->name), P_STR (token->role),
                    P_STR (token->subject), P_I64 (token->created_at), P_I64 (token->expires_at));
}

fault_t token_store_find (db_t *db, turn_t *turn, const char *hash, principal_t *out)
{
    const rows_t *rows;
    *out = (principal_t){0};
    fault_t fault = db_query (db, turn,
                              "select role, subject from tokens"
                              " where hash = $1 and (expires = 0 or expires > $2)",
                              &rows, P_STR (hash), P_I64 (turn->now_us));
    if (fault == OK && rows_count (rows) == 1)
        *out = (principal_t){.role = rows_str (rows, 0, 0), .subject = rows_str (rows, 0, 1)};
    return fault;
}

fault_t token_store_list (db_t *db, turn_t *turn, const char *after, uint32_t limit, token_items_t *out)
{
    const rows_t *rows;
    fault_t fault = db_query (db, turn,
                              "select id, name, role, subject, created, expires from tokens"
                              " where id > $1 order by id limit $2",
                              &rows, P_STR (after), P_I64 (limit));
    if (fault != OK)
        return fault;
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count, sizeof (token_t));
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = (token_t){.id = rows_str (rows, i, 0),
                                  .name = rows_str (rows, i, 1),
                                  .role = rows_str (rows, i, 2),
                                  .subject = rows_str (rows, i, 3),
                                  .created_at = rows_i64 (rows, i, 4),
                                  .expires_at = rows_i64 (rows, i, 5)};
    return OK;
}

fault_t token_store_role (db_t *db, turn_t *turn, const char *id, const char **role)
{
    const rows_t *rows;
    *role = NULL;
    fault_t fault = db_query (db, turn, "select role from tokens where id = $1", &rows, P_STR (id));
    if (fault == OK && rows_count (rows) == 1)
        *role = rows_str (rows, 0, 0);
    return fault;
}

fault_t token_store_count (db_t *db, turn_t *turn, const char *role, int64_t *out)
{
    const rows_t *rows;
    fault_t fault =
        role ? db_query (db, turn,
                         "select count(*) from tokens"
                         " where role = $1 and (expires = 0 or expires > $2)",
                         &rows, P_STR (role), P_I64 (turn->now_us))
             : db_query (db, turn, "select count(*) from tokens where created > $1", &rows, P_I64 (0));
    if (fault == OK)
        *out = rows_i64 (rows, 0, 0);
    return fault;
}

fault_t token_store_remove (db_t *db, turn_t *turn, const char *id)
{
    return db_exec (db, turn, "delete from tokens where id = $1", P_STR (id));
}

fault_t token_store_remove_of (db_t *db, turn_t *turn, const char *subject)
{
    return db_exec (db, turn, "delete from tokens where subject = $1", P_STR (subject));
}

fault_t token_store_remove_expired (db_t *db, turn_t *turn)
{
    return db_exec (db, turn, "delete from tokens where expires > 0 and expires <= $1", P_I64 (turn->now_us));
}
