/* environment_store.c - see environment_store.h. */

#include "services/identity/environment_store.h"

#include "proto/strs.h"

fault_t environment_store_put (db_t *db, turn_t *turn, const char *project, const char *key,
                               const environment_t *row)
{
    arena_t *arena = turn->arena;
    return db_exec (
        db, turn,
        "insert into environments (project_id, name, title, wait_minutes, approvers, no_self_review, branches,"
        " tags, created_at, updated_at, updated_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)"
        " on conflict (project_id, name) do update set title = excluded.title,"
        " wait_minutes = excluded.wait_minutes, approvers = excluded.approvers,"
        " no_self_review = excluded.no_self_review, branches = excluded.branches, tags = excluded.tags,"
        " updated_at = excluded.updated_at, updated_by = excluded.updated_by",
        P_STR (project), P_STR (key), P_STR (row->name), P_I64 (row->wait_minutes),
        P_STR (strs_join (arena, &row->approvers)), P_I64 (row->no_self_review),
        P_STR (strs_join (arena, &row->branches)), P_STR (strs_join (arena, &row->tags)),
        P_I64 (row->updated_at), P_STR (row->updated_by));
}

#define SELECT                                                                                                  \
    "select title, wait_minutes, approvers, no_self_review, branches, tags, created_at, updated_at, updated_by" \
    " from environments where project_id = $1"

static environment_t read_environment (turn_t *turn, const rows_t *rows, size_t i)
{
    return (environment_t){.name = rows_str (rows, i, 0),
                           .wait_minutes = (uint32_t) rows_i64 (rows, i, 1),
                           .approvers = strs_split (turn->arena, rows_str (rows, i, 2)),
                           .no_self_review = rows_i64 (rows, i, 3) != 0,
                           .branches = strs_split (turn->arena, rows_str (rows, i, 4)),
                           .tags = strs_split (turn->arena, rows_str (rows, i, 5)),
                           .created_at = rows_i64 (rows, i, 6),
                           .updated_at = rows_i64 (rows, i, 7),
                           .updated_by = rows_str (rows, i, 8)};
}

fault_t environment_store_find (db_t *db, turn_t *turn, const char *project, const char *key,
                                environment_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SELECT " and name = $2", &rows, P_STR (project), P_STR (key)));
    *out = rows_count (rows) == 1 ? read_environment (turn, rows, 0) : (environment_t){0};
    return OK;
}

fault_t environment_store_page (db_t *db, turn_t *turn, const char *project, const char *after, int64_t limit,
                                environment_items_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SELECT " and name > $2 order by name limit $3", &rows, P_STR (project),
                   P_STR (after), P_I64 (limit)));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof (*out->items));
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = read_environment (turn, rows, i);
    return OK;
}

fault_t environment_store_count (db_t *db, turn_t *turn, const char *project, int64_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select count(*) from environments where project_id = $1", &rows,
                   P_STR (project)));
    *out = rows_i64 (rows, 0, 0);
    return OK;
}

fault_t environment_store_remove (db_t *db, turn_t *turn, const char *project, const char *key)
{
    return db_exec (db, turn, "delete from environments where project_id = $1 and ($2 = '' or name = $2)",
                    P_STR (project), P_STR (key));
}

fault_t environment_store_names (db_t *db, turn_t *turn, const char *person, bool *out)
{
    const rows_t *rows;
    const char *pattern = arena_printf (turn->arena, "%%\n%s\n%%", person);
    TRY (db_query (db, turn,
                   "select name from environments where $1 || lower(approvers) || $1 like $2 limit 1", &rows,
                   P_STR ("\n"), P_STR (pattern)));
    *out = rows_count (rows) > 0;
    return OK;
}
