/* linked_store.c - see linked_store.h. */

#include "services/identity/providers/linked_store.h"

fault_t linked_store_find (db_t *db, turn_t *turn, const char *issuer, const char *subject, linked_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select id, issuer, subject, user_id, name, created, signed_in from linked_identities"
                   " where issuer = $1 and subject = $2",
                   &rows, P_STR (issuer), P_STR (subject)));
    *out = (linked_row_t){0};
    if (rows_count (rows) == 1)
        *out = (linked_row_t){.id = rows_str (rows, 0, 0),
                              .issuer = rows_str (rows, 0, 1),
                              .subject = rows_str (rows, 0, 2),
                              .user = rows_str (rows, 0, 3),
                              .name = rows_str (rows, 0, 4),
                              .created_at = rows_i64 (rows, 0, 5),
                              .signed_in_at = rows_i64 (rows, 0, 6)};
    return OK;
}

fault_t linked_store_of (db_t *db, turn_t *turn, const char *user, linked_identity_items_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select l.id, p.name, p.label, l.issuer, l.subject, l.name, l.created, l.signed_in"
                   " from linked_identities l left join providers p on p.issuer = l.issuer"
                   " where l.user_id = $1 order by l.id limit $2",
                   &rows, P_STR (user), P_I64 (MAX_IDENTITIES)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof (*out->items));
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = (linked_identity_t){.id = rows_str (rows, i, 0),
                                            .provider = rows_str (rows, i, 1),
                                            .label = rows_str (rows, i, 2),
                                            .issuer = rows_str (rows, i, 3),
                                            .subject = rows_str (rows, i, 4),
                                            .name = rows_str (rows, i, 5),
                                            .created_at = rows_i64 (rows, i, 6),
                                            .signed_in_at = rows_i64 (rows, i, 7)};
    return OK;
}

fault_t linked_store_put (db_t *db, turn_t *turn, const linked_row_t *row)
{
    return db_exec (db, turn,
                    "insert into linked_identities (id, issuer, subject, user_id, name, created, signed_in)"
                    " values ($1, $2, $3, $4, $5, $6, $7) on conflict (issuer, subject) do update set"
                    " id = excluded.id, user_id = excluded.user_id, name = excluded.name,"
                    " created = excluded.created, signed_in = excluded.signed_in",
                    P_STR (row->id), P_STR (row->issuer), P_STR (row->subject), P_STR (row->user),
                    P_STR (row->name), P_I64 (row->created_at), P_I64 (row->signed_in_at));
}

fault_t linked_store_signed_in (db_t *db, turn_t *turn, const char *id, const char *name)
{
    return db_exec (db, turn, "update linked_identities set signed_in = $2, name = $3 where id = $1",
                    P_STR (id), P_I64 (turn->now_us), P_STR (name));
}

fault_t linked_store_remove (db_t *db, turn_t *turn, const char *id)
{
    return db_exec (db, turn, "delete from linked_identities where id = $1", P_STR (id));
}
