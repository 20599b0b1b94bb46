/* audit_store.c - see audit_store.h. Which filter narrows most decides the statement, so that each has an index to go by. */

#include "services/identity/audit_store.h"

fault_t audit_store_numbers (db_t *db, turn_t *turn, int64_t count, int64_t *first)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "update audit_counter set last = last + $1 where id = 1 returning last", &rows,
                   P_I64 (count)));
    *first = rows_i64 (rows, 0, 0) - count + 1;
    return OK;
}

static const char *text (const char *value)
{
    return value ? value : "";
}

fault_t audit_store_add (db_t *db, turn_t *turn, int64_t number, const audit_entry_t *entry)
{
    return db_exec (
        db, turn,
        "insert into audit (number, id, at, actor, role, credential, action, object, project, detail, result,"
        " address, forwarded_for, client, request_id)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) on conflict (id) do nothing",
        P_I64 (number), P_STR (entry->id), P_I64 (entry->at), P_STR (text (entry->actor)),
        P_STR (text (entry->role)), P_STR (text (entry->credential)), P_STR (text (entry->action)),
        P_STR (text (entry->object)), P_STR (text (entry->project)), P_STR (text (entry->detail)),
        P_STR (text (entry->result)), P_STR (text (entry->address)), P_STR (text (entry->forwarded_for)),
        P_STR (text (entry->client)), P_STR (text (entry->request_id)));
}

#define SELECT                                                                                          \
    "select number, id, at, actor, role, credential, action, object, project, detail, result, address," \
    " forwarded_for, client, request_id from audit where "

static void read_rows (turn_t *turn, const rows_t *rows, audit_entry_items_t *out)
{
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof (audit_entry_t));
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = (audit_entry_t){.number = rows_i64 (rows, i, 0),
                                        .id = rows_str (rows, i, 1),
                                        .at = rows_i64 (rows, i, 2),
                                        .actor = rows_str (rows, i, 3),
                                        .role = rows_str (rows, i, 4),
                                        .credential = rows_str (rows, i, 5),
                                        .action = rows_str (rows, i, 6),
                                        .object = rows_str (rows, i, 7),
                                        .project = rows_str (rows, i, 8),
                                        .detail = rows_str (rows, i, 9),
                                        .result = rows_str (rows, i, 10),
                                        .address = rows_str (rows, i, 11),
                                        .forwarded_for = rows_str (rows, i, 12),
                                        .client = rows_str (rows, i, 13),
                                        .request_id = rows_str (rows, i, 14)};
}

// Parameters $1 to $9; each statement uses all of them.
#define FILTERS                                                                              \
    " and ($1 = '' or actor = $1) and ($2 = '' or action = $2) and ($3 = '' or object = $3)" \
    " and ($4 = '' or result = $4 or ($4 = 'refused' and result <> 'OK'))"                   \
    " and ($5 = '' or project = $5 or project = $6 or project = $7) and at >= $8 and at < $9"
#define FILTER_PARAMS(filter)                                                                                \
    P_STR (text ((filter)->actor)), P_STR (text ((filter)->action)), P_STR (text ((filter)->object)),        \
        P_STR (text ((filter)->result)), P_STR (text ((filter)->projects[0])),                               \
        P_STR (text ((filter)->projects[1])), P_STR (text ((filter)->projects[2])), P_I64 ((filter)->since), \
        P_I64 ((filter)->until)
#define LATEST FILTERS " and (at, number) < ($10, $11) order by at desc, number desc limit $12"

static bool given (const char *value)
{
    return value && *value;
}

fault_t audit_store_page (db_t *db, turn_t *turn, const audit_filter_t *filter, int64_t at, int64_t number,
                          int64_t limit, audit_entry_items_t *out)
{
    static const char *const statements[] = {SELECT "object = $3" LATEST, SELECT "actor = $1" LATEST,
                                             SELECT "project in ($5, $6, $7) and project <> ''" LATEST,
                                             SELECT "number > 0" LATEST};
    int by = given (filter->object) ? 0 : given (filter->actor) ? 1 : given (filter->projects[0]) ? 2 : 3;
    const rows_t *rows;
    TRY (db_query (db, turn, statements[by], &rows, FILTER_PARAMS (filter), P_I64 (at), P_I64 (number),
                   P_I64 (limit)));
    read_rows (turn, rows, out);
    return OK;
}

fault_t audit_store_after (db_t *db, turn_t *turn, const audit_filter_t *filter, int64_t number,
                           int64_t limit, audit_entry_items_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SELECT "number > $10" FILTERS " order by number limit $11", &rows,
                   FILTER_PARAMS (filter), P_I64 (number), P_I64 (limit)));
    read_rows (turn, rows, out);
    return OK;
}

fault_t audit_store_prune (db_t *db, turn_t *turn, int64_t before_us, int64_t *removed)
{
    return db_change (db, turn,
                      "delete from audit where number in"
                      " (select number from audit where at < $1 order by at limit $2)",
                      removed, P_I64 (before_us), P_I64 (AUDIT_PRUNED));
}

fault_t audit_store_claim (db_t *db, turn_t *turn, int64_t until_us, audit_claim_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "update audit_counter set sending_until = $1 where id = 1 and sent < last"
                   " and sending_until < $2 returning sent, last",
                   &rows, P_I64 (until_us), P_I64 (turn->now_us)));
    *out = (audit_claim_t){.got = rows_count (rows) == 1};
    if (out->got) {
        out->sent = rows_i64 (rows, 0, 0);
        out->last = rows_i64 (rows, 0, 1);
    }
    return OK;
}

fault_t audit_store_sent (db_t *db, turn_t *turn, int64_t sent)
{
    return db_exec (db, turn,
                    "update audit_counter set sent = case when sent < $1 then $1 else sent end,"
                    " sending_until = 0 where id = 1",
                    P_I64 (sent));
}
