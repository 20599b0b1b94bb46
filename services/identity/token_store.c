/* token_store.c - see token_store.h. */

#include "services/identity/token_store.h"

#include "common/base/clock.h"
#include "proto/strs.h"

#include <string.h>

fault_t token_store_lock (db_t *db, turn_t *turn, token_counts_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select agents, others from token_counts where id = $1 " DB_FOR_UPDATE, &rows,
                   P_I64 (1)));
    if (rows_count (rows) != 1)
        return turn_fail (turn, BROKEN, "the row of token_counts is missing");
    *out = (token_counts_t){.agents = rows_i64 (rows, 0, 0), .others = rows_i64 (rows, 0, 1)};
    return OK;
}

fault_t token_store_recount (db_t *db, turn_t *turn)
{
    return db_exec (db, turn,
                    "update token_counts set agents = (select count(*) from tokens where role = $2),"
                    " others = (select count(*) from tokens where role <> $2) where id = $1",
                    P_I64 (1), P_STR (role_name (ROLE_AGENT)));
}

static fault_t count (db_t *db, turn_t *turn, int64_t agents, int64_t others)
{
    return db_exec (db, turn,
                    "update token_counts set agents = agents + $2, others = others + $3 where id = $1",
                    P_I64 (1), P_I64 (agents), P_I64 (others));
}

fault_t token_store_add (db_t *db, turn_t *turn, const token_t *token, const char *hash)
{
    bool agent = strcmp (token->role, role_name (ROLE_AGENT)) == 0, narrowed = token->projects.count > 0;
    TRY (db_exec (
        db, turn,
        "insert into tokens (id, hash, name, role, subject, created, expires, labels, uses,"
        " projects, project_role, user_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        P_STR (token->id), P_STR (hash), P_STR (token->name),
        P_STR (narrowed ? role_name (ROLE_MEMBER) : token->role), P_STR (token->subject),
        P_I64 (token->created_at), P_I64 (token->expires_at), P_STR (strs_join (turn->arena, &token->labels)),
        P_I64 (token->uses), P_STR (strs_join (turn->arena, &token->projects)),
        P_STR (narrowed ? token->role : ""), P_STR (token->user ? token->user : "")));
    return count (db, turn, agent ? 1 : 0, agent ? 0 : 1);
}

#define SELECT                                                                                              \
    "select id, name, role, subject, created, expires, labels, uses, used, projects, project_role, user_id" \
    " from tokens"

static token_t read_row (turn_t *turn, const rows_t *rows, size_t i)
{
    const char *project_role = rows_str (rows, i, 10);
    return (token_t){.id = rows_str (rows, i, 0),
                     .name = rows_str (rows, i, 1),
                     .role = *project_role ? project_role : rows_str (rows, i, 2),
                     .subject = rows_str (rows, i, 3),
                     .created_at = rows_i64 (rows, i, 4),
                     .expires_at = rows_i64 (rows, i, 5),
                     .labels = strs_split (turn->arena, rows_str (rows, i, 6)),
                     .uses = (uint32_t) rows_i64 (rows, i, 7),
                     .used = (uint32_t) rows_i64 (rows, i, 8),
                     .projects = strs_split (turn->arena, rows_str (rows, i, 9)),
                     .user = rows_str (rows, i, 11)};
}

static token_t one_row (turn_t *turn, const rows_t *rows)
{
    return rows_count (rows) == 1 ? read_row (turn, rows, 0) : (token_t){0};
}

fault_t token_store_find (db_t *db, turn_t *turn, const char *hash, token_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SELECT " where hash = $1 and (expires = 0 or expires > $2)", &rows, P_STR (hash),
                   P_I64 (turn->now_us)));
    *out = one_row (turn, rows);
    return OK;
}

fault_t token_store_show (db_t *db, turn_t *turn, const char *id, token_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SELECT " where id = $1", &rows, P_STR (id)));
    *out = one_row (turn, rows);
    return OK;
}

static void read_tokens (turn_t *turn, const rows_t *rows, token_items_t *out)
{
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof (token_t));
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = read_row (turn, rows, i);
}

fault_t token_store_list (db_t *db, turn_t *turn, const char *after, uint32_t limit, token_items_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SELECT " where id > $1 order by id limit $2", &rows, P_STR (after),
                   P_I64 (limit)));
    read_tokens (turn, rows, out);
    return OK;
}

