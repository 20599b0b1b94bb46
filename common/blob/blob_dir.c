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

static const blob_engine_t blob_dir;

fault_t blob_dir_open (blob_t **out, const char *path, turn_t *turn)
{
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
    *out = blob_new (&blob_dir, self);
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

static int write_all (int fd, const char *data, size_t size)
{
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
    return error;
}

static int open_new (const dir_t *self, const char *name)
{
    return openat (self->root, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static int close_synced (int fd, int error)
{
    if (!error && fdatasync (fd) != 0)
        error = errno;
    if (close (fd) != 0 && !error)
        error = errno;
    return error;
}

static int write_file (const dir_t *self, const char *name, const char *data, size_t size)
{
    int fd = open_new (self, name);
    return fd < 0 ? errno : close_synced (fd, write_all (fd, data, size));
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

// A random one, because processes of several machines may share the folder.
static const char *new_name (turn_t *turn)
{
    return arena_printf (turn->arena, TEMPORARY "/%s", id_new (turn->arena, 'b', turn->now_us));
}

static fault_t dir_put (void *state, turn_t *turn, const char *key, const void *data, size_t size)
{
    dir_t *self = state;
    const char *name = new_name (turn);
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

static fault_t get (dir_t *self, turn_t *turn, const char *key, uint64_t offset, void *into, size_t size,
                    size_t *got)
{
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

static fault_t dir_read (void *state, turn_t *turn, blob_range_t *ranges, size_t count)
{
    fault_t first = OK;
    const char *detail = NULL;
    for (size_t i = 0; i < count; i++) {
        blob_range_t *range = &ranges[i];
        range->fault = get (state, turn, range->key, range->offset, range->into, range->size, &range->got);
        detail = first ? detail : turn->detail;
        first = first ? first : range->fault;
    }
    turn->detail = first ? detail : turn->detail;
    return first;
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
        fault = get (self, turn, key, 0, bytes, size, &got);
    bool same = !fault && got == size && stored == size && (size == 0 || memcmp (bytes, data, size) == 0);
    free (bytes);
    if (!fault && !same)
        fault = turn_fail (turn, CONFLICT, "the blob %s already has other content", key);
    return fault;
}

static fault_t remove_one (dir_t *self, turn_t *turn, const char *key)
{
    if (unlinkat (self->root, key, 0) != 0 && errno != ENOENT && errno != ENOTDIR && errno != EISDIR)
        return fail (self, turn, key, errno);
    for (const char *folder = folder_of (turn->arena, key); strcmp (folder, ".") != 0;
         folder = folder_of (turn->arena, folder))
        if (unlinkat (self->root, folder, AT_REMOVEDIR) != 0)
            break;
    return OK;
}

static fault_t dir_remove (void *state, turn_t *turn, const char *const *keys, size_t count, fault_t *faults)
{
    fault_t first = OK;
    const char *detail = NULL;
    for (size_t i = 0; i < count; i++) {
        faults[i] = remove_one (state, turn, keys[i]);
        detail = first ? detail : turn->detail;
        first = first ? first : faults[i];
    }
    turn->detail = first ? detail : turn->detail;
    return first;
}

// ---- a blob in pieces

typedef struct {
    dir_t *dir;
    char *name, *key;
    int fd; // -1: closed
} dir_writing_t;

static void dir_drop (void *writing)
{
    dir_writing_t *self = writing;
    if (self->fd >= 0)
        close (self->fd);
    unlinkat (self->dir->root, self->name, 0);
    free (self->name);
    free (self->key);
    free (self);
}

static fault_t dir_begin (void **writing, void *state, turn_t *turn, const char *key)
{
    dir_writing_t *self = calloc (1, sizeof *self);
    if (!self || !(self->name = strdup (new_name (turn))) || !(self->key = strdup (key)))
        abort ();
    self->dir = state;
    self->fd = open_new (self->dir, self->name);
    if (self->fd < 0) {
        int error = errno;
        dir_drop (self);
        return fail (state, turn, key, error);
    }
    *writing = self;
    return OK;
}

static fault_t dir_write (void *writing, turn_t *turn, const void *data, size_t size)
{
    dir_writing_t *self = writing;
    int error = write_all (self->fd, data, size);
    return error ? fail (self->dir, turn, self->key, error) : OK;
}

static fault_t dir_end (void *writing, turn_t *turn, const char *sha256)
{
    dir_writing_t *self = writing;
    (void) sha256;
    int error = close_synced (self->fd, 0);
    self->fd = -1;
    if (!error)
        error = rename_new (self->dir, turn->arena, self->name, self->key);
    if (!error)
        error = sync_folder (self->dir, folder_of (turn->arena, self->key));
    fault_t fault = !error            ? OK
                    : error == EEXIST ? turn_fail (turn, CONFLICT, "there is a blob %s already", self->key)
                                      : fail (self->dir, turn, self->key, error);
    dir_drop (self);
    return fault;
}

static const blob_engine_t blob_dir = {
    .close = dir_close,
    .parallel = 1,
    .put = dir_put,
    .read = dir_read,
    .size = dir_size,
    .remove = dir_remove,
    .begin = dir_begin,
    .write = dir_write,
    .end = dir_end,
    .drop = dir_drop,
};
