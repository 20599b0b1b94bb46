/* audit_outbox_store.c - see audit_outbox_store.h. */

#include "common/db/audit_outbox_store.h"

fault_t audit_outbox_add (db_t *db, turn_t *turn, const char *service, const audit_record_t *record)
{
    return db_exec (db, turn,
                    "insert into audit_outbox (id, service, at, entry) values ($1, $2, $3, $4)"
                    " on conflict (id) do nothing",
                    P_STR (record->id), P_STR (service), P_I64 (turn->now_us), P_STR (record->text));
}

fault_t audit_outbox_first (db_t *db, turn_t *turn, const char *service, int64_t limit, audit_records_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select id, entry from audit_outbox where service = $1 order by at, id limit $2",
                   &rows, P_STR (service), P_I64 (limit)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof *out->items);
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = (audit_record_t){rows_str (rows, i, 0), rows_str (rows, i, 1)};
    return OK;
}

fault_t audit_outbox_remove (db_t *db, turn_t *turn, const char *id)
{
    return db_exec (db, turn, "delete from audit_outbox where id = $1", P_STR (id));
}
