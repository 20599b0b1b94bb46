/* db.c - the same tests on every engine: SQLite always, PostgreSQL where OPENCICD_TEST_POSTGRES holds a URL. */

#include "common/db/db.h"
#include "common/base/clock.h"
#include "common/base/id.h"
#include "db/migrations.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    arena_t *arena;
    turn_t turn;
    const char *url; // Opens the same empty database again
    db_t *db;
} world_t;

static void run_in (world_t *world, void (*test) (world_t *world))
{
    CHECK_INT (db_open (&world->db, world->url, &world->turn), OK);
    CHECK_INT (
        db_exec (world->db, &world->turn, "create table t (id text primary key, n bigint, words text)"), OK);
    test (world);
    db_close (&world->db);
}

static void in_sqlite (void (*test) (world_t *world))
{
    world_t world = {.arena = arena_new ()};
    turn_init (&world.turn, world.arena, "test", 1);
    char folder[256];
    test_folder (folder, sizeof (folder));
    world.url = arena_printf (world.arena, "sqlite:%s/t.db", folder);
    run_in (&world, test);
    unlink (world.url + strlen ("sqlite:"));
    rmdir (folder);
    arena_destroy (&world.arena);
}

// Each test has a schema of its own.
static void in_postgres (void (*test) (world_t *world))
{
    const char *server = getenv ("OPENCICD_TEST_POSTGRES");
    world_t world = {.arena = arena_new ()};
    turn_init (&world.turn, world.arena, "test", 1);
    const char *schema = id_new (world.arena, 's', clock_now_us (clock_system ()));
    db_t *admin;
    CHECK_INT (db_open (&admin, server, &world.turn), OK);
    CHECK_INT (db_exec (admin, &world.turn, arena_printf (world.arena, "create schema %s", schema)), OK);
    world.url = arena_printf (world.arena, "%s%coptions=-csearch_path%%3D%s", server,
                              strchr (server, '?') ? '&' : '?', schema);
    run_in (&world, test);
    CHECK_INT (db_exec (admin, &world.turn, arena_printf (world.arena, "drop schema %s cascade", schema)),
               OK);
    db_close (&admin);
    arena_destroy (&world.arena);
}

