/* factor_store.c - see factor_store.h. */

#include "services/identity/people/factor_store.h"

#define SELECT "select user_id, sealed, key_name, step, confirmed from second_factors"

static factor_row_t read_factor (const rows_t *rows, size_t i)
{
    factor_row_t row = {.user = rows_str (rows, i, 0),
                        .key_name = rows_str (rows, i, 2),
                        .step = rows_i64 (rows, i, 3),
                        .confirmed = rows_i64 (rows, i, 4) != 0};
    row.sealed.data = rows_bytes (rows, i, 1, &row.sealed.size);
    return row;
}

fault_t factor_store_find (db_t *db, turn_t *turn, const char *user, factor_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SELECT " where user_id = $1", &rows, P_STR (user)));
    *out = rows_count (rows) == 1 ? read_factor (rows, 0) : (factor_row_t){0};
    return OK;
}

fault_t factor_store_put (db_t *db, turn_t *turn, const factor_row_t *row)
{
    return db_exec (db, turn,
                    "insert into second_factors (user_id, sealed, key_name, confirmed, step)"
                    " values ($1, $2, $3, 0, 0) on conflict (user_id) do update set"
                    " sealed = excluded.sealed, key_name = excluded.key_name, confirmed = 0, step = 0",
                    P_STR (row->user), P_BYTES (row->sealed.data, row->sealed.size), P_STR (row->key_name));
}

fault_t factor_store_confirm (db_t *db, turn_t *turn, const char *user)
{
    return db_exec (db, turn, "update second_factors set confirmed = 1 where user_id = $1", P_STR (user));
}

fault_t factor_store_use (db_t *db, turn_t *turn, const char *user, int64_t step, bool *used)
{
    int64_t changed = 0;
    TRY (db_change (db, turn, "update second_factors set step = $2 where user_id = $1 and step < $2",
                    &changed, P_STR (user), P_I64 (step)));
    *used = changed == 1;
    return OK;
}

fault_t factor_store_remove (db_t *db, turn_t *turn, const char *user)
{
    TRY (db_exec (db, turn, "delete from recovery_codes where user_id = $1", P_STR (user)));
    return db_exec (db, turn, "delete from second_factors where user_id = $1", P_STR (user));
}

fault_t recovery_store_put (db_t *db, turn_t *turn, const char *user, const strs_t *hashes)
{
    TRY (db_exec (db, turn, "delete from recovery_codes where user_id = $1", P_STR (user)));
    for (size_t i = 0; i < hashes->count; i++)
        TRY (db_exec (db, turn, "insert into recovery_codes (user_id, hash) values ($1, $2)", P_STR (user),
                      P_STR (hashes->items[i])));
    return OK;
}

fault_t recovery_store_use (db_t *db, turn_t *turn, const char *user, const char *hash, bool *used)
{
    int64_t changed = 0;
    TRY (db_change (db, turn, "delete from recovery_codes where user_id = $1 and hash = $2", &changed,
                    P_STR (user), P_STR (hash)));
    *used = changed == 1;
    return OK;
}

fault_t factor_store_keys (db_t *db, turn_t *turn, strs_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select distinct key_name from second_factors where confirmed >= $1", &rows,
                   P_I64 (0)));
    *out = (strs_t){arena_array (turn->arena, rows_count (rows) + 1, sizeof (char *)), rows_count (rows)};
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = rows_str (rows, i, 0);
    return OK;
}

fault_t factor_store_of_key (db_t *db, turn_t *turn, const char *key_name, int64_t limit, factor_rows_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SELECT " where key_name = $1 order by user_id limit $2", &rows, P_STR (key_name),
                   P_I64 (limit)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof (*out->items));
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = read_factor (rows, i);
    return OK;
}

fault_t factor_store_resealed (db_t *db, turn_t *turn, const factor_row_t *row)
{
    return db_exec (db, turn, "update second_factors set sealed = $2, key_name = $3 where user_id = $1",
                    P_STR (row->user), P_BYTES (row->sealed.data, row->sealed.size), P_STR (row->key_name));
}
