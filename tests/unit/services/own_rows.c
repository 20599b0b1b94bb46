/* own_rows.c - see own_rows.h. */

#include "tests/unit/services/own_rows.h"

#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/db/db_engine.h"
#include "db/migrations.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

static void must (turn_t *turn, const char *what, fault_t fault)
{
    if (fault)
        test_fail (__FILE__, __LINE__, "%s: %s", what, turn->detail ? turn->detail : fault_name (fault));
}

// The rows of the table that are its own, or the others.
static const char *dump (db_t *db, turn_t *turn, const own_rows_t *of, bool own)
{
    const rows_t *rows;
    const char *text = "";
    must (turn, of->what,
          db_query (db, turn,
                    arena_printf (turn->arena, "select * from %s where %s (%s) order by 1, 2", of->table,
                                  own ? "" : "not", of->own ? of->own : "1 = 0"),
                    &rows));
    for (size_t i = 0; i < rows_count (rows); i++) {
        for (int k = 0; k < rows->columns; k++)
            text = arena_printf (turn->arena, "%s|%s", text, rows_str (rows, i, k));
        text = arena_printf (turn->arena, "%s\n", text);
    }
    return text;
}

static void check (db_t *db, turn_t *turn, const own_rows_t *of)
{
    must (turn, of->what, db_begin (db, turn));
    const char *own = dump (db, turn, of, true), *others = dump (db, turn, of, false);
    must (turn, of->what, of->act (db, turn));
    if (strcmp (others, dump (db, turn, of, false)) != 0)
        test_fail (__FILE__, __LINE__, "%s changes rows of others in %s:\n%snow:\n%s", of->what, of->table,
                   others, dump (db, turn, of, false));
    if (of->own && strcmp (own, dump (db, turn, of, true)) == 0)
        test_fail (__FILE__, __LINE__, "%s changes nothing in %s where %s:\n%s", of->what, of->table, of->own,
                   own);
    db_rollback (db);
}

static void check_all (db_t *db, turn_t *turn, const char *service, const char *const *rows,
                       const own_rows_t *cases, size_t count)
{
    size_t migrations;
    const migration_t *list = migrations_of (service, &migrations);
    must (turn, service, db_migrate (db, turn, service, list, migrations));
    for (; *rows; rows++)
        must (turn, *rows,
              strstr (*rows, "$1") ? db_exec (db, turn, *rows, P_BYTES ("", 0)) : db_exec (db, turn, *rows));
    for (size_t i = 0; i < count; i++)
        check (db, turn, &cases[i]);
}

void own_rows_check (const char *service, const char *const *rows, const own_rows_t *cases, size_t count)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    db_t *db;
    turn_init (&turn, arena, "test", 1000);
    CHECK_INT (db_open (&db, "sqlite::memory:", &turn), OK);
    check_all (db, &turn, service, rows, cases, count);
    db_close (&db);
    const char *server = getenv ("OPENCICD_TEST_POSTGRES");
    if (server) {
        const char *schema = id_new (arena, 's', clock_now_us (clock_system ()));
        CHECK_INT (db_open (&db, server, &turn), OK);
        must (&turn, schema, db_exec (db, &turn, arena_printf (arena, "create schema %s", schema)));
        must (&turn, schema, db_exec (db, &turn, arena_printf (arena, "set search_path = %s", schema)));
        check_all (db, &turn, service, rows, cases, count);
        must (&turn, schema, db_exec (db, &turn, arena_printf (arena, "drop schema %s cascade", schema)));
        db_close (&db);
    }
    arena_destroy (&arena);
}
