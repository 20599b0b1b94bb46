/* blob_dir.c - blobs as files below one folder.
 *
 * A blob is written to TMP/, synced, renamed to its key and its folder synced: after a crash it is there whole or not at all.
 * TMP cannot be a key, as keys are lower case. What a crash left in TMP is removed at the next open, once it is so old that
 * no other process can be writing it. Emptied folders are removed, and made again by whoever needs them. */

#include "common/base/id.h"
#include "common/blob/blob_engine.h"
#include "common/os/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TEMPORARY     "TMP"
#define STALE_SECONDS 3600 // Longer than writing one blob can take
#define MAX_RETRIES   16   // Attempts at a rename whose folder another process removes at that moment

typedef struct {
    char *path;
    int root; // The folder's descriptor; all is relative to it
} dir_t;

static fault_t fail (const dir_t *self, turn_t *turn, const char *key, int error)
{
    if (error == ENOENT || error == EISDIR)
        return turn_fail (turn, NOT_FOUND, "no such blob: %s", key);
    if (error == ENOTDIR) // "a" is a blob, "a/b" cannot be one
        return turn_fail (turn, CONFLICT, "%s: %s", key, strerror (error));
    return turn_fail (turn, fault_from_errno (error), "blob store %s, %s: %s", self->path, key,
                      strerror (error));
}

