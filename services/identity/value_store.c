/* value_store.c - see value_store.h. */

#include "services/identity/value_store.h"

fault_t value_store_lock (db_t *db, turn_t *turn)
{
    const rows_t *rows;
    TRY (db_query (db, turn, "select id from value_locks where id = $1 " DB_FOR_UPDATE, &rows, P_I64 (1)));
    return rows_count (rows) == 1 ? OK : turn_fail (turn, BROKEN, "the row of value_locks is missing");
}

fault_t value_store_put (db_t *db, turn_t *turn, const value_row_t *row)
{
    return db_exec (db, turn,
                    "insert into job_values (kind, project_id, environment, name, value, key_name, size,"
                    " created_at, updated_at, updated_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)"
                    " on conflict (project_id, environment, kind, name) do update set value = excluded.value,"
                    " key_name = excluded.key_name, size = excluded.size, updated_at = excluded.updated_at,"
                    " updated_by = excluded.updated_by",
                    P_STR (row->kind), P_STR (row->scope.project), P_STR (row->scope.environment),
                    P_STR (row->name), P_BYTES (row->value.data, row->value.size), P_STR (row->key_name),
                    P_I64 (row->size), P_I64 (row->updated_at), P_STR (row->updated_by));
}

fault_t value_store_remove (db_t *db, turn_t *turn, const value_row_t *row, int64_t *removed)
{
    return db_change (db, turn,
                      "delete from job_values where kind = $1 and project_id = $2 and environment = $3"
                      " and name = $4",
                      removed, P_STR (row->kind), P_STR (row->scope.project), P_STR (row->scope.environment),
                      P_STR (row->name));
}

#define SELECT                                                                                              \
    "select kind, project_id, environment, name, value, key_name, size, created_at, updated_at, updated_by" \
    " from job_values"

static value_row_t read_value (const rows_t *rows, size_t i)
{
    value_row_t row = {.kind = rows_str (rows, i, 0),
                       .scope = {rows_str (rows, i, 1), rows_str (rows, i, 2)},
                       .name = rows_str (rows, i, 3),
                       .key_name = rows_str (rows, i, 5),
                       .size = rows_i64 (rows, i, 6),
                       .created_at = rows_i64 (rows, i, 7),
                       .updated_at = rows_i64 (rows, i, 8),
                       .updated_by = rows_str (rows, i, 9)};
    row.value.data = rows_bytes (rows, i, 4, &row.value.size);
    return row;
}

static void read_values (turn_t *turn, const rows_t *rows, value_rows_t *out)
{
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof (*out->items));
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = read_value (rows, i);
}

fault_t value_store_page (db_t *db, turn_t *turn, const char *kind, const value_scope_t *scope,
                          const char *after, int64_t limit, value_rows_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   SELECT " where project_id = $1 and environment = $2 and kind = $3 and name > $4"
                          " order by name limit $5",
                   &rows, P_STR (scope->project), P_STR (scope->environment), P_STR (kind), P_STR (after),
                   P_I64 (limit)));
    read_values (turn, rows, out);
    return OK;
}

fault_t value_store_nearest (db_t *db, turn_t *turn, const char *kind, const value_scope_t *scope,
                             const char *name, value_row_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   SELECT " where kind = $1 and name = $2 and (project_id = $3 and environment in ($4, '')"
                          " or project_id = '' and environment = '')"
                          " order by project_id desc, environment desc limit 1",
                   &rows, P_STR (kind), P_STR (name), P_STR (scope->project), P_STR (scope->environment)));
    *out = rows_count (rows) == 1 ? read_value (rows, 0) : (value_row_t){0};
    return OK;
}

fault_t value_store_sum (db_t *db, turn_t *turn, const char *kind, const value_scope_t *scope,
                         const char *but, int64_t *count, int64_t *bytes)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select count(*), coalesce (sum (size + length (name)), 0) from job_values"
                   " where project_id = $1 and environment = $2 and kind = $3 and name <> $4",
                   &rows, P_STR (scope->project), P_STR (scope->environment), P_STR (kind), P_STR (but)));
    *count = rows_i64 (rows, 0, 0);
    *bytes = rows_i64 (rows, 0, 1);
    return OK;
}

fault_t value_store_of_key (db_t *db, turn_t *turn, const char *key_name, int64_t limit, value_rows_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn, SELECT " where key_name = $1 and key_name <> '' limit $2", &rows,
                   P_STR (key_name), P_I64 (limit)));
    read_values (turn, rows, out);
    return OK;
}

fault_t value_store_keys (db_t *db, turn_t *turn, strs_t *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   "select distinct key_name from job_values where key_name <> $1 order by key_name", &rows,
                   P_STR ("")));
    out->count = rows_count (rows);
    out->items = arena_array (turn->arena, out->count + 1, sizeof (*out->items));
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = rows_str (rows, i, 0);
    return OK;
}

fault_t value_store_resealed (db_t *db, turn_t *turn, const value_row_t *row)
{
    return db_exec (db, turn,
                    "update job_values set value = $1, key_name = $2 where kind = $3 and project_id = $4"
                    " and environment = $5 and name = $6",
                    P_BYTES (row->value.data, row->value.size), P_STR (row->key_name), P_STR (row->kind),
                    P_STR (row->scope.project), P_STR (row->scope.environment), P_STR (row->name));
}

fault_t value_store_remove_of (db_t *db, turn_t *turn, const value_scope_t *scope)
{
    return db_exec (db, turn,
                    "delete from job_values where project_id = $1 and ($2 = '' or environment = $2)",
                    P_STR (scope->project), P_STR (scope->environment));
}
