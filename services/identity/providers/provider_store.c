/* provider_store.c - see provider_store.h. */

#include "services/identity/providers/provider_store.h"

#include "proto/strs.h"

#define SELECT                                                                                   \
    "select id, name, label, issuer, client_id, sealed, key_name, scopes, groups_claim, mapped," \
    " makes_accounts, role, private_networks, created, created_by from providers"

static provider_row_t read_row (turn_t *turn, const rows_t *rows, size_t i)
{
    provider_row_t row = {.provider = {.id = rows_str (rows, i, 0),
                                       .name = rows_str (rows, i, 1),
                                       .label = rows_str (rows, i, 2),
                                       .issuer = rows_str (rows, i, 3),
                                       .client_id = rows_str (rows, i, 4),
                                       .scopes = rows_str (rows, i, 7),
                                       .groups_claim = rows_str (rows, i, 8),
                                       .groups = strs_split (turn->arena, rows_str (rows, i, 9)),
                                       .create = rows_i64 (rows, i, 10) != 0,
                                       .role = rows_str (rows, i, 11),
                                       .private_networks = rows_i64 (rows, i, 12) != 0,
                                       .created_at = rows_i64 (rows, i, 13),
                                       .created_by = rows_str (rows, i, 14)},
                          .key_name = rows_str (rows, i, 6)};
    row.sealed.data = rows_bytes (rows, i, 5, &row.sealed.size);
    row.provider.has_secret = row.sealed.size > 0;
    return row;
}

fault_t provider_store_all (db_t *db, turn_t *turn, provider_stored_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SELECT " order by name limit $1", &rows, P_I64 (MAX_PROVIDERS)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof (*out->items));
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = read_row (turn, rows, i);
    return OK;
}

fault_t provider_store_find (db_t *db, turn_t *turn, const char *named, provider_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SELECT " where id = $1 or name = $1", &rows, P_STR (named)));
    *out = rows_count (rows) == 1 ? read_row (turn, rows, 0) : (provider_row_t){0};
    return OK;
}

fault_t provider_store_put (db_t *db, turn_t *turn, const provider_row_t *row)
{
    const provider_t *of = &row->provider;
    return db_exec (
        db, turn,
        "insert into providers (id, name, label, issuer, client_id, sealed, key_name, scopes, groups_claim,"
        " mapped, makes_accounts, role, private_networks, created, created_by)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
        " on conflict (id) do update set label = excluded.label, client_id = excluded.client_id,"
        " sealed = excluded.sealed, key_name = excluded.key_name, scopes = excluded.scopes,"
        " groups_claim = excluded.groups_claim, mapped = excluded.mapped,"
        " makes_accounts = excluded.makes_accounts, role = excluded.role,"
        " private_networks = excluded.private_networks",
        P_STR (of->id), P_STR (of->name), P_STR (of->label), P_STR (of->issuer), P_STR (of->client_id),
        P_BYTES (row->sealed.data, row->sealed.size), P_STR (row->key_name), P_STR (of->scopes),
        P_STR (of->groups_claim), P_STR (strs_join (turn->arena, &of->groups)), P_I64 (of->create),
        P_STR (of->role), P_I64 (of->private_networks), P_I64 (of->created_at), P_STR (of->created_by));
}

fault_t provider_store_remove (db_t *db, turn_t *turn, const char *id)
{
    return db_exec (db, turn, "delete from providers where id = $1", P_STR (id));
}

fault_t provider_store_resealed (db_t *db, turn_t *turn, const provider_row_t *row)
{
    return db_exec (db, turn, "update providers set sealed = $2, key_name = $3 where id = $1",
                    P_STR (row->provider.id), P_BYTES (row->sealed.data, row->sealed.size),
                    P_STR (row->key_name));
}
