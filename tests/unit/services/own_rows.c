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

static void make_rows (db_t *db, turn_t *turn, const char *const *rows)
{
    for (; *rows; rows++)
        must (turn, *rows,
              strstr (*rows, "$1") ? db_exec (db, turn, *rows, P_BYTES ("", 0)) : db_exec (db, turn, *rows));
}

typedef struct {
    const char *service;
    const char *const *rows, *const *others;
    const own_rows_t *changes;
    const own_reads_t *reads;
    size_t count;
} own_cases_t;

static void check_changes (db_t *db, turn_t *turn, const own_cases_t *of)
{
    for (size_t i = 0; i < of->count; i++)
        check (db, turn, &of->changes[i]);
}

static void check_reads (db_t *db, turn_t *turn, const own_cases_t *of)
{
    const char **before = arena_array (turn->arena, of->count + 1, sizeof *before);
    for (size_t i = 0; i < of->count; i++) {
        before[i] = of->reads[i].read (db, turn);
        if (!*before[i])
            test_fail (__FILE__, __LINE__, "%s gives nothing", of->reads[i].what);
    }
    make_rows (db, turn, of->others);
    for (size_t i = 0; i < of->count; i++) {
        const char *after = of->reads[i].read (db, turn);
        if (strcmp (before[i], after) != 0)
            test_fail (__FILE__, __LINE__, "%s gives what is of others: %s, and not %s", of->reads[i].what,
                       after, before[i]);
    }
}

static void check_all (db_t *db, turn_t *turn, const own_cases_t *of)
{
    size_t migrations;
    const migration_t *list = migrations_of (of->service, &migrations);
    must (turn, of->service, db_migrate (db, turn, of->service, list, migrations));
    make_rows (db, turn, of->rows);
    if (of->changes)
        check_changes (db, turn, of);
    else
        check_reads (db, turn, of);
}

static void on_each_engine (const own_cases_t *of)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    db_t *db;
    turn_init (&turn, arena, "test", 1000);
    CHECK_INT (db_open (&db, "sqlite::memory:", &turn), OK);
    check_all (db, &turn, of);
    db_close (&db);
    const char *server = getenv ("OPENCICD_TEST_POSTGRES");
    if (server) {
        const char *schema = id_new (arena, 's', clock_now_us (clock_system ()));
        CHECK_INT (db_open (&db, server, &turn), OK);
        must (&turn, schema, db_exec (db, &turn, arena_printf (arena, "create schema %s", schema)));
        must (&turn, schema, db_exec (db, &turn, arena_printf (arena, "set search_path = %s", schema)));
        check_all (db, &turn, of);
        must (&turn, schema, db_exec (db, &turn, arena_printf (arena, "drop schema %s cascade", schema)));
        db_close (&db);
    }
    arena_destroy (&arena);
}

void own_rows_check (const char *service, const char *const *rows, const own_rows_t *cases, size_t count)
{
    on_each_engine (&(own_cases_t){.service = service, .rows = rows, .changes = cases, .count = count});
}

void own_reads_check (const char *service, const char *const *rows, const char *const *others,
                      const own_reads_t *cases, size_t count)
{
    on_each_engine (
        &(own_cases_t){.service = service, .rows = rows, .others = others, .reads = cases, .count = count});
}

void own_reads_must (turn_t *turn, const char *what, fault_t fault)
{
    must (turn, what, fault);
}