#define DB_TEST(name)                                                  \
    static void name (world_t *world);                                 \
    static void name##_sqlite (void)                                   \
    {                                                                  \
        in_sqlite (name);                                              \
    }                                                                  \
    static void name##_postgres (void)                                 \
    {                                                                  \
        in_postgres (name);                                            \
    }                                                                  \
    __attribute__ ((constructor)) static void name##_add (void)        \
    {                                                                  \
        test_add (#name " (sqlite)", __FILE__, name##_sqlite);         \
        if (getenv ("OPENCICD_TEST_POSTGRES"))                         \
            test_add (#name " (postgres)", __FILE__, name##_postgres); \
    }                                                                  \
    static void name (world_t *world)

DB_TEST (values_come_back_as_they_went_in)
{
    db_t *db = world->db;
    turn_t *turn = &world->turn;
    static const unsigned char bytes[] = {0, 1, 0xff, '\\', '\'', 0};
    CHECK_INT (db_exec (db, turn, "create table v (i bigint, s text, b bytea, e bytea, z text)"), OK);
    CHECK_INT (db_exec (db, turn, "insert into v (i, s, b, e, z) values ($1, $2, $3, $4, $5)",
                        P_I64 (INT64_MIN + 1), P_STR ("it's \xc3\xa9"), P_BYTES (bytes, sizeof (bytes)),
                        P_BYTES (NULL, 0), P_STR (NULL)),
               OK);
    const rows_t *rows;
    CHECK_INT (db_query (db, turn, "select i, s, b, e, z, cast (null as bigint) from v", &rows), OK);
    CHECK_INT (rows_count (rows), 1);
    CHECK_INT (rows_i64 (rows, 0, 0), INT64_MIN + 1);
    CHECK_STR (rows_str (rows, 0, 0), "-9223372036854775807");
    CHECK_STR (rows_str (rows, 0, 1), "it's \xc3\xa9");
    size_t size;
    const void *data = rows_bytes (rows, 0, 2, &size);
    CHECK_INT (size, sizeof (bytes));
    CHECK (memcmp (data, bytes, size) == 0);
    rows_bytes (rows, 0, 3, &size);
    CHECK_INT (size, 0);
    CHECK (!rows_null (rows, 0, 3));
    CHECK (rows_null (rows, 0, 4));
    CHECK_STR (rows_str (rows, 0, 4), "");
    CHECK_INT (rows_i64 (rows, 0, 5), 0);
}

DB_TEST (a_parameter_may_stand_twice_and_out_of_order)
{
    const rows_t *rows;
    CHECK_INT (db_query (world->db, &world->turn, "select $2 || $1 || $2, $3 + $3", &rows, P_STR ("a"),
                         P_STR ("b"), P_I64 (4000000000)),
               OK);
    CHECK_STR (rows_str (rows, 0, 0), "bab");
    CHECK_INT (rows_i64 (rows, 0, 1), 8000000000);
}

DB_TEST (null_and_a_value_may_take_turns_in_one_statement)
{
    static const char sql[] = "insert into t (id, n, words) values ($1, $2, $3)";
    CHECK_INT (db_exec (world->db, &world->turn, sql, P_STR ("a"), P_NULL, P_STR (NULL)), OK);
    CHECK_INT (db_exec (world->db, &world->turn, sql, P_STR ("b"), P_I64 (7), P_STR ("x")), OK);
    CHECK_INT (db_exec (world->db, &world->turn, sql, P_STR ("c"), P_NULL, P_NULL), OK);
    const rows_t *rows;
    CHECK_INT (
        db_query (world->db, &world->turn, "select count (*), sum (n) from t where n is not null", &rows),
        OK);
    CHECK_INT (rows_i64 (rows, 0, 0), 1);
    CHECK_INT (rows_i64 (rows, 0, 1), 7);
}

DB_TEST (changes_are_counted_for_writes_only)
{
    db_t *db = world->db;
    turn_t *turn = &world->turn;
    const rows_t *rows;
    int64_t changed;
    CHECK_INT (db_change (db, turn, "insert into t (id, n) values ('a', 1), ('b', 2)", &changed), OK);
    CHECK_INT (changed, 2);
    CHECK_INT (db_change (db, turn, "select id from t", &changed), OK);
    CHECK_INT (changed, 0);
    CHECK_INT (db_query (db, turn, "update t set n = n + $1 where id = 'a' returning n", &rows, P_I64 (5)),
               OK);
    CHECK_INT (rows_i64 (rows, 0, 0), 6);
    CHECK_INT (
        db_change (db, turn, "insert into t (id, n) values ('a', 9) on conflict (id) do nothing", &changed),
        OK);
    CHECK_INT (changed, 0);
    CHECK_INT (db_change (db, turn, "delete from t where id = 'none'", &changed), OK);
    CHECK_INT (changed, 0);
    CHECK_INT (db_writes (db), 3);
    CHECK_INT (db_begin (db, turn), OK);
    CHECK_INT (db_exec (db, turn, "delete from t where id = 'b'"), OK);
    CHECK_INT (db_change (db, turn, "update t set n = 1", &changed), OK);
    CHECK_INT (changed, 1); // Of the last statement, with what went before it done
    CHECK_INT (db_exec (db, turn, "insert into t (id) values ('c')"), OK);
    CHECK_INT (db_writes (db), 6);
    CHECK_INT (db_commit (db, turn), OK);
}

DB_TEST (a_violated_constraint_is_a_conflict_in_the_words_of_the_api)
{
    CHECK_INT (db_exec (world->db, &world->turn, "insert into t (id) values ('a')"), OK);
    CHECK_INT (db_exec (world->db, &world->turn, "insert into t (id) values ('a')"), CONFLICT);
    CHECK_STR (world->turn.detail, "it exists already, or was changed at the same time; read it again");
    CHECK_INT (db_exec (world->db, &world->turn, "insert into t (id) values ('b')"), OK);
}

DB_TEST (a_failed_statement_leaves_a_transaction_only_the_rollback)
{
    db_t *db = world->db;
    turn_t *turn = &world->turn;
    const rows_t *rows;
    CHECK_INT (db_begin (db, turn), OK);
    CHECK_INT (db_exec (db, turn, "insert into t (id) values ('a')"), OK);
    int64_t changed;
    CHECK_INT (db_change (db, turn, "insert into t (id) values ('a')", &changed), CONFLICT);
    CHECK_INT (db_exec (db, turn, "insert into t (id) values ('b')"), CONFLICT);
    CHECK_INT (db_commit (db, turn), CONFLICT);
    CHECK (!db_in_transaction (db));
    CHECK_INT (db_query (db, turn, "select id from t", &rows), OK);
    CHECK_INT (rows_count (rows), 0);
}

DB_TEST (what_is_rolled_back_never_was_and_what_is_committed_stays)
{
    db_t *db = world->db;
    turn_t *turn = &world->turn;
    CHECK_INT (db_begin (db, turn), OK);
    CHECK_INT (db_exec (db, turn, "insert into t (id) values ('lost')"), OK);
    db_rollback (db);
    db_rollback (db);
    CHECK_INT (db_begin (db, turn), OK);
    CHECK (db_in_transaction (db));
    CHECK_INT (db_begin (db, turn), BROKEN);
    CHECK_INT (db_exec (db, turn, "insert into t (id) values ('kept')"), OK);
    CHECK_INT (db_commit (db, turn), OK);
    CHECK_INT (db_commit (db, turn), BROKEN);
    db_close (&world->db);
    CHECK_INT (db_open (&world->db, world->url, turn), OK);
    const rows_t *rows;
    CHECK_INT (db_query (world->db, turn, "select id from t", &rows), OK);
    CHECK_INT (rows_count (rows), 1);
    CHECK_STR (rows_str (rows, 0, 0), "kept");
}

static int64_t count (world_t *world)
{
    const rows_t *rows;
    CHECK_INT (db_query (world->db, &world->turn, "select count (*) from t", &rows), OK);
    return rows_i64 (rows, 0, 0);
}

DB_TEST (a_write_that_fails_fails_its_unit_at_the_commit_at_the_latest)
{
    db_t *db = world->db;
    turn_t *turn = &world->turn;
    CHECK_INT (db_begin (db, turn), OK);
    CHECK_INT (db_exec (db, turn, "insert into t (id) values ('a')"), OK);
    uint64_t writes = db_writes (db);
    fault_t fault = db_exec (db, turn, "insert into t (id) values ('a')");
    CHECK (db_writes (db) > writes); // Whoever shares the unit knows that it was written to
    CHECK (fault == OK || fault == CONFLICT);
    fault = db_exec (db, turn, "insert into t (id) values ('b')");
    CHECK (fault == OK || fault == CONFLICT);
    CHECK_INT (db_commit (db, turn), CONFLICT);
    CHECK (!db_commit_unknown (db));
    CHECK_INT (count (world), 0);
    CHECK_INT (db_begin (db, turn), OK); // And the next is not harmed
    CHECK_INT (db_exec (db, turn, "insert into t (id) values ('b')"), OK);
    CHECK_INT (db_commit (db, turn), OK);
    CHECK_INT (count (world), 1);
}

DB_TEST (a_read_sees_what_was_written_before_it_and_hears_of_its_fault)
{
    db_t *db = world->db;
    turn_t *turn = &world->turn;
    const rows_t *rows;
    CHECK_INT (db_begin (db, turn), OK);
    CHECK_INT (db_exec (db, turn, "insert into t (id) values ('a')"), OK);
    CHECK_INT (count (world), 1);
    fault_t fault = db_exec (db, turn, "insert into t (id) values ('a')");
    CHECK (fault == OK || fault == CONFLICT);
    CHECK_INT (db_query (db, turn, "select id from t", &rows), CONFLICT);
    CHECK_INT (rows_count (rows), 0);
    CHECK_INT (db_query (db, turn, "select id from t", &rows), CONFLICT); // As long as it is open
    db_rollback (db);
    CHECK_INT (count (world), 0);
}

DB_TEST (several_reads_are_answered_together)
{
    db_t *db = world->db;
    turn_t *turn = &world->turn;
    const rows_t *names, *numbers, *all;
    CHECK_INT (db_begin (db, turn), OK);
    CHECK_INT (db_exec (db, turn, "insert into t (id, n) values ('a', 1), ('b', 2)"), OK);
    CHECK_INT (db_query_later (db, turn, "select id from t order by id", &names), OK);
    CHECK_INT (db_exec (db, turn, "delete from t where id = 'b'"), OK);
    CHECK_INT (db_query_later (db, turn, "select n from t where id = $1", &numbers, P_STR ("a")), OK);
    CHECK_INT (db_query (db, turn, "select id from t", &all), OK);
    CHECK_INT (rows_count (names), 2);
    CHECK_STR (rows_str (names, 1, 0), "b");
    CHECK_INT (rows_i64 (numbers, 0, 0), 1);
    CHECK_INT (rows_count (all), 1);
    CHECK_INT (db_query_later (db, turn, "select n from t", &numbers), OK);
    CHECK_INT (db_wait (db, turn), OK);
    CHECK_INT (rows_count (numbers), 1);
    fault_t fault = db_exec (db, turn, "insert into t (id) values ('a')");
    if (!fault)
        CHECK_INT (db_query_later (db, turn, "select n from t", &numbers), OK);
    CHECK_INT (db_wait (db, turn), CONFLICT);
    CHECK_INT (db_commit (db, turn), CONFLICT);
    CHECK_INT (db_query_later (db, turn, "select id from t", &all), OK); // Outside a transaction at once
    CHECK_INT (rows_count (all), 0);
}

DB_TEST (a_unit_of_any_length_and_size_is_written_whole)
{
    db_t *db = world->db;
    turn_t *turn = &world->turn;
    char *large = arena_alloc (world->arena, (1 << 20) + 1);
    memset (large, 'w', 1 << 20);
    CHECK_INT (db_begin (db, turn), OK);
    for (int i = 0; i < 1500; i++) {
        const char *words = i % 500 == 7 ? large : i % 3 ? "few" : large + (1 << 20) - 3000;
        CHECK_INT (db_exec (db, turn, "insert into t (id, n, words) values ($1, $2, $3)",
                            P_STR (arena_printf (world->arena, "%04d", i)), P_I64 (i), P_STR (words)),
                   OK);
    }
    CHECK_INT (db_commit (db, turn), OK);
    const rows_t *rows;
    CHECK_INT (db_query (db, turn, "select count (*), sum (n), sum (length (words)) from t", &rows), OK);
    CHECK_INT (rows_i64 (rows, 0, 0), 1500);
    CHECK_INT (rows_i64 (rows, 0, 1), 1499 * 750);
    CHECK_INT (rows_i64 (rows, 0, 2), 3 * (1 << 20) + 500 * 3000 + 1000 * 3 - 2 * 3 - 3000);
}

DB_TEST (a_part_of_a_transaction_is_undone_by_itself)
{
    db_t *db = world->db;
    turn_t *turn = &world->turn;
    CHECK_INT (db_savepoint (db, turn), BROKEN); // Outside a transaction
    CHECK_INT (db_begin (db, turn), OK);
    CHECK_INT (db_exec (db, turn, "insert into t (id) values ('a')"), OK);
    uint64_t writes = db_writes (db);
    CHECK_INT (db_savepoint (db, turn), OK);
    CHECK_INT (db_exec (db, turn, "insert into t (id) values ('b')"), OK);
    CHECK_INT (db_rollback_to (db, turn), OK);
    CHECK_INT (db_writes (db), writes);
    CHECK_INT (count (world), 1);
    CHECK_INT (db_savepoint (db, turn), OK);
    CHECK_INT (db_exec (db, turn, "insert into t (id) values ('c')"), OK);
    CHECK_INT (db_commit (db, turn), BROKEN); // A savepoint that nobody ended
    CHECK_INT (count (world), 0);
    CHECK_INT (db_begin (db, turn), OK);
    CHECK_INT (db_savepoint (db, turn), OK);
    CHECK_INT (db_exec (db, turn, "insert into t (id) values ('d')"), OK);
    CHECK_INT (db_release (db, turn), OK);
    CHECK_INT (db_release (db, turn), BROKEN);
    CHECK_INT (db_rollback_to (db, turn), BROKEN);
    CHECK_INT (db_commit (db, turn), OK);
    CHECK_INT (count (world), 1);
}

DB_TEST (a_statement_that_failed_in_a_savepoint_is_undone_with_it)
{
    db_t *db = world->db;
    turn_t *turn = &world->turn;
    CHECK_INT (db_begin (db, turn), OK);
    CHECK_INT (db_exec (db, turn, "insert into t (id) values ('a')"), OK);
    CHECK_INT (db_savepoint (db, turn), OK);
    CHECK_INT (db_exec (db, turn, "insert into t (id) values ('b')"), OK);
    CHECK_INT (db_savepoint (db, turn), OK);
    CHECK (db_exec (db, turn, "insert into t (id) values ('a')") != OK || db_release (db, turn) != OK);
    CHECK_INT (db_rollback_to (db, turn), OK);
    CHECK_INT (db_exec (db, turn, "insert into t (id) values ('c')"), OK);
    CHECK_INT (db_release (db, turn), OK);
    CHECK_INT (db_commit (db, turn), OK);
    CHECK_INT (count (world), 3);
}

DB_TEST (savepoints_nest_to_their_bound_and_end_with_the_transaction)
{
    db_t *db = world->db;
    turn_t *turn = &world->turn;
    CHECK_INT (db_begin (db, turn), OK);
    for (int i = 0; i < DB_SAVEPOINTS; i++) {
        CHECK_INT (db_savepoint (db, turn), OK);
        CHECK_INT (db_exec (db, turn, "insert into t (id) values ($1)", P_STR (&"87654321"[i])), OK);
    }
    CHECK_INT (db_savepoint (db, turn), BROKEN);
    CHECK_INT (db_rollback_to (db, turn), OK); // The last
    CHECK_INT (count (world), DB_SAVEPOINTS - 1);
    db_rollback (db);
    CHECK_INT (db_release (db, turn), BROKEN);
    CHECK_INT (count (world), 0);
}

DB_TEST (a_text_that_is_not_utf8_is_refused)
{
    CHECK_INT (db_exec (world->db, &world->turn, "insert into t (id) values ($1)", P_STR ("a\xff")),
               BAD_INPUT);
}

DB_TEST (a_query_without_a_limit_fails_past_the_bound)
{
    const rows_t *rows;
    static const char sql[] =
        "with recursive c (i) as (select cast (1 as bigint) union all select i + 1 from c"
        " where i < $1) select i from c";
    CHECK_INT (db_query (world->db, &world->turn, sql, &rows, P_I64 (DB_MAX_ROWS)), OK);
    CHECK_INT (rows_i64 (rows, DB_MAX_ROWS - 1, 0), DB_MAX_ROWS);
    CHECK_INT (db_query (world->db, &world->turn, sql, &rows, P_I64 (DB_MAX_ROWS + 1)), TOO_LARGE);
    CHECK_STR (world->turn.detail, "the result is too large for one answer; ask for less");
}

DB_TEST (a_wrong_statement_is_our_bug)
{
    CHECK_INT (db_exec (world->db, &world->turn, "select from nowhere at all"), BROKEN);
    CHECK (!strstr (world->turn.detail, "nowhere"));
    CHECK_INT (db_exec (world->db, &world->turn, "insert into t (id) values ($1)"), BROKEN);
}

DB_TEST (markers_of_locks_run_on_both)
{
    const rows_t *rows;
    CHECK_INT (db_exec (world->db, &world->turn, "insert into t (id, n) values ('a', 1), ('b', 2)"), OK);
    CHECK_INT (db_begin (world->db, &world->turn), OK);
    CHECK_INT (
        db_query (
            world->db, &world->turn,
            "update t set n = 9 where id in (select id from t where n < $1 order by n limit $2 " DB_SKIP_LOCKED
            ") returning id",
            &rows, P_I64 (5), P_I64 (1)),
        OK);
    CHECK_STR (rows_str (rows, 0, 0), "a");
    CHECK_INT (db_query (world->db, &world->turn, "select n from t where id = $1 " DB_FOR_UPDATE, &rows,
                         P_STR ("a")),
               OK);
    CHECK_INT (db_commit (world->db, &world->turn), OK);
}

DB_TEST (each_row_of_a_join_is_looked_up_by_itself_whatever_size_a_table_is_taken_for)
{
    const rows_t *rows;
    static const char sql[] =
        "explain select m from t left join " DB_EACH ("(select n as m from t) o", "m = n");
    CHECK_INT (db_query (world->db, &world->turn, strstr (sql, "select"), &rows), OK);
    bool loops = !db_is_postgres (world->db);
    CHECK_INT (db_query (world->db, &world->turn, loops ? "select 1" : sql, &rows), OK);
    for (size_t i = 0; i < rows_count (rows) && !loops; i++)
        loops = strstr (rows_str (rows, i, 0), "Nested Loop");
    CHECK (loops);
}

DB_TEST (more_statements_than_the_cache_holds_still_run)
{
    for (int i = 0; i < 900; i++) {
        arena_t *arena = arena_new ();
        const rows_t *rows;
        const char *sql = arena_printf (arena, "select %d + $1", i % 450);
        CHECK_INT (db_query (world->db, &world->turn, sql, &rows, P_I64 (1)), OK);
        CHECK_INT (rows_i64 (rows, 0, 0), i % 450 + 1);
        arena_destroy (&arena);
    }
}

static const migration_t steps[] = {
    {"0001_first.sql", "-- text of a comment\n"
                       "create table m (id bigserial primary key, name text not null, data bytea,"
                       " at bigint not null default 0, check (name <> 'text bytea')) /*strict*/;\n"
                       "create index m_name on m (name);"},
    {"0002_more.sql", "create table k (text text primary key, x bytea) /*strict, without rowid*/;"
                      "alter table m add column more text;"},
    {"0003_wrong.sql", "create table w (id text) /*strict*/; insert into none values (1);"},
};

DB_TEST (migrations_go_forward_once_and_each_whole_or_not_at_all)
{
    db_t *db = world->db;
    turn_t *turn = &world->turn;
    CHECK_INT (db_migrate (db, turn, "part", steps, 1), OK);
    CHECK_INT (db_exec (db, turn, "insert into m (name) values ('a'), ('B')"), OK);
    CHECK_INT (db_migrate (db, turn, "part", steps, 2), OK);
    CHECK_INT (db_migrate (db, turn, "part", steps, 2), OK);
    CHECK_INT (db_migrate (db, turn, "other", steps, 0), OK);
    CHECK_INT (db_migrate (db, turn, "part", steps, 3), BROKEN);
    CHECK (strstr (turn->detail, "part/0003_wrong.sql"));
    CHECK_INT (db_exec (db, turn, "create table w (id text)"), OK);
    const rows_t *rows;
    CHECK_INT (db_query (db, turn,
                         "select version, name from schema_version where part = $1 order by version", &rows,
                         P_STR ("part")),
               OK);
    CHECK_INT (rows_count (rows), 2);
    CHECK_STR (rows_str (rows, 1, 1), "0002_more.sql");
    CHECK_INT (db_query (db, turn, "select id, name, more from m order by name", &rows), OK);
    CHECK_STR (rows_str (rows, 0, 1), "B"); // Byte order, not a locale's
    CHECK_INT (rows_i64 (rows, 0, 0), 2);
}

DB_TEST (a_database_of_a_newer_version_is_refused_naming_both)
{
    CHECK_INT (db_migrate (world->db, &world->turn, "part", steps, 2), OK);
    CHECK_INT (db_migrate (world->db, &world->turn, "part", steps, 1), CONFLICT);
    CHECK (strstr (world->turn.detail, "version 2"));
    CHECK (strstr (world->turn.detail, "knows 1"));
}

typedef struct {
    const char *url;
    fault_t fault;
} starting_t;

static void *migrate_at_start (void *self_p)
{
    starting_t *self = self_p;
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 1);
    db_t *db;
    self->fault = db_open (&db, self->url, &turn);
    if (!self->fault)
        self->fault = db_migrate (db, &turn, "part", steps, 2);
    db_close (&db);
    arena_destroy (&arena);
    return NULL;
}

DB_TEST (replicas_that_start_at_once_migrate_once)
{
    starting_t starting[4];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        starting[i] = (starting_t){.url = world->url};
        CHECK_INT (pthread_create (&threads[i], NULL, migrate_at_start, &starting[i]), 0);
    }
    for (int i = 0; i < 4; i++)
        pthread_join (threads[i], NULL);
    for (int i = 0; i < 4; i++)
        CHECK_INT (starting[i].fault, OK);
    const rows_t *rows;
    CHECK_INT (db_query (world->db, &world->turn, "select count (*) from schema_version", &rows), OK);
    CHECK_INT (rows_i64 (rows, 0, 0), 2);
}

