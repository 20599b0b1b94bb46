/* db_wal.c - a write-ahead log that grows ahead of what is written loses nothing, whoever writes and whenever it ends. */

#include "common/db/db.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORDS 2000 // Bytes of a row

static const char *const endings[] = {"", "-wal", "-shm"};

static void copy_file (const char *from, const char *to)
{
    FILE *in = fopen (from, "r"), *out = fopen (to, "w");
    CHECK (in && out);
    char bytes[4096];
    for (size_t got; (got = fread (bytes, 1, sizeof (bytes), in)) > 0;)
        CHECK_INT (fwrite (bytes, 1, got, out), got);
    CHECK (fclose (in) == 0 && fclose (out) == 0);
}

static int64_t count_rows (turn_t *turn, const char *url)
{
    db_t *db;
    const rows_t *rows;
    CHECK_INT (db_open (&db, url, turn), OK);
    CHECK_INT (db_query (db, turn, "select count(*), sum (length (words)) from t", &rows), OK);
    CHECK_INT (rows_i64 (rows, 0, 1), WORDS * rows_i64 (rows, 0, 0));
    int64_t count = rows_i64 (rows, 0, 0);
    db_close (&db);
    return count;
}

// What a machine that lost its power at this moment would find: the files as they are, but for the shared memory.
static int64_t rows_after_a_crash (turn_t *turn, const char *folder)
{
    for (size_t i = 0; i < 2; i++)
        copy_file (arena_printf (turn->arena, "%s/a%s", folder, endings[i]),
                   arena_printf (turn->arena, "%s/b%s", folder, endings[i]));
    int64_t count = count_rows (turn, arena_printf (turn->arena, "sqlite:%s/b", folder));
    unlink (arena_printf (turn->arena, "%s/b", folder));
    return count;
}

TEST (a_log_has_room_ahead_and_two_writers_lose_no_row)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "test", 1);
    char folder[256], words[WORDS + 1] = "";
    test_folder (folder, sizeof (folder));
    memset (words, 'w', WORDS);
    const char *url = arena_printf (arena, "sqlite:%s/a", folder);
    const char *log = arena_printf (arena, "%s/a-wal", folder);
    db_t *writers[2];
    CHECK_INT (db_open (&writers[0], url, &turn), OK);
    CHECK_INT (db_open (&writers[1], url, &turn), OK);
    CHECK_INT (db_exec (writers[0], &turn, "create table t (words text)"), OK);
    struct stat status;
    int64_t grown = 0, size = 0;
    for (int i = 1; i <= 1200; i++) {
        db_t *db = writers[(i / 7) % 2]; // Each goes on where the other ended
        CHECK_INT (db_exec (db, &turn, "insert into t (words) values ($1)", P_STR (words)), OK);
        CHECK_INT (stat (log, &status), 0);
        grown += status.st_size != size;
        size = status.st_size;
        if (i % 300 == 0)
            CHECK_INT (rows_after_a_crash (&turn, folder), i);
    }
    CHECK (size > 1200 * WORDS && grown < 20);
    db_close (&writers[0]);
    db_close (&writers[1]);
    CHECK_INT (count_rows (&turn, url), 1200);
    unlink (arena_printf (arena, "%s/a", folder));
    CHECK_INT (rmdir (folder), 0);
    arena_destroy (&arena);
}