static void clean (const dir_t *self)
{
    int fd = openat (self->root, TEMPORARY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir (fd);
    if (!folder) {
        if (fd >= 0)
            close (fd);
        return;
    }
    for (struct dirent *entry; (entry = readdir (folder));) {
        struct stat status;
        if (fstatat (fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG (status.st_mode) &&
            status.st_mtime < time (NULL) - STALE_SECONDS)
            unlinkat (fd, entry->d_name, 0);
    }
    closedir (folder);
}

static void dir_close (void *state)
{
    dir_t *self = state;
    if (self->root >= 0)
        close (self->root);
    free (self->path);
    free (self);
}

static fault_t dir_open (void **state, const char *url, turn_t *turn)
{
    const char *path = url + strlen ("dir:");
    if (!*path)
        return turn_fail (turn, BAD_INPUT, "the blob store's URL lacks the path after dir:");
    fault_t fault = folder_make (turn, arena_printf (turn->arena, "%s/" TEMPORARY, path));
    TRY (fault);
    dir_t *self = calloc (1, sizeof (dir_t));
    if (!self || !(self->path = strdup (path)))
        abort ();
    self->root = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (self->root < 0) {
        fault = turn_fail (turn, fault_from_errno (errno), "blob store %s: %s", path, strerror (errno));
        dir_close (self);
        return fault;
    }
    clean (self);
    *state = self;
    return OK;
}

static int sync_folder (const dir_t *self, const char *folder)
{
    int fd = openat (self->root, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    int error = fsync (fd) == 0 ? 0 : errno;
    close (fd);
    return error;
}

// The key's folder; "." for none.
static const char *folder_of (arena_t *arena, const char *key)
{
    const char *slash = strrchr (key, '/');
    return slash ? arena_strndup (arena, key, (size_t) (slash - key)) : ".";
}

static int make_folders (const dir_t *self, arena_t *arena, const char *key)
{
    for (const char *slash = strchr (key, '/'); slash; slash = strchr (slash + 1, '/')) {
        const char *folder = arena_strndup (arena, key, (size_t) (slash - key));
        if (mkdirat (self->root, folder, 0700) == 0) {
            int error = sync_folder (self, folder_of (arena, folder));
            if (error)
                return error;
        } else if (errno != EEXIST) {
            return errno;
        }
    }
    return 0;
}

static int write_file (const dir_t *self, const char *name, const char *data, size_t size)
{
    int fd = openat (self->root, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    int error = 0;
    while (size > 0 && !error) {
        ssize_t written = write (fd, data, size);
        if (written < 0)
            error = errno == EINTR ? 0 : errno;
        else {
            data += written;
            size -= (size_t) written;
        }
    }
    if (!error && fdatasync (fd) != 0)
        error = errno;
    if (close (fd) != 0 && !error)
        error = errno;
    return error;
}

// Give the file its key, unless there is a blob already.
static int rename_new (const dir_t *self, arena_t *arena, const char *from, const char *key)
{
    int error = 0;
    for (int i = 0; i < MAX_RETRIES; i++) {
        error = renameat2 (self->root, from, self->root, key, RENAME_NOREPLACE) == 0 ? 0 : errno;
        if (error ==
            EINVAL) // A file system that cannot: a blob's bytes follow from its key, so replacing is harmless
            error = renameat (self->root, from, self->root, key) == 0 ? 0 : errno;
        if (error != ENOENT)
            return error;
        error = make_folders (self, arena, key);
        if (error && error != ENOENT)
            return error;
    }
    return error;
}

static fault_t compare (dir_t *self, turn_t *turn, const char *key, const void *data, size_t size);

static fault_t dir_put (void *state, turn_t *turn, const char *key, const void *data, size_t size)
{
    dir_t *self = state;
    // A random name, because processes of several machines may share the folder.
    const char *name = arena_printf (turn->arena, TEMPORARY "/%s", id_new (turn->arena, 'b', turn->now_us));
    int error = write_file (self, name, data, size);
    if (!error)
        error = rename_new (self, turn->arena, name, key);
    if (!error)
        error = sync_folder (self, folder_of (turn->arena, key));
    else
        unlinkat (self->root, name, 0);
    if (error == EEXIST)
        return compare (self, turn, key, data, size);
    return error ? fail (self, turn, key, error) : OK;
}

static fault_t dir_get (void *state, turn_t *turn, const char *key, uint64_t offset, void *into, size_t size,
                        size_t *got)
{
    dir_t *self = state;
    if (offset > INT64_MAX - size)
        return OK;
    int fd = openat (self->root, key, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail (self, turn, key, errno == ENOTDIR ? ENOENT : errno);
    int error = 0;
    while (*got < size && !error) {
        ssize_t part = pread (fd, (char *) into + *got, size - *got, (off_t) (offset + *got));
        if (part < 0)
            error = errno == EINTR ? 0 : errno;
        else if (part == 0)
            break;
        else
            *got += (size_t) part;
    }
    close (fd);
    return error ? fail (self, turn, key, error) : OK;
}

static fault_t dir_size (void *state, turn_t *turn, const char *key, uint64_t *size)
{
    dir_t *self = state;
    struct stat status;
    if (fstatat (self->root, key, &status, 0) != 0)
        return fail (self, turn, key, errno == ENOTDIR ? ENOENT : errno);
    if (!S_ISREG (status.st_mode))
        return fail (self, turn, key, ENOENT);
    *size = (uint64_t) status.st_size;
    return OK;
}

// The key is taken: harmless where it holds the same bytes.
static fault_t compare (dir_t *self, turn_t *turn, const char *key, const void *data, size_t size)
{
    uint64_t stored = 0;
    fault_t fault = dir_size (self, turn, key, &stored);
    if (fault == NOT_FOUND) // A folder
        return turn_fail (turn, CONFLICT, "the blob's key is a folder: %s", key);
    TRY (fault);
    char *bytes = malloc (size + 1);
    if (!bytes)
        abort ();
    size_t got = 0;
    if (stored == size)
        fault = dir_get (self, turn, key, 0, bytes, size, &got);
    bool same = !fault && got == size && stored == size && (size == 0 || memcmp (bytes, data, size) == 0);
    free (bytes);
    if (!fault && !same)
        fault = turn_fail (turn, CONFLICT, "the blob %s already has other content", key);
    return fault;
}

static fault_t dir_remove (void *state, turn_t *turn, const char *key)
{
    dir_t *self = state;
    if (unlinkat (self->root, key, 0) != 0 && errno != ENOENT && errno != ENOTDIR && errno != EISDIR)
        return fail (self, turn, key, errno);
    for (const char *folder = folder_of (turn->arena, key); strcmp (folder, ".") != 0;
         folder = folder_of (turn->arena, folder))
        if (unlinkat (self->root, folder, AT_REMOVEDIR) != 0)
            break;
    return OK;
}

const blob_engine_t blob_dir = {
    .open = dir_open,
    .close = dir_close,
    .put = dir_put,
    .get = dir_get,
    .size = dir_size,
    .remove = dir_remove,
};
