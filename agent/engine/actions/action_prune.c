/* action_prune.c - what the cache of actions gives up: the longest unused, until it is within its bounds.
 *
 * A commit that somebody has the lock of is in use, and stays. Its folder is renamed away before it is emptied, so that nobody ever
 * finds half of one. */

#include "agent/engine/actions/action_cache.h"
#include "agent/engine/actions/action_source.h"
#include "common/base/clock.h"
#include "common/base/commit_id.h"
#include "common/os/file.h"
#include "common/os/folder_empty.h"
#include "workflow/model/action_ref.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENTRIES_MAX  100000 // Looked at in one prune
#define DEAD_SECONDS 7200   // No fetch takes this long
#define REF_SECONDS  86400  // What a ref was so long ago is of no use

typedef struct {
    const char *path, *commit;
    int64_t used_us, bytes;
} entry_t;

typedef struct {
    turn_t *turn;
    const action_cache_t *cache;
    entry_t *entries;
    size_t count, capacity;
    int64_t bytes, now_us; // Wall clock, as the file system's times are
} prune_t;

typedef void (*visit_fn) (prune_t *self, const char *path, const char *name);

static void each (prune_t *self, const char *path, visit_fn visit)
{
    DIR *folder = opendir (path);
    struct dirent *entry;
    while (folder && (entry = readdir (folder)))
        if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
            visit (self, arena_printf (self->turn->arena, "%s/%s", path, entry->d_name), entry->d_name);
    if (folder)
        closedir (folder);
}

static int64_t modified_us (const char *path)
{
    struct stat status;
    return lstat (path, &status) == 0 ? SECONDS (status.st_mtim.tv_sec) + status.st_mtim.tv_nsec / 1000 : 0;
}

static void remove_folder (const char *path)
{
    fault_t ignored = folder_empty (path);
    (void) ignored; // The next prune finds it again
    rmdir (path);
}

static void take_commit (prune_t *self, const char *path, const char *name)
{
    const char *text = "0";
    if (!commit_id_is (name) || self->count == ENTRIES_MAX)
        return;
    if (file_read (self->turn, arena_printf (self->turn->arena, "%s/size", path), 32, &text) != OK)
        text = "0";
    entry_t entry = {.path = path,
                     .commit = arena_strdup (self->turn->arena, name),
                     .used_us = modified_us (path),
                     .bytes = strtoll (text, NULL, 10)};
    self->entries =
        arena_grow (self->turn->arena, self->entries, self->count, &self->capacity, sizeof (entry_t));
    self->entries[self->count++] = entry;
    self->bytes += entry.bytes;
}

static void take_repository (prune_t *self, const char *path, const char *name)
{
    (void) name;
    each (self, path, take_commit);
}

static void take_owner (prune_t *self, const char *path, const char *name)
{
    (void) name;
    each (self, path, take_repository);
}

static bool is_older (prune_t *self, const char *path, int64_t seconds)
{
    return self->now_us - modified_us (path) > SECONDS (seconds);
}

static void drop_dead (prune_t *self, const char *path, const char *name)
{
    (void) name;
    if (is_older (self, path, DEAD_SECONDS))
        remove_folder (path);
}

static void drop_ref (prune_t *self, const char *path, const char *name)
{
    (void) name;
    if (is_older (self, path, REF_SECONDS))
        unlink (path);
}

static int by_use (const void *a_, const void *b_)
{
    const entry_t *a = a_, *b = b_;
    return (a->used_us > b->used_us) - (a->used_us < b->used_us);
}

static bool is_past (const prune_t *self, const entry_t *entry, size_t count)
{
    const action_cache_t *cache = self->cache;
    return (cache->max_count && count > cache->max_count) ||
           (cache->max_mib && self->bytes > ((int64_t) cache->max_mib << 20)) ||
           (cache->max_days && self->now_us - entry->used_us > SECONDS (86400) * cache->max_days);
}

// False where somebody has it.
static bool drop (prune_t *self, const entry_t *entry)
{
    turn_t *turn = self->turn;
    int fd;
    if (action_cache_try (turn, self->cache, entry->commit, &fd) != OK)
        return false;
    char *aside = arena_printf (turn->arena, "%s/new/XXXXXX", self->cache->folder);
    // Somebody may have used it since it was looked at
    bool good =
        modified_us (entry->path) == entry->used_us && mkdtemp (aside) && rename (entry->path, aside) == 0;
    close (fd);
    if (good)
        remove_folder (aside);
    return good;
}

size_t action_cache_prune (turn_t *turn, const action_cache_t *cache)
{
    prune_t self = {.turn = turn, .cache = cache, .now_us = clock_now_us (clock_system ())};
    size_t removed = 0;
    each (&self, arena_printf (turn->arena, "%s/new", cache->folder), drop_dead);
    each (&self, arena_printf (turn->arena, "%s/refs", cache->folder), drop_ref);
    each (&self, arena_printf (turn->arena, "%s/trees", cache->folder), take_owner);
    if (self.count > 1)
        qsort (self.entries, self.count, sizeof (entry_t), by_use);
    for (size_t i = 0; i < self.count && is_past (&self, self.entries + i, self.count - removed); i++)
        if (drop (&self, self.entries + i)) {
            self.bytes -= self.entries[i].bytes;
            removed++;
        }
    turn->detail = NULL;
    return removed;
}
