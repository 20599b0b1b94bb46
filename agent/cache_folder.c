/* cache_folder.c - see cache_folder.h. A key is a name only as its hash; versions are hashes already, which is checked. */

#include "agent/cache_folder.h"

#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/sha256.h"
#include "common/os/file.h"
#include "common/os/folder.h"
#include "common/os/folder_empty.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_MAX    4096 // Bytes
#define READ_SIZE  (1 << 20)
#define NEW        ".new-"
#define LEFT_AFTER SECONDS (86400) // What is being saved for longer was left by an agent that died

static fault_t wrong (turn_t *turn, const char *path)
{
    fault_t fault = fault_from_errno (errno);
    return turn_fail (turn, fault, "%s: %s", path, strerror (errno));
}

static const char *name_of (arena_t *arena, const char *key)
{
    sha256_t sum;
    sha256_init (&sum);
    sha256_add (&sum, key, strlen (key));
    return sha256_hex (&sum, arena);
}

static const char *in (turn_t *turn, const char *folder, const char *name)
{
    return arena_printf (turn->arena, "%s/%s", folder, name);
}

static int64_t time_of (const struct timespec *at)
{
    return (int64_t) at->tv_sec * 1000000000 + at->tv_nsec;
}

// ---- found ----

// When it was saved; -1: there is none, or not whole.
static int64_t saved_at (turn_t *turn, const char *entry)
{
    struct stat status;
    return stat (in (turn, entry, "archive"), &status) == 0 ? time_of (&status.st_mtim) : -1;
}

static bool take_exact (turn_t *turn, const char *folder, const char *key, cache_hit_t *hit)
{
    const char *entry = in (turn, folder, name_of (turn->arena, key));
    if (saved_at (turn, entry) < 0)
        return false;
    *hit = (cache_hit_t){.place = entry, .key = key};
    return true;
}

// The newest whose key begins so.
static void take_prefix (turn_t *turn, const char *folder, const char *prefix, cache_hit_t *hit)
{
    DIR *list = opendir (folder);
    struct dirent *each;
    int64_t newest = -1;
    for (int count = 0; list && count < CACHE_FOLDER_ENTRIES && (each = readdir (list)); count++) {
        const char *entry = in (turn, folder, each->d_name), *key;
        if (each->d_name[0] == '.' || file_read (turn, in (turn, entry, "key"), KEY_MAX, &key) != OK ||
            strncmp (key, prefix, strlen (prefix)) != 0)
            continue;
        int64_t at = saved_at (turn, entry);
        if (at > newest) {
            newest = at;
            *hit = (cache_hit_t){.place = entry, .key = key};
        }
    }
    if (list)
        closedir (list);
}

static fault_t folder_of (const cache_folder_t *self, turn_t *turn, const char *version, const char **out)
{
    *out = in (turn, self->folder, version);
    return sha256_is_hex (version) ? OK : turn_fail (turn, INVALID, "version: must be a SHA-256");
}

static fault_t look (void *self, turn_t *turn, const char *key, const char *const *others, size_t count,
                     const char *version, cache_hit_t *hit)
{
    const char *folder;
    *hit = (cache_hit_t){NULL, NULL};
    TRY (folder_of (self, turn, version, &folder));
    for (size_t i = 0; i <= count && !hit->key; i++) {
        const char *each = i == 0 ? key : others[i - 1];
        if (!take_exact (turn, folder, each, hit))
            take_prefix (turn, folder, each, hit);
    }
    if (hit->key)
        (void) !utimensat (AT_FDCWD, in (turn, hit->place, "key"), NULL, 0); // Its last use
    turn->detail = NULL;
    return OK;
}

static fault_t fetch (void *self, turn_t *turn, const cache_hit_t *hit, int64_t offset, cache_take_fn *take,
                      void *stream)
{
    (void) self;
    const char *path = in (turn, hit->place, "archive");
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return wrong (turn, path);
    char *bytes = malloc (READ_SIZE);
    ssize_t got = 0;
    fault_t fault = bytes ? OK : BROKEN;
    while (!fault && (got = pread (fd, bytes, READ_SIZE, offset)) > 0) {
        offset += got;
        fault = take (stream, bytes, (size_t) got) ? OK : GONE;
    }
    fault = got < 0 ? wrong (turn, path) : fault;
    free (bytes);
    close (fd);
    return fault;
}

// ---- saved ----

// `place` is the folder in which the entry is made.
static fault_t reserve (void *self, turn_t *turn, const char *key, const char *version, const char **place)
{
    const char *folder;
    cache_hit_t hit;
    TRY (folder_of (self, turn, version, &folder));
    TRY (folder_make (turn, folder));
    if (take_exact (turn, folder, key, &hit))
        return turn_fail (turn, CONFLICT, "the cache is saved already");
    char *made = arena_printf (turn->arena, "%s/" NEW "XXXXXX", folder);
    if (!mkdtemp (made))
        return wrong (turn, made);
    *place = made;
    return file_write (turn, in (turn, made, "key"), key);
}

