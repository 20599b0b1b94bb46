/* db_vfs.c - a commit is one write to its log, and nothing that was committed or rolled back is seen otherwise for it. */

#include "common/db/db_vfs.h"

#include "common/db/db.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLES 20
#define MOST   4   // Writes of one commit
#define LARGE  900 // Rows of 2,000 bytes: more than the page cache and what is gathered

typedef struct {
    arena_t *arena;
    turn_t turn;
    const char *url;
    db_t *db;
} file_t;

static void setup (file_t *self)
{
    char folder[256];
    self->arena = arena_new ();
    turn_init (&self->turn, self->arena, "test", 1);
    test_folder (folder, sizeof (folder));
    self->url = arena_printf (self->arena, "sqlite:%s/a", folder);
    CHECK_INT (db_open (&self->db, self->url, &self->turn), OK);
}

static void teardown (file_t *self)
{
    db_close (&self->db);
    arena_destroy (&self->arena);
}

static void run (file_t *self, const char *sql)
{
    CHECK_INT (db_exec (self->db, &self->turn, sql), OK);
}

static int64_t number (db_t *db, turn_t *turn, const char *sql)
{
    const rows_t *rows;
    CHECK_INT (db_query (db, turn, sql, &rows), OK);
    return rows_i64 (rows, 0, 0);
}

// System calls by which this process has written.
static int64_t writes (void)
{
    char line[128];
    long long count = -1;
    FILE *file = fopen ("/proc/self/io", "r");
    CHECK (file);
    while (fgets (line, sizeof line, file) && sscanf (line, "syscw: %lld", &count) != 1)
        continue;
    fclose (file);
    CHECK (count >= 0);
    return count;
}

TEST (a_commit_of_many_pages_is_written_at_once)
{
    file_t file;
    setup (&file);
    for (int i = 0; i < TABLES; i++)
        run (&file, arena_printf (file.arena, "create table t%d (n integer)", i));
    run (&file, "insert into t0 values (0)"); // The log has grown ahead
    int64_t before = writes ();
    CHECK_INT (db_begin (file.db, &file.turn), OK);
    for (int i = 0; i < TABLES; i++)
        run (&file, arena_printf (file.arena, "insert into t%d values (1)", i));
    CHECK_INT (db_commit (file.db, &file.turn), OK);
    CHECK (writes () - before <= MOST);
    db_t *other; // And is there for others
    CHECK_INT (db_open (&other, file.url, &file.turn), OK);
    for (int i = 0; i < TABLES; i++)
        CHECK_INT (number (other, &file.turn, arena_printf (file.arena, "select sum (n) from t%d", i)), 1);
    db_close (&other);
    teardown (&file);
}

static void insert_many (file_t *self, int count)
{
    char words[2001] = "";
    memset (words, 'w', sizeof words - 1);
    for (int i = 0; i < count; i++)
        CHECK_INT (db_exec (self->db, &self->turn, "insert into t values ($1)", P_STR (words)), OK);
}

TEST (what_outgrows_the_memory_is_read_before_its_commit_and_gone_after_a_rollback)
{
    file_t file;
    setup (&file);
    run (&file, "create table t (words text)");
    for (int round = 0; round < 2; round++) { // What was rolled back is written over
        CHECK_INT (db_begin (file.db, &file.turn), OK);
        insert_many (&file, LARGE);
        CHECK_INT (number (file.db, &file.turn, "select count (*) from t where words like 'w%w'"),
                   LARGE + round);
        db_rollback (file.db);
        CHECK_INT (number (file.db, &file.turn, "select count (*) from t"), round);
        insert_many (&file, 1);
    }
    CHECK_INT (db_begin (file.db, &file.turn), OK);
    insert_many (&file, LARGE);
    CHECK_INT (db_commit (file.db, &file.turn), OK);
    db_close (&file.db);
    CHECK_INT (db_open (&file.db, file.url, &file.turn), OK);
    CHECK_INT (number (file.db, &file.turn, "select count (*) from t where words like 'w%w'"), LARGE + 2);
    const rows_t *rows;
    CHECK_INT (db_query (file.db, &file.turn, "pragma integrity_check", &rows), OK);
    CHECK_STR (rows_str (rows, 0, 0), "ok");
    teardown (&file);
}