fault_t token_store_list_of (db_t *db, turn_t *turn, const char *user, const char *after, uint32_t limit,
                             token_items_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   SELECT " where user_id = $1 and id > $2 and (expires = 0 or expires > $3)"
                          " order by id limit $4",
                   &rows, P_STR (user), P_STR (after), P_I64 (turn->now_us), P_I64 (limit)));
    read_tokens (turn, rows, out);
    return OK;
}

fault_t token_store_count_of (db_t *db, turn_t *turn, const char *user, int64_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select count(*) from tokens where user_id = $1 and (expires = 0 or expires > $2)", &rows,
                   P_STR (user), P_I64 (turn->now_us)));
    *out = rows_i64 (rows, 0, 0);
    return OK;
}

fault_t token_store_acts_as (db_t *db, turn_t *turn, const char *name, bool *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select id from tokens where user_id = '' and role <> 'AGENT' and role <> 'REGISTRAR'"
                   " and (expires = 0 or expires > $2)"
                   " and (subject = $1 or (subject = '' and lower(name) = $1)) limit 1",
                   &rows, P_STR (name), P_I64 (turn->now_us)));
    *out = rows_count (rows) > 0;
    return OK;
}

fault_t token_store_admins (db_t *db, turn_t *turn, const char *but_id, const char *but_subject, int64_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select count(*) from tokens where role = 'ADMIN' and (expires = 0 or expires > $1)"
                   " and user_id = '' and id <> $2 and ($3 = '' or subject <> $3)",
                   &rows, P_I64 (turn->now_us), P_STR (but_id), P_STR (but_subject)));
    *out = rows_i64 (rows, 0, 0);
    return OK;
}

fault_t token_store_of_role (db_t *db, turn_t *turn, const char *role, int64_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select count(*) from tokens where role = $1 and (expires = 0 or expires > $2)",
                   &rows, P_STR (role), P_I64 (turn->now_us)));
    *out = rows_i64 (rows, 0, 0);
    return OK;
}

fault_t token_store_use (db_t *db, turn_t *turn, const char *id, int64_t a_minute, bool *used)
{
    int64_t minute = turn->now_us / SECONDS (60), changed = 0;
    TRY (db_change (db, turn,
                    "update tokens set used = used + 1, minute = $2,"
                    " in_minute = case when minute = $2 then in_minute + 1 else 1 end"
                    " where id = $1 and (minute <> $2 or in_minute < $3)",
                    &changed, P_STR (id), P_I64 (minute), P_I64 (a_minute)));
    *used = changed == 1;
    return OK;
}

// Removes the rows of one statement, which gives back their roles.
static fault_t remove_rows (db_t *db, turn_t *turn, const rows_t *rows)
{
    int64_t agents = 0, all = (int64_t) rows_count (rows);
    for (size_t i = 0; i < rows_count (rows); i++)
        agents += strcmp (rows_str (rows, i, 0), role_name (ROLE_AGENT)) == 0;
    return all ? count (db, turn, -agents, agents - all) : OK;
}

fault_t token_store_remove (db_t *db, turn_t *turn, const char *id)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "delete from tokens where id = $1 returning role", &rows, P_STR (id)));
    return remove_rows (db, turn, rows);
}

// In steps: a result is bounded.
fault_t token_store_remove_of (db_t *db, turn_t *turn, const char *subject)
{
    const rows_t *rows;
    do {
        TRY (db_query (db, turn,
                       "delete from tokens where id in"
                       " (select id from tokens where subject = $1 order by id limit $2) returning role",
                       &rows, P_STR (subject), P_I64 (DB_MAX_ROWS)));
        TRY (remove_rows (db, turn, rows));
    } while (rows_count (rows) == DB_MAX_ROWS);
    return OK;
}

fault_t token_store_remove_of_user (db_t *db, turn_t *turn, const char *user)
{
    const rows_t *rows; // A user has a bounded number of them
    TRY (db_query (db, turn, "delete from tokens where user_id = $1 and user_id <> '' returning role", &rows,
                   P_STR (user)));
    return remove_rows (db, turn, rows);
}

fault_t token_store_remove_expired (db_t *db, turn_t *turn)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "delete from tokens where id in (select id from tokens where expires > 0"
                   " and expires <= $1 order by expires limit $2) returning role",
                   &rows, P_I64 (turn->now_us), P_I64 (EXPIRED_STEP)));
    return remove_rows (db, turn, rows);
}
