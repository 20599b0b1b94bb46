/* What only SQLite's engine has: its settings and its strict tables. */

#include "common/db/db.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TEST (a_strict_table_refuses_a_text_for_a_number_in_sqlite)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 1);
    db_t *db;
    CHECK_INT (db_open (&db, "sqlite::memory:", &turn), OK);
    CHECK_INT (db_exec (db, &turn, "create table m (name text, at integer) strict"), OK);
    CHECK_INT (db_exec (db, &turn, "insert into m (name, at) values ('a', 'b')"), CONFLICT);
    db_close (&db);
    arena_destroy (&arena);
}

TEST (a_commit_of_sqlite_is_synced_and_so_is_each_setting_that_the_design_counts_on)
{
    static const struct {
        const char *pragma, *is;
    } settings[] = {
        {"pragma synchronous", "2"},    {"pragma journal_mode", "wal"},
        {"pragma foreign_keys", "1"},   {"pragma page_size", "1024"},
        {"pragma trusted_schema", "0"}, {"pragma busy_timeout", "5000"},
        {"pragma temp_store", "2"},     {"pragma journal_size_limit", "33554432"},
    };
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 1);
    char folder[256];
    test_folder (folder, sizeof (folder));
    const char *path = arena_printf (arena, "%s/t.db", folder);
    db_t *db;
    const rows_t *rows;
    CHECK_INT (db_open (&db, arena_printf (arena, "sqlite:%s", path), &turn), OK);
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        CHECK_INT (db_query (db, &turn, settings[i].pragma, &rows), OK);
        if (strcmp (rows_str (rows, 0, 0), settings[i].is) != 0)
            test_fail (__FILE__, __LINE__, "%s is %s", settings[i].pragma, rows_str (rows, 0, 0));
    }
    CHECK_INT (db_query (db, &turn, "select 'a' like 'A'", &rows), OK);
    CHECK_INT (rows_i64 (rows, 0, 0), 0);
    db_close (&db);
    unlink (path);
    rmdir (folder);
    arena_destroy (&arena);
}

// Two connections to one file. The second one does not wait for the first.
typedef struct {
    arena_t *arena;
    turn_t turn;
    char folder[32];
    const char *path;
    db_t *first, *second;
} pair_t;

static void open_pair (pair_t *self)
{
    const rows_t *rows;
    *self = (pair_t){.arena = arena_new (), .folder = "/tmp/opencicd-db-XXXXXX"};
    turn_init (&self->turn, self->arena, "test", 1);
    CHECK (mkdtemp (self->folder));
    self->path = arena_printf (self->arena, "%s/t.db", self->folder);
    const char *url = arena_printf (self->arena, "sqlite:%s", self->path);
    CHECK_INT (db_open (&self->first, url, &self->turn), OK);
    CHECK_INT (db_open (&self->second, url, &self->turn), OK);
    CHECK_INT (db_query (self->second, &self->turn, "pragma busy_timeout = 0", &rows), OK);
    CHECK_INT (db_exec (self->first, &self->turn, "create table t (n integer)"), OK);
}

static void close_pair (pair_t *self)
{
    db_close (&self->first);
    db_close (&self->second);
    unlink (self->path);
    unlink (arena_printf (self->arena, "%s-wal", self->path));
    unlink (arena_printf (self->arena, "%s-shm", self->path));
    rmdir (self->folder);
    arena_destroy (&self->arena);
}

static int64_t count_of (pair_t *self, db_t *db)
{
    const rows_t *rows;
    CHECK_INT (db_query (db, &self->turn, "select count (*) from t", &rows), OK);
    return rows_i64 (rows, 0, 0);
}

static fault_t add_one (pair_t *self, db_t *db)
{
    return db_exec (db, &self->turn, "insert into t (n) values (1)");
}

TEST (a_transaction_of_sqlite_that_only_reads_stops_no_writer_and_reads_one_state)
{
    pair_t pair;
    open_pair (&pair);
    CHECK_INT (db_begin (pair.first, &pair.turn), OK);
    CHECK_INT (count_of (&pair, pair.first), 0);
    CHECK_INT (add_one (&pair, pair.second), OK);
    CHECK_INT (count_of (&pair, pair.first), 0);
    CHECK_INT (db_commit (pair.first, &pair.turn), OK);
    CHECK_INT (count_of (&pair, pair.first), 1);
    close_pair (&pair);
}

TEST (a_transaction_of_sqlite_that_has_read_may_write_and_reads_the_latest_from_then_on)
{
    pair_t pair;
    open_pair (&pair);
    CHECK_INT (db_begin (pair.first, &pair.turn), OK);
    CHECK_INT (count_of (&pair, pair.first), 0);
    CHECK_INT (add_one (&pair, pair.second), OK);
    CHECK_INT (add_one (&pair, pair.first), OK);
    CHECK_INT (count_of (&pair, pair.first), 2);
    CHECK_INT (add_one (&pair, pair.second), UNAVAILABLE);
    db_rollback (pair.first);
    CHECK_INT (count_of (&pair, pair.second), 1);
    close_pair (&pair);
}

TEST (a_read_for_update_in_sqlite_makes_the_reader_the_only_writer)
{
    pair_t pair;
    const rows_t *rows;
    static const char *const reads[] = {"select n from t " DB_FOR_UPDATE, "select n from t " DB_SKIP_LOCKED};
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        open_pair (&pair);
        CHECK_INT (db_begin (pair.first, &pair.turn), OK);
        CHECK_INT (db_query (pair.first, &pair.turn, reads[i], &rows), OK);
        CHECK_INT (add_one (&pair, pair.second), UNAVAILABLE);
        CHECK_INT (add_one (&pair, pair.first), OK);
        CHECK_INT (db_commit (pair.first, &pair.turn), OK);
        CHECK_INT (add_one (&pair, pair.second), OK);
        close_pair (&pair);
    }
}
