/* session_store.c - see session_store.h. */

#include "services/identity/session_store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

fault_t session_store_add (db_t *db, turn_t *turn, const session_row_t *row)
{
    return db_exec (
        db, turn,
        "insert into sessions (hash, token, role, subject, created, seen, expires, client, user_id)"
        " values ($1, $2, $3, $4, $5, $5, $6, $7, $8)",
        P_STR (row->hash), P_STR (row->token), P_STR (row->role), P_STR (row->subject), P_I64 (turn->now_us),
        P_I64 (row->expires_at), P_STR (row->client), P_STR (row->user ? row->user : ""));
}

fault_t session_store_find (db_t *db, turn_t *turn, const char *hash, int64_t seen_after, session_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select token, role, subject, seen, expires, user_id from sessions"
                   " where hash = $1 and expires > $2 and seen > $3 and (token <> '' or user_id <> '')",
                   &rows, P_STR (hash), P_I64 (turn->now_us), P_I64 (seen_after)));
    *out = (session_row_t){.hash = hash};
    if (rows_count (rows) == 1)
        *out = (session_row_t){.hash = hash,
                               .token = rows_str (rows, 0, 0),
                               .role = rows_str (rows, 0, 1),
                               .subject = rows_str (rows, 0, 2),
                               .seen_at = rows_i64 (rows, 0, 3),
                               .expires_at = rows_i64 (rows, 0, 4),
                               .user = rows_str (rows, 0, 5)};
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

fault_t session_store_remove_of_user (db_t *db, turn_t *turn, const char *user, const char *but)
{
    TRY (db_exec (db, turn, "delete from sessions where user_id = $1 and user_id <> '' and hash <> $2",
                  P_STR (user), P_STR (but)));
    return db_exec (db, turn, "delete from sign_in_codes where user_id = $1 and user_id <> ''", P_STR (user));
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

// By the time the last one began, and its id: "1900000000000000.2f6c...".
static fault_t read_cursor (turn_t *turn, const char *cursor, int64_t *created, const char **hash)
{
    char *end = NULL;
    *created = INT64_MAX;
    *hash = "";
    if (!*cursor)
        return OK;
    *created = strtoll (cursor, &end, 10);
    *hash = end + 1;
    return *end == '.' ? OK : turn_fail (turn, INVALID, "cursor: is not the `next` of a page");
}

fault_t session_store_page (db_t *db, turn_t *turn, const session_filter_t *filter, session_page_t *out)
{
    const rows_t *rows;
    int64_t created;
    const char *hash;
    TRY (read_cursor (turn, filter->before, &created, &hash));
    TRY (db_query (db, turn,
                   "select hash, subject, role, client, token, created, seen, expires from sessions"
                   " where subject = $1 and expires > $2 and seen > $3 and (token <> '' or user_id <> '')"
                   " and (created, hash) < ($4, $5) order by created desc, hash desc limit $6",
                   &rows, P_STR (filter->subject), P_I64 (turn->now_us), P_I64 (filter->seen_after),
                   P_I64 (created), P_STR (hash), P_I64 ((int64_t) filter->limit)));
    size_t count = rows_count (rows);
    out->items = (signed_in_items_t){arena_array (turn->arena, count + 1, sizeof (signed_in_t)), count};
    for (size_t i = 0; i < count; i++)
        out->items.items[i] =
            (signed_in_t){.id = arena_strndup (turn->arena, rows_str (rows, i, 0), SESSION_ID),
                          .subject = rows_str (rows, i, 1),
                          .role = rows_str (rows, i, 2),
                          .client = rows_str (rows, i, 3),
                          .token = rows_str (rows, i, 4),
                          .current = strcmp (rows_str (rows, i, 0), filter->own) == 0,
                          .created_at = rows_i64 (rows, i, 5),
                          .seen_at = rows_i64 (rows, i, 6),
                          .expires_at = rows_i64 (rows, i, 7)};
    bool more = count == filter->limit;
    out->next = !more ? ""
                      : arena_printf (turn->arena, "%" PRId64 ".%s", rows_i64 (rows, count - 1, 5),
                                      out->items.items[count - 1].id);
    return OK;
}

fault_t session_store_revoke (db_t *db, turn_t *turn, const char *id, const char *subject, int64_t *removed)
{
    *removed = 0;
    if (strlen (id) != SESSION_ID)
        return OK;
    return db_change (
        db, turn,
        "delete from sessions where hash >= $1 and hash < $1 || 'g' and substr (hash, 1, 20) = $1"
        " and ($2 = '' or subject = $2)",
        removed, P_STR (id), P_STR (subject));
}

fault_t session_store_add_code (db_t *db, turn_t *turn, const session_row_t *row, int64_t most)
{
    TRY (db_exec (db, turn,
                  "delete from sign_in_codes where expires <= $1"
                  " or hash in (select hash from sign_in_codes order by expires desc limit $2 offset $3)",
                  P_I64 (turn->now_us), P_I64 (SESSION_EXPIRED_STEP), P_I64 (most - 1)));
    return db_exec (db, turn,
                    "insert into sign_in_codes (hash, token, role, subject, expires, latest, user_id)"
                    " values ($1, $2, $3, $4, $5, $6, $7)",
                    P_STR (row->hash), P_STR (row->token), P_STR (row->role), P_STR (row->subject),
                    P_I64 (row->expires_at), P_I64 (row->latest), P_STR (row->user ? row->user : ""));
}

fault_t session_store_take_code (db_t *db, turn_t *turn, const char *hash, session_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "delete from sign_in_codes where hash = $1"
                   " returning token, role, subject, expires, latest, user_id",
                   &rows, P_STR (hash)));
    *out = (session_row_t){.hash = hash};
    if (rows_count (rows) != 1)
        return OK;
    int64_t expires_at = rows_i64 (rows, 0, 3), latest = rows_i64 (rows, 0, 4);
    bool owned = *rows_str (rows, 0, 0) || *rows_str (rows, 0, 5);
    if (owned && expires_at > turn->now_us && (latest == 0 || latest > turn->now_us))
        *out = (session_row_t){.hash = hash,
                               .token = rows_str (rows, 0, 0),
                               .role = rows_str (rows, 0, 1),
                               .subject = rows_str (rows, 0, 2),
                               .expires_at = expires_at,
                               .latest = latest,
                               .user = rows_str (rows, 0, 5)};
    return OK;
}