DB_TEST (the_migrations_of_every_service_apply)
{
    const char *part;
    for (size_t i = 0; (part = migrations_part (i)); i++) {
        size_t count;
        const migration_t *list = migrations_of (part, &count);
        if (db_migrate (world->db, &world->turn, part, list, count) != OK)
            test_fail (__FILE__, __LINE__, "%s", world->turn.detail);
    }
    size_t none;
    CHECK (!migrations_of ("nobody", &none) && none == 0);
}

TEST (a_wrong_database_url_is_refused_without_repeating_it)
{
    static const char *const urls[] = {"mysql://u:secret@h/d", "sqlite:", "postgres://u:secret%zz@h/d"};
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 1);
    db_t *db;
    for (size_t i = 0; i < sizeof (urls) / sizeof (urls[0]); i++) {
        CHECK_INT (db_open (&db, urls[i], &turn), BAD_INPUT);
        CHECK (!strstr (turn.detail, "secret"));
    }
    CHECK_INT (db_open (&db, "sqlite:/no/such/folder/x.db", &turn), UNAVAILABLE);
    CHECK (strstr (turn.detail, "/no/such/folder/x.db"));
    CHECK_INT (db_open (&db, "postgres://u:secret@127.0.0.1:1/d", &turn), UNAVAILABLE);
    CHECK (!strstr (turn.detail, "secret"));
    arena_destroy (&arena);
}

