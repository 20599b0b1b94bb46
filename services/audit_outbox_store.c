/* audit_outbox_store.c - see audit_outbox_store.h. */

#include "services/audit_outbox_store.h"

fault_t audit_outbox_store_add (db_t *db, turn_t *turn, const char *service, const char *id, const char *text)
{
    return db_exec (db, turn,
                    "insert into audit_outbox (id, service, at, entry) values ($1, $2, $3, $4)"
                    " on conflict (id) do nothing",
                    P_STR (id), P_STR (service), P_I64 (turn->now_us), P_STR (text));
}

fault_t audit_outbox_store_first (db_t *db, turn_t *turn, const char *service, int64_t limit,
                                  audit_outbox_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select id, entry from audit_outbox where service = $1 order by at, id limit $2",
                   &rows, P_STR (service), P_I64 (limit)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = (audit_outbox_row_t){rows_str (rows, i, 0), rows_str (rows, i, 1)};
    return OK;
}

fault_t audit_outbox_store_remove (db_t *db, turn_t *turn, const char *id)
{
    return db_exec (db, turn, "delete from audit_outbox where id = $1", P_STR (id));
}
