/* db_migrate.c - brings one part's tables up to the program's version, forward only.
 *
 * Each step takes the lock, reads the version anew and applies at most one migration, so that several processes may start
 * at once and a crash between steps is harmless. The table schema_version has a row for every migration applied. */

#include "common/db/db_engine.h"

#include <inttypes.h>

static const char make_table[] =
    "create table if not exists schema_version (part text not null, version bigint not null,"
    " name text not null, applied_at bigint not null, primary key (part, version))";

static fault_t read_version (db_t *db, turn_t *turn, const char *part, size_t *version)
{
    const rows_t *rows;
    fault_t fault = db_exec (db, turn, make_table);
    if (!fault)
        fault = db_query (db, turn, "select coalesce (max (version), 0) from schema_version where part = $1",
                          &rows, P_STR (part));
    if (!fault)
        *version = (size_t) rows_i64 (rows, 0, 0);
    return fault;
}

static fault_t apply (db_t *db, turn_t *turn, const char *part, const migration_t *next, size_t version)
{
    const char *sql = db_dialect_migration (turn->arena, next->sql, db_is_postgres (db));
    if (!sql)
        return turn_fail (turn, TOO_LARGE, "the migration %s/%s is too large", part, next->name);
    fault_t fault = db_script (db, turn, sql);
    if (fault)
        return turn_fail (turn, fault, "the migration %s/%s failed: %s", part, next->name,
                          turn->detail ? turn->detail : "");
    return db_exec (db, turn,
                    "insert into schema_version (part, version, name, applied_at) values ($1, $2, $3, $4)",
                    P_STR (part), P_I64 ((int64_t) version), P_STR (next->name), P_I64 (turn->now_us));
}

// *done if there was nothing to apply. Within a transaction.
static fault_t step (db_t *db, turn_t *turn, const char *part, const migration_t *list, size_t count,
                     bool *done)
{
    size_t version = 0;
    TRY (read_version (db, turn, part, &version));
    if (version > count)
        return turn_fail (
            turn, CONFLICT,
            "the database's tables of %s have version %zu, this program knows %zu: it is older than"
            " the database",
            part, version, count);
    *done = version == count;
    return *done ? OK : apply (db, turn, part, &list[version], version + 1);
}

fault_t db_migrate (db_t *self, turn_t *turn, const char *part, const migration_t *list, size_t count)
{
    for (bool done = false; !done;) {
        TRY (db_begin_migration (self, turn));
        fault_t fault = step (self, turn, part, list, count, &done);
        if (!fault)
            fault = db_commit (self, turn);
        db_rollback (self);
        TRY (fault);
    }
    return OK;
}
