/* A blob is on the disk before it has its key, and a full disk leaves nothing behind. The calls of the C library by which the store
 * writes are replaced here by ones that look, or fail, and else do what they do. */

#include "common/blob/blob.h"
#include "tests/unit/folder.h"
#include "tests/unit/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef enum { NOTHING, WRITE, SYNC, RENAME, SYNC_FOLDER } step_t;

// Of this thread: those of other tests work on folders of their own.
static _Thread_local struct {
    const char *folder; // The store that is looked at; NULL for none
    step_t failing;
    ino_t synced; // The file that was synced last, whole as it was then
    off_t size;
    bool in_order;   // What got a key was synced before
    bool folder_too; // And the folder of the key after it
} watch;

static bool is_watched (int fd)
{
    char link[64], path[512] = "";
    snprintf (link, sizeof (link), "/proc/self/fd/%d", fd);
    return watch.folder && readlink (link, path, sizeof (path) - 1) > 0 &&
           strstr (path, watch.folder) == path;
}

static bool fails (step_t step, int fd)
{
    if (watch.failing != step || !is_watched (fd))
        return false;
    errno = ENOSPC;
    return true;
}

ssize_t write (int fd, const void *data, size_t size)
{
    return fails (WRITE, fd) ? -1 : syscall (SYS_write, fd, data, size);
}

int fdatasync (int fd)
{
    struct stat status;
    if (fails (SYNC, fd))
        return -1;
    if (is_watched (fd) && fstat (fd, &status) == 0) {
        watch.synced = status.st_ino;
        watch.size = status.st_size;
    }
    return (int) syscall (SYS_fdatasync, fd);
}

int fsync (int fd)
{
    if (fails (SYNC_FOLDER, fd))
        return -1;
    if (is_watched (fd))
        watch.folder_too = true;
    return (int) syscall (SYS_fsync, fd);
}

int renameat2 (int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    struct stat status;
    if (fails (RENAME, from_fd))
        return -1;
    if (is_watched (from_fd) && fstatat (from_fd, from, &status, 0) == 0) {
        watch.in_order = status.st_ino == watch.synced && status.st_size == watch.size;
        watch.folder_too = false;
    }
    return (int) syscall (SYS_renameat2, from_fd, from, to_fd, to, flags);
}

typedef struct {
    char folder[256];
    arena_t *arena;
    turn_t turn;
    blob_t *blob;
} store_t;

static store_t store_new (void)
{
    store_t self = {.arena = arena_new ()};
    test_folder (self.folder, sizeof (self.folder));
    turn_init (&self.turn, self.arena, "test", 0);
    CHECK_INT (blob_open (&self.blob, arena_printf (self.arena, "dir:%s", self.folder), &self.turn), OK);
    return self;
}

static void store_destroy (store_t *self)
{
    memset (&watch, 0, sizeof (watch));
    CHECK_INT (blob_delete (self->blob, &self->turn, "a/b"), OK);
    blob_close (&self->blob);
    rmdir (arena_printf (self->arena, "%s/TMP", self->folder));
    CHECK_INT (rmdir (self->folder), 0); // Nothing else is in it
    arena_destroy (&self->arena);
}

TEST (a_blob_is_synced_before_it_gets_its_key_and_its_folder_after)
{
    store_t store = store_new ();
    watch.folder = store.folder;
    CHECK_INT (blob_put (store.blob, &store.turn, "a/b", "bytes", 5), OK);
    CHECK (watch.in_order);
    CHECK_INT (watch.size, 5);
    CHECK (watch.folder_too);
    store_destroy (&store);
}

TEST (a_full_disk_is_reported_and_leaves_nothing_in_the_way_of_the_next_try)
{
    static const step_t steps[] = {WRITE, SYNC, RENAME, SYNC_FOLDER};
    for (size_t i = 0; i < sizeof (steps) / sizeof (steps[0]); i++) {
        store_t store = store_new ();
        char bytes[8];
        size_t got;
        watch.folder = store.folder;
        watch.failing = steps[i];
        CHECK_INT (blob_put (store.blob, &store.turn, "a/b", "bytes", 5), NO_SPACE);
        watch.failing = NOTHING;
        if (steps[i] != SYNC_FOLDER) // Then it is whole, and not sure to stay
            CHECK_INT (blob_get (store.blob, &store.turn, "a/b", 0, bytes, sizeof (bytes), &got), NOT_FOUND);
        CHECK_INT (blob_put (store.blob, &store.turn, "a/b", "bytes", 5), OK);
        CHECK_INT (blob_get (store.blob, &store.turn, "a/b", 0, bytes, sizeof (bytes), &got), OK);
        CHECK_INT (got, 5);
        CHECK (memcmp (bytes, "bytes", 5) == 0);
        store_destroy (&store); // Its temporary folder was empty
    }
}
