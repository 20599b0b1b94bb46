/* flow_store.c - see flow_store.h. */

#include "services/identity/providers/flow_store.h"

#define EXPIRED_STEP 100 // That are removed at once

fault_t flow_store_add (db_t *db, turn_t *turn, const flow_row_t *row, int64_t most)
{
    TRY (db_exec (
        db, turn,
        "delete from sign_in_flows where state in (select state from sign_in_flows where expires <= $1"
        " order by expires limit $2)",
        P_I64 (turn->now_us), P_I64 (EXPIRED_STEP)));
    TRY (db_exec (db, turn,
                  "delete from sign_in_flows where state in (select state from sign_in_flows"
                  " order by expires desc limit $1 offset $2)",
                  P_I64 (EXPIRED_STEP), P_I64 (most - 1)));
    return db_exec (
        db, turn,
        "insert into sign_in_flows (state, browser, provider, nonce, verifier, path, user_id, taken,"
        " expires) values ($1, $2, $3, $4, $5, $6, $7, 0, $8)",
        P_STR (row->state), P_STR (row->browser), P_STR (row->provider), P_STR (row->nonce),
        P_STR (row->verifier), P_STR (row->path), P_STR (row->user), P_I64 (row->expires_at));
}

fault_t flow_store_take (db_t *db, turn_t *turn, const char *state, const char *browser, bool *taken)
{
    int64_t changed = 0;
    TRY (db_change (db, turn,
                    "update sign_in_flows set taken = 1 where state = $1 and browser = $2 and taken = 0"
                    " and expires > $3",
                    &changed, P_STR (state), P_STR (browser), P_I64 (turn->now_us)));
    *taken = changed == 1;
    return OK;
}

fault_t flow_store_find (db_t *db, turn_t *turn, const char *state, flow_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (
        db, turn,
        "select state, browser, provider, nonce, verifier, path, user_id, expires from sign_in_flows"
        " where state = $1 and taken = 1 and expires > $2",
        &rows, P_STR (state), P_I64 (turn->now_us)));
    *out = (flow_row_t){0};
    if (rows_count (rows) == 1)
        *out = (flow_row_t){.state = rows_str (rows, 0, 0),
                            .browser = rows_str (rows, 0, 1),
                            .provider = rows_str (rows, 0, 2),
                            .nonce = rows_str (rows, 0, 3),
                            .verifier = rows_str (rows, 0, 4),
                            .path = rows_str (rows, 0, 5),
                            .user = rows_str (rows, 0, 6),
                            .expires_at = rows_i64 (rows, 0, 7)};
    return OK;
}

fault_t flow_store_remove (db_t *db, turn_t *turn, const char *state, bool *removed)
{
    int64_t changed = 0;
    TRY (db_change (db, turn, "delete from sign_in_flows where state = $1", &changed, P_STR (state)));
    *removed = changed == 1;
    return OK;
}