// The server ends the connection, as a restart would.
static void cut (world_t *world)
{
    db_t *other;
    const rows_t *rows;
    CHECK_INT (db_query (world->db, &world->turn, "select pg_backend_pid ()", &rows), OK);
    CHECK_INT (db_open (&other, world->url, &world->turn), OK);
    CHECK_INT (db_query (other, &world->turn,
                         "select cast (pg_terminate_backend (cast ($1 as int), 5000) as int)", &rows,
                         P_I64 (rows_i64 (rows, 0, 0))),
               OK);
    CHECK_INT (rows_i64 (rows, 0, 0), 1);
    db_close (&other);
}

static void reconnect (world_t *world)
{
    db_t *db = world->db;
    turn_t *turn = &world->turn;
    cut (world);
    CHECK_INT (db_exec (db, turn, "insert into t (id) values ($1)", P_STR ("after")), OK);
    CHECK_INT (db_begin (db, turn), OK);
    CHECK_INT (db_exec (db, turn, "insert into t (id) values ($1)", P_STR ("lost")), OK);
    cut (world);
    int64_t changed;
    CHECK_INT (db_change (db, turn, "insert into t (id) values ($1)", &changed, P_STR ("lost too")),
               UNAVAILABLE);
    CHECK_INT (db_commit (db, turn), UNAVAILABLE);
    CHECK (!db_commit_unknown (db)); // Nothing of it was sent
    const rows_t *rows;
    CHECK_INT (db_query (db, turn, "select id from t", &rows), OK);
    CHECK_INT (rows_count (rows), 1);
}

static void reconnect_postgres (void)
{
    in_postgres (reconnect);
}

__attribute__ ((constructor)) static void reconnect_add (void)
{
    if (getenv ("OPENCICD_TEST_POSTGRES"))
        test_add ("a_lost_connection_is_made_again_outside_a_transaction_only (postgres)", __FILE__,
                  reconnect_postgres);
}

// Its plan is kept for as long as the connection.
DB_TEST (a_table_that_is_small_yet_is_read_by_its_index_all_the_same)
{
    const rows_t *rows;
    db_t *db = world->db;
    turn_t *turn = &world->turn;
    if (!db_is_postgres (db))
        return; // SQLite plans by what a table holds only where that was analysed
    CHECK_INT (db_exec (db, turn, "insert into t (id) values ('a')"), OK);
    CHECK_INT (db_exec (db, turn, "analyze t"), OK);
    CHECK_INT (db_query (db, turn, "explain select words from t where id = 'a'", &rows), OK);
    CHECK (strncmp (rows_str (rows, 0, 0), "Index Scan", 10) == 0);
}
