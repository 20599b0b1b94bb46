/* session_store.c - see session_store.h. */

#include "services/identity/session_store.h"

fault_t session_store_add (db_t *db, turn_t *turn, const session_row_t *row)
{
    return db_exec (db, turn,
                    "insert into sessions (hash, token, role, subject, created, seen, expires)"
                    " values ($1, $2, $3, $4, $5, $5, $6)",
                    P_STR (row->hash), P_STR (row->token), P_STR (row->role), P_STR (row->subject),
                    P_I64 (turn->now_us), P_I64 (row->expires_at));
}

fault_t session_store_find (db_t *db, turn_t *turn, const char *hash, int64_t seen_after, session_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select token, role, subject, seen, expires from sessions"
                   " where hash = $1 and expires > $2 and seen > $3 and token <> ''",
                   &rows, P_STR (hash), P_I64 (turn->now_us), P_I64 (seen_after)));
    *out = (session_row_t){.hash = hash};
    if (rows_count (rows) == 1)
        *out = (session_row_t){.hash = hash,
                               .token = rows_str (rows, 0, 0),
                               .role = rows_str (rows, 0, 1),
                               .subject = rows_str (rows, 0, 2),
                               .seen_at = rows_i64 (rows, 0, 3),
                               .expires_at = rows_i64 (rows, 0, 4)};
    return OK;
}

fault_t session_store_seen (db_t *db, turn_t *turn, const char *hash)
{
    return db_exec (db, turn, "update sessions set seen = $2 where hash = $1 and seen < $2", P_STR (hash),
                    P_I64 (turn->now_us));
}

fault_t session_store_remove (db_t *db, turn_t *turn, const char *hash)
{
    return db_exec (db, turn, "delete from sessions where hash = $1", P_STR (hash));
}

fault_t session_store_remove_of_token (db_t *db, turn_t *turn, const char *token)
{
    TRY (db_exec (db, turn, "delete from sessions where token = $1 and token <> ''", P_STR (token)));
    return db_exec (db, turn, "delete from sign_in_codes where token = $1", P_STR (token));
}

fault_t session_store_remove_of_subject (db_t *db, turn_t *turn, const char *subject)
{
    TRY (db_exec (db, turn, "delete from sessions where subject = $1", P_STR (subject)));
    return db_exec (db, turn, "delete from sign_in_codes where subject = $1", P_STR (subject));
}

fault_t session_store_tidy (db_t *db, turn_t *turn, int64_t seen_after, int64_t most)
{
    TRY (db_exec (db, turn,
                  "delete from sessions where hash in (select hash from sessions where expires <= $1"
                  " order by expires limit $2)",
                  P_I64 (turn->now_us), P_I64 (SESSION_EXPIRED_STEP)));
    // By what ends first: without an index on the last use, all of them are looked at, which `most` bounds.
    return db_exec (db, turn,
                    "delete from sessions where seen <= $1"
                    " or hash in (select hash from sessions order by expires desc limit $2 offset $3)",
                    P_I64 (seen_after), P_I64 (SESSION_EXPIRED_STEP), P_I64 (most));
}

fault_t session_store_add_code (db_t *db, turn_t *turn, const session_row_t *row, int64_t most)
{
    TRY (db_exec (db, turn,
                  "delete from sign_in_codes where expires <= $1"
                  " or hash in (select hash from sign_in_codes order by expires desc limit $2 offset $3)",
                  P_I64 (turn->now_us), P_I64 (SESSION_EXPIRED_STEP), P_I64 (most - 1)));
    return db_exec (db, turn,
                    "insert into sign_in_codes (hash, token, role, subject, expires, latest)"
                    " values ($1, $2, $3, $4, $5, $6)",
                    P_STR (row->hash), P_STR (row->token), P_STR (row->role), P_STR (row->subject),
                    P_I64 (row->expires_at), P_I64 (row->latest));
}

fault_t session_store_take_code (db_t *db, turn_t *turn, const char *hash, session_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (
        db, turn, "delete from sign_in_codes where hash = $1 returning token, role, subject, expires, latest",
        &rows, P_STR (hash)));
    *out = (session_row_t){.hash = hash};
    if (rows_count (rows) != 1)
        return OK;
    int64_t expires_at = rows_i64 (rows, 0, 3), latest = rows_i64 (rows, 0, 4);
    if (*rows_str (rows, 0, 0) && expires_at > turn->now_us && (latest == 0 || latest > turn->now_us))
        *out = (session_row_t){.hash = hash,
                               .token = rows_str (rows, 0, 0),
                               .role = rows_str (rows, 0, 1),
                               .subject = rows_str (rows, 0, 2),
                               .expires_at = expires_at,
                               .latest = latest};
    return OK;
}
