/* db_facts.c - see db_facts.h. */

#include "common/db/db_facts.h"

static fault_t has_versions (db_t *db, turn_t *turn, bool *out)
{
    const rows_t *rows;
    TRY (db_query (db, turn,
                   db_is_postgres (db)
                       ? "select 1 from information_schema.tables where table_name = 'schema_version'"
                         " and table_schema = any (current_schemas (false))"
                       : "select 1 from sqlite_master where type = 'table' and name = 'schema_version'",
                   &rows));
    *out = rows_count (rows) > 0;
    return OK;
}

fault_t db_facts_version (db_t *db, turn_t *turn, const char *part, size_t *out)
{
    const rows_t *rows;
    bool there;
    *out = 0;
    TRY (has_versions (db, turn, &there));
    if (!there)
        return OK;
    TRY (db_query (db, turn, "select coalesce (max (version), 0) from schema_version where part = $1", &rows,
                   P_STR (part)));
    *out = (size_t) rows_i64 (rows, 0, 0);
    return OK;
}

fault_t db_facts_clock (db_t *db, turn_t *turn, int64_t *now_us)
{
    const rows_t *rows;
    *now_us = 0;
    if (!db_is_postgres (db))
        return OK;
    TRY (db_query (db, turn, "select cast (extract (epoch from clock_timestamp ()) * 1000000 as bigint)",
                   &rows));
    *now_us = rows_i64 (rows, 0, 0);
    return OK;
}

fault_t db_facts_unsafe (db_t *db, turn_t *turn, const char **out)
{
    const rows_t *rows;
    *out = "";
    if (!db_is_postgres (db)) // Ours are opened as we want them
        return OK;
    TRY (db_query (
        db, turn,
        "select name, setting from pg_settings"
        " where name in ('fsync', 'synchronous_commit', 'full_page_writes') and setting = 'off' order by name",
        &rows));
    for (size_t i = 0; i < rows_count (rows); i++)
        *out = arena_printf (turn->arena, "%s%s%s = off", *out, i ? ", " : "", rows_str (rows, i, 0));
    return OK;
}

fault_t db_facts_name (db_t *db, turn_t *turn, const char **out)
{
    const rows_t *rows;
    bool postgres = db_is_postgres (db);
    TRY (db_query (db, turn,
                   postgres ? "select current_setting ('server_version')" : "select sqlite_version ()",
                   &rows));
    // Debian adds its own version in brackets
    const char *version = rows_str (rows, 0, 0);
    int size = 0;
    while (version[size] && version[size] != ' ')
        size++;
    *out = arena_printf (turn->arena, "%s %.*s", postgres ? "PostgreSQL" : "SQLite", size, version);
    return OK;
}