static fault_t put (void *self, turn_t *turn, const char *place, int64_t offset, const void *data,
                    size_t size)
{
    (void) self;
    const char *path = in (turn, place, "archive"), *at = data;
    int fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return wrong (turn, path);
    bool good = lseek (fd, offset, SEEK_SET) == offset && bytes_write (fd, at, size);
    fault_t fault = good ? OK : wrong (turn, path);
    close (fd);
    return fault;
}

static void remove_entry (const char *entry)
{
    if (folder_empty (entry) == OK)
        (void) rmdir (entry);
}

typedef struct {
    const char *path;
    int64_t used, bytes;
} kept_t;

typedef struct {
    kept_t *items;
    size_t count, capacity;
    int64_t bytes;
} kept_list_t;

static void keep_or_drop (turn_t *turn, const char *path, bool is_new, kept_list_t *list)
{
    struct stat used, archive;
    if (stat (in (turn, path, "key"), &used) != 0)
        return;
    if (is_new) {
        if (used.st_mtim.tv_sec < turn->now_us / SECONDS (1) - LEFT_AFTER / SECONDS (1))
            remove_entry (path);
        return;
    }
    if (stat (in (turn, path, "archive"), &archive) != 0)
        return;
    list->items =
        arena_grow (turn->arena, list->items, list->count, &list->capacity, sizeof (list->items[0]));
    list->items[list->count++] = (kept_t){path, time_of (&used.st_mtim), archive.st_size};
    list->bytes += archive.st_size;
}

static void list_entries (turn_t *turn, const char *folder, int depth, kept_list_t *list)
{
    DIR *open = opendir (folder);
    struct dirent *each;
    while (open && list->count < CACHE_FOLDER_ENTRIES && (each = readdir (open))) {
        bool is_new = depth > 0 && strncmp (each->d_name, NEW, sizeof (NEW) - 1) == 0;
        if (each->d_name[0] == '.' && !is_new)
            continue;
        const char *path = in (turn, folder, each->d_name);
        if (depth == 0)
            list_entries (turn, path, 1, list);
        else
            keep_or_drop (turn, path, is_new, list);
    }
    if (open)
        closedir (open);
}

static int by_use (const void *left, const void *right)
{
    const kept_t *a = left, *b = right;
    return (a->used > b->used) - (a->used < b->used);
}

// The least recently used go first; what was just saved goes last.
static void evict (const cache_folder_t *self, turn_t *turn)
{
    kept_list_t list = {.items = NULL};
    list_entries (turn, self->folder, 0, &list);
    if (list.bytes > self->most)
        qsort (list.items, list.count, sizeof (list.items[0]), by_use);
    for (size_t i = 0; i + 1 < list.count && list.bytes > self->most; i++) {
        remove_entry (list.items[i].path);
        list.bytes -= list.items[i].bytes;
    }
}

static fault_t check (const cache_folder_t *self, turn_t *turn, const char *place, int64_t size)
{
    struct stat status;
    const char *path = in (turn, place, "archive");
    if (stat (path, &status) != 0)
        return wrong (turn, path);
    if (status.st_size != size)
        return turn_fail (turn, BROKEN, "%s: has %lld bytes, not %lld", path, (long long) status.st_size,
                          (long long) size);
    if (size > self->most)
        return turn_fail (turn, TOO_LARGE, "the caches have at most %lld bytes, this one has %lld",
                          (long long) self->most, (long long) size);
    return OK;
}

static fault_t commit (void *self_, turn_t *turn, const char *place, const int64_t *starts, size_t count,
                       int64_t size)
{
    const cache_folder_t *self = self_;
    const char *key;
    (void) starts, (void) count;
    fault_t fault = check (self, turn, place, size);
    if (!fault)
        fault = file_read (turn, in (turn, place, "key"), KEY_MAX, &key);
    if (!fault) {
        const char *folder = arena_strndup (turn->arena, place, (size_t) (strrchr (place, '/') - place));
        const char *entry = in (turn, folder, name_of (turn->arena, key));
        // A folder that has files is not replaced: who is second has saved nothing
        if (rename (place, entry) != 0)
            fault = errno == EEXIST || errno == ENOTEMPTY
                        ? turn_fail (turn, CONFLICT, "another job was faster")
                        : wrong (turn, entry);
    }
    if (fault)
        remove_entry (place);
    else
        evict (self, turn);
    return fault;
}

cache_port_t cache_folder_port (cache_folder_t *self)
{
    return (cache_port_t){
        .self = self, .look = look, .fetch = fetch, .reserve = reserve, .put = put, .commit = commit};
}
