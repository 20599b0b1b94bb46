/* oidc_store.c - see oidc_store.h. */

#include "services/identity/oidc_store.h"

fault_t oidc_store_list (db_t *db, turn_t *turn, oidc_keys_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select id, modulus, exponent, sealed, key_name, created_at, signs_at from oidc_keys"
                   " order by signs_at desc, id desc limit $1",
                   &rows, P_I64 (MAX_OIDC_KEYS)));
    *out = (oidc_keys_t){arena_array (turn->arena, rows_count (rows) + 1, sizeof (oidc_key_row_t)), 0};
    for (size_t i = 0; i < rows_count (rows); i++) {
        oidc_key_row_t *row = &out->items[out->count++];
        *row = (oidc_key_row_t){.id = rows_str (rows, i, 0),
                                .modulus = rows_str (rows, i, 1),
                                .exponent = rows_str (rows, i, 2),
                                .key_name = rows_str (rows, i, 4),
                                .created_at = rows_i64 (rows, i, 5),
                                .signs_at = rows_i64 (rows, i, 6)};
        row->sealed.data = rows_bytes (rows, i, 3, &row->sealed.size);
    }
    return OK;
}

fault_t oidc_store_add (db_t *db, turn_t *turn, const oidc_key_row_t *row)
{
    return db_exec (db, turn,
                    "insert into oidc_keys (id, modulus, exponent, sealed, key_name, created_at, signs_at)"
                    " values ($1, $2, $3, $4, $5, $6, $7)",
                    P_STR (row->id), P_STR (row->modulus), P_STR (row->exponent),
                    P_BYTES (row->sealed.data, row->sealed.size), P_STR (row->key_name),
                    P_I64 (row->created_at), P_I64 (row->signs_at));
}

fault_t oidc_store_remove (db_t *db, turn_t *turn, const char *id)
{
    return db_exec (db, turn, "delete from oidc_keys where $1 = '' or id = $1", P_STR (id));
}

fault_t oidc_store_resealed (db_t *db, turn_t *turn, const oidc_key_row_t *row)
{
    return db_exec (db, turn, "update oidc_keys set sealed = $1, key_name = $2 where id = $3",
                    P_BYTES (row->sealed.data, row->sealed.size), P_STR (row->key_name), P_STR (row->id));
}
