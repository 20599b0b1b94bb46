/* fresh.c - see fresh.h.
 *
 * Of SQLite the file is kept, and copied. In PostgreSQL a copy of the database would cost more than the migrations: the tables that a
 * test wrote to are truncated, and the rows that the migrations inserted are copied from a schema of their own, `kept`. Should a test
 * have left tables of another shape, the migrations are applied again. */

#include "tests/database/fresh.h"

#include "common/base/arena.h"
#include "db/open.h"
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEPT_MOST  4  // Sets of parts that one program uses
#define PARTS_SIZE 64 // Of their names
#define PREFIX     "sqlite:"

typedef struct {
    char parts[PARTS_SIZE]; // Empty: none is kept here yet
    int file;               // In memory
} kept_file_t;

static kept_file_t kept_files[KEPT_MOST];
static char kept_parts[PARTS_SIZE]; // Of PostgreSQL
static const char *kept_shape;      // Likewise; as long as the program

static void must (turn_t *turn, const char *what, fault_t fault)
{
    if (fault)
        test_fail (__FILE__, __LINE__, "%s: %s", what, turn->detail ? turn->detail : fault_name (fault));
}

static void migrate (db_t *db, turn_t *turn, const char *parts)
{
    char *rest = arena_strdup (turn->arena, parts);
    for (const char *part; (part = strsep (&rest, " "));)
        must (turn, part, database_migrate (db, turn, part));
}

// ---- SQLite ----

static kept_file_t *kept_file (const char *parts)
{
    for (size_t i = 0; i < KEPT_MOST; i++)
        if (!*kept_files[i].parts || strcmp (kept_files[i].parts, parts) == 0)
            return &kept_files[i];
    test_fail (__FILE__, __LINE__, "KEPT_MOST is too small for \"%s\"", parts);
}

// By the kernel: a sanitizer would look at each byte of it.
static void copy (int from, int to)
{
    struct stat stat;
    off_t offset = 0;
    CHECK (from >= 0 && to >= 0);
    CHECK_INT (fstat (from, &stat), 0);
    while (offset < stat.st_size)
        CHECK (sendfile (to, from, &offset, (size_t) (stat.st_size - offset)) > 0);
}

static void fresh_file (const char *path, const char *url, const char *parts, turn_t *turn)
{
    kept_file_t *kept = kept_file (parts);
    int file;
    if (*kept->parts) {
        file = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        copy (kept->file, file);
        close (file);
        return;
    }
    db_t *db;
    must (turn, url, db_open (&db, url, turn));
    migrate (db, turn, parts);
    db_close (&db); // Its log of writes is in the file now
    CHECK (access (arena_printf (turn->arena, "%s-wal", path), F_OK) != 0);
    file = open (path, O_RDONLY | O_CLOEXEC);
    kept->file = memfd_create ("kept", MFD_CLOEXEC);
    copy (file, kept->file);
    close (file);
    snprintf (kept->parts, sizeof kept->parts, "%s", parts);
}

// ---- PostgreSQL ----

static const char *shape_of (db_t *db, turn_t *turn)
{
    const rows_t *rows;
    must (turn, "the tables' shape",
          db_query (db, turn,
                    "select string_agg (relname || ' ' || relnatts || ' ' || relchecks || ' ' ||"
                    " relhastriggers, ',' order by relname) from pg_class"
                    " where relnamespace = 'public'::regnamespace",
                    &rows));
    return rows_str (rows, 0, 0);
}

static const char keep_rows[] =
    "do $$ declare found boolean; name text; begin"
    " for name in select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' loop"
    "  execute format ('select exists (select 1 from public.%I)', name) into found;"
    "  if found then execute format ('create table kept.%I as table public.%I', name, name); end if;"
    " end loop; end $$";
// A truncated table has new files, which costs more than to delete a few rows.
static const char put_back[] =
    "do $$ declare name text; size bigint; begin"
    " for name, size in select relname, pg_relation_size (oid) from pg_class"
    "  where relnamespace = 'public'::regnamespace and relkind = 'r' loop"
    "  if size > 65536 then execute format ('truncate public.%I', name);"
    "  elsif size > 0 then execute format ('delete from public.%I', name); end if;"
    " end loop;"
    " for name in select relname from pg_class where relnamespace = 'kept'::regnamespace and relkind = 'r' loop"
    "  execute format ('insert into public.%I table kept.%I', name, name);"
    " end loop; end $$";

static void do_all (db_t *db, turn_t *turn, const char *const *statements, size_t count)
{
    for (size_t i = 0; i < count; i++)
        must (turn, statements[i], db_exec (db, turn, statements[i]));
}

static void fresh_tables (db_t *db, turn_t *turn, const char *parts)
{
    static const char *const emptied[] = {"drop schema public cascade", "create schema public",
                                          "drop schema if exists kept cascade", "create schema kept"};
    if (strcmp (kept_parts, parts) == 0 && strcmp (kept_shape, shape_of (db, turn)) == 0) {
        must (turn, "what the migrations left", db_exec (db, turn, put_back));
        return;
    }
    *kept_parts = '\0'; // Until all of it is there
    do_all (db, turn, emptied, sizeof emptied / sizeof emptied[0]);
    migrate (db, turn, parts);
    must (turn, "what the migrations inserted", db_exec (db, turn, keep_rows));
    free ((void *) kept_shape);
    kept_shape = strdup (shape_of (db, turn));
    snprintf (kept_parts, sizeof kept_parts, "%s", parts);
}

void fresh_database (const char *url, const char *parts)
{
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "fresh", 1);
    CHECK (strlen (parts) < PARTS_SIZE);
    if (strncmp (url, PREFIX, strlen (PREFIX)) == 0) {
        fresh_file (url + strlen (PREFIX), url, parts, &turn);
    } else {
        db_t *db;
        must (&turn, url, db_open (&db, url, &turn));
        fresh_tables (db, &turn, parts);
        db_close (&db);
    }
    arena_destroy (&arena);
}
