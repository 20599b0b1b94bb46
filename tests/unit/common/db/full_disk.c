/* A database file on a disk that is full, however little is left on it: the error says so. */

#include "common/db/db.h"
#include "tests/unit/folder.h"
#include "tests/unit/own_mounts.h"
#include "tests/unit/test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define PAGE  4096
#define PAGES 32 // More than it takes to open a database

typedef struct {
    arena_t *arena;
    char folder[256];
    int full; // How often there was too little
} disk_t;

static const char *path (disk_t *self, const char *name)
{
    return arena_printf (self->arena, "%s/%s", self->folder, name);
}

static bool leave_database (disk_t *self, turn_t *turn)
{
    db_t *db = NULL;
    const char *url = arena_printf (self->arena, "sqlite:%s", path (self, "db"));
    bool good = db_open (&db, url, turn) == OK && db_exec (db, turn, "create table t (a bigint)") == OK &&
                db_exec (db, turn, "insert into t (a) values ($1)", P_I64 (1)) == OK;
    // As a process leaves it that is killed: what it wrote last is in the log beside the file
    good = good && link (path (self, "db"), path (self, "left")) == 0 &&
           link (path (self, "db-wal"), path (self, "left-wal")) == 0;
    db_close (&db);
    return good;
}

// Of the disk so many pages are left.
static bool fill (disk_t *self, int left)
{
    int filler = open (path (self, "filler"), O_WRONLY | O_CREAT, 0600);
    off_t size = 0;
    while (posix_fallocate (filler, size, PAGE) == 0)
        size += PAGE;
    int bad = ftruncate (filler, size - (off_t) left * PAGE);
    close (filler);
    return !bad;
}

// Opens what was left behind. NULL: it said that the disk is full, or there was room.
static const char *open_with (disk_t *self, int left)
{
    turn_t turn;
    db_t *db = NULL;
    turn_init (&turn, self->arena, "test", 0);
    if (mount ("none", self->folder, "tmpfs", 0, "size=1m") != 0)
        return "no disk can be mounted";
    bool ready = leave_database (self, &turn) && fill (self, left);
    fault_t fault =
        ready ? db_open (&db, arena_printf (self->arena, "sqlite:%s", path (self, "left")), &turn) : BROKEN;
    db_close (&db);
    umount2 (self->folder, MNT_DETACH);
    self->full += fault == NO_SPACE;
    if (!fault || (fault == NO_SPACE && !strstr (turn.detail, "I/O error")))
        return NULL;
    return arena_printf (self->arena, "%d pages are left: %s: %s", left, fault_name (fault), turn.detail);
}

static const char *open_with_less_and_less (void *context)
{
    const char *wrong = NULL;
    for (int left = PAGES; left >= 0 && !wrong; left--)
        wrong = open_with (context, left);
    return wrong;
}

TEST (a_full_disk_is_called_full_however_little_is_left)
{
    disk_t disk = {.arena = arena_new ()};
    test_folder (disk.folder, sizeof disk.folder);
    if (in_own_mounts (open_with_less_and_less, &disk))
        CHECK (disk.full > 0);
    test_folder_remove (disk.folder);
    arena_destroy (&disk.arena);
}
