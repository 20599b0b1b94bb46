/* chunk_folder.c - see chunk_folder.h. */

#include "agent/chunk_folder.h"

#include "common/base/arena.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/os/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEW        ".new-"
#define LEFT_AFTER SECONDS (3600) // What is being written for longer was left by an agent that died

static bool path_of (const chunk_folder_t *self, const char *sha256, char path[PATH_MAX])
{
    int size = snprintf (path, PATH_MAX, "%s/%.2s/%s", self->folder, sha256, sha256);
    return *self->folder && sha256_is_hex (sha256) && size > 0 && size < PATH_MAX;
}

bool chunk_folder_has (const chunk_folder_t *self, const char *sha256, size_t size)
{
    char path[PATH_MAX];
    struct stat status;
    return path_of (self, sha256, path) && lstat (path, &status) == 0 && S_ISREG (status.st_mode) &&
           status.st_size == (off_t) size;
}

static bool read_all (int fd, char *into, size_t size)
{
    size_t got = 0;
    ssize_t some = 1;
    while (got < size && (some = read (fd, into + got, size - got)) > 0)
        got += (size_t) some;
    return got == size;
}

static bool is_sum (const char *sha256, const void *data, size_t size)
{
    sha256_t sum;
    sha256_init (&sum);
    sha256_add (&sum, data, size);
    arena_t *arena = arena_new ();
    bool same = strcmp (sha256_hex (&sum, arena), sha256) == 0;
    arena_destroy (&arena);
    return same;
}

bool chunk_folder_take (const chunk_folder_t *self, const char *sha256, void *into, size_t size)
{
    char path[PATH_MAX];
    int fd = path_of (self, sha256, path) ? open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
    if (fd < 0)
        return false;
    bool good = read_all (fd, into, size) && is_sum (sha256, into, size);
    if (good)
        (void) !futimens (fd, NULL);
    else
        (void) unlink (path);
    close (fd);
    return good;
}

void chunk_folder_put (const chunk_folder_t *self, const char *sha256, const void *data, size_t size)
{
    char path[PATH_MAX], new[PATH_MAX];
    if (size > CHUNK_COPY_MOST || !path_of (self, sha256, path))
        return;
    arena_t *arena = arena_new ();
    turn_t turn;
    turn_init (&turn, arena, "", 0);
    const char *folder = arena_strndup (arena, path, (size_t) (strrchr (path, '/') - path));
    int fd = -1;
    if (folder_make (&turn, folder) == OK &&
        snprintf (new, sizeof new, "%s/" NEW "XXXXXX", folder) < (int) sizeof new)
        fd = mkostemp (new, O_CLOEXEC);
    // It is not synced: what a crash leaves of it does not have its sum
    bool good = fd >= 0 && bytes_write (fd, data, size);
    if (fd >= 0)
        close (fd);
    if (fd >= 0 && (!good || rename (new, path) != 0))
        (void) unlink (new);
    arena_destroy (&arena);
}

// ---- what is over ----

typedef struct {
    const char *path;
    int64_t used, bytes;
} copy_t;

typedef struct {
    arena_t *arena;
    copy_t *items;
    size_t count, capacity;
    int64_t bytes, before_us;
} copies_t;

static void add_copy (copies_t *self, int folder, const char *path, const char *name)
{
    struct stat status;
    const char *file = arena_printf (self->arena, "%s/%s", path, name);
    if (fstatat (folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || S_ISDIR (status.st_mode))
        return;
    int64_t used = (int64_t) status.st_mtim.tv_sec * 1000000 + status.st_mtim.tv_nsec / 1000;
    if (strncmp (name, NEW, sizeof (NEW) - 1) == 0) {
        if (used < self->before_us)
            (void) unlink (file);
        return;
    }
    if (self->count == CHUNK_COPY_FILES) {
        (void) unlink (file);
        return;
    }
    self->items =
        arena_grow (self->arena, self->items, self->count, &self->capacity, sizeof (self->items[0]));
    self->items[self->count++] = (copy_t){file, used, status.st_size};
    self->bytes += status.st_size;
}

static void list_copies (copies_t *self, const char *path, int depth)
{
    DIR *list = opendir (path);
    struct dirent *each;
    while (list && (each = readdir (list))) {
        if (strcmp (each->d_name, ".") == 0 || strcmp (each->d_name, "..") == 0)
            continue;
        if (depth > 0)
            add_copy (self, dirfd (list), path, each->d_name);
        else
            list_copies (self, arena_printf (self->arena, "%s/%s", path, each->d_name), 1);
    }
    if (list)
        closedir (list);
}

static int by_use (const void *left, const void *right)
{
    const copy_t *a = left, *b = right;
    return (a->used > b->used) - (a->used < b->used);
}

void chunk_folder_trim (const chunk_folder_t *self, int64_t now_us)
{
    if (!*self->folder)
        return;
    copies_t copies = {.arena = arena_new (), .before_us = now_us - LEFT_AFTER};
    list_copies (&copies, self->folder, 0);
    if (copies.bytes > self->most)
        qsort (copies.items, copies.count, sizeof (copies.items[0]), by_use);
    for (size_t i = 0; i < copies.count && copies.bytes > self->most; i++) {
        (void) unlink (copies.items[i].path);
        copies.bytes -= copies.items[i].bytes;
    }
    arena_destroy (&copies.arena);
}
