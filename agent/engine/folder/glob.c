/* glob.c - each pattern is split into segments; those before the first wildcard say where the walk begins. */

#include "agent/engine/folder/glob.h"

#include "common/os/rooted.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SEGMENTS     256  // Of one pattern; past it TOO_LARGE
#define STOP_ENTRIES 1000 // Files and folders between two looks at the stop

typedef struct {
    const char *segments[SEGMENTS];
    size_t count;
    bool excludes;
} pattern_t;

// The folders from the root down to where the walk is.
typedef struct above {
    const struct above *next;
    dev_t device;
    ino_t inode;
} above_t;

typedef struct {
    arena_t *arena;
    int root;
    pattern_t *patterns;
    size_t pattern_count;
    unsigned flags;
    const char *home;
    size_t deepest; // Segments of a path that a pattern can name whole
    size_t place;   // That is walked
    size_t entries;
    const glob_stop_t *stop;
    glob_result_t *out;
    const char *error;
} walk_t;

// "a//./b/../c" to a, c. False where there are too many.
static bool split (arena_t *arena, const char *path, pattern_t *out)
{
    out->count = 0;
    while (*path) {
        size_t size = strcspn (path, "/");
        if (size == 2 && strncmp (path, "..", 2) == 0)
            out->count -= out->count > 0;
        else if (size && !(size == 1 && *path == '.')) {
            if (out->count == SEGMENTS)
                return false;
            out->segments[out->count++] = arena_strndup (arena, path, size);
        }
        path += size;
        path += strspn (path, "/");
    }
    return true;
}

// Does the pattern name these segments (`whole`), or a folder above them? After a mismatch only the last ** takes one segment more: what those before
// it could take, it can take too, so the time is the product of both lengths.
static bool matches (const pattern_t *pattern, const pattern_t *path, bool whole)
{
    size_t p = 0, s = 0, star = SEGMENTS, taken = 0;
    while (p < pattern->count || (whole && s < path->count)) {
        if (p == pattern->count && (star == SEGMENTS || star + 1 == p))
            return star < SEGMENTS; // A ** at the end takes the rest
        if (p < pattern->count && strcmp (pattern->segments[p], "**") == 0) {
            star = p++;
            taken = s;
        } else if (s == path->count) {
            return false;
        } else if (p < pattern->count && fnmatch (pattern->segments[p], path->segments[s], 0) == 0) {
            p++;
            s++;
        } else if (star < SEGMENTS) {
            p = star + 1;
            s = ++taken;
        } else {
            return false;
        }
    }
    return true;
}

static bool wanted (const walk_t *self, const pattern_t *path)
{
    bool found = false;
    for (size_t i = 0; i < self->pattern_count; i++)
        if (matches (self->patterns + i, path, self->flags & GLOB_NAMED))
            found = !self->patterns[i].excludes;
    return found;
}

// *more: what is below it may be named, too.
static fault_t take (walk_t *self, const char *path, const struct stat *status, bool *more)
{
    glob_result_t *out = self->out;
    pattern_t segments;
    if (!split (self->arena, path, &segments))
        return OK;
    *more = segments.count < self->deepest;
    if (!wanted (self, &segments))
        return OK;
    *more = false;
    if (out->count == GLOB_FILES) {
        self->error = arena_printf (self->arena, "the patterns name more than %d files", GLOB_FILES);
        return TOO_LARGE;
    }
    out->items = arena_grow (self->arena, out->items, out->count, &out->capacity, sizeof (*out->items));
    out->items[out->count++] = (glob_file_t){
        .path = path, .size = status->st_size, .mode = status->st_mode & 07777, .place = self->place};
    return OK;
}

static fault_t walk (walk_t *self, const char *path, int depth, const above_t *above);

static fault_t enter (walk_t *self, const char *path, int depth, const above_t *above)
{
    DIR *folder = rooted_list (self->root, path);
    struct dirent *entry;
    fault_t fault = OK;
    if (!folder)
        return OK; // What may not be read is not there
    while (!fault && (entry = readdir (folder))) {
        const char *name = entry->d_name;
        bool dots = name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
        if (!dots && ((self->flags & GLOB_HIDDEN) || name[0] != '.'))
            fault =
                walk (self, arena_printf (self->arena, "%s/%s", path[1] ? path : "", name), depth + 1, above);
    }
    closedir (folder);
    return fault;
}

static bool is_below (const char *path, const char *folder)
{
    size_t size = strlen (folder);
    return strcmp (folder, "/") == 0 ||
           (strncmp (path, folder, size) == 0 && (path[size] == '/' || !path[size]));
}

// Does a link lead to a folder that it is in?
static bool is_cycle (const above_t *above, const struct stat *status)
{
    while (above && (above->device != status->st_dev || above->inode != status->st_ino))
        above = above->next;
    return above;
}

static bool is_followed (const walk_t *self, const above_t *above, const struct stat *status)
{
    return !S_ISDIR (status->st_mode) || ((self->flags & GLOB_FOLLOW) && !is_cycle (above, status));
}

static fault_t walk (walk_t *self, const char *path, int depth, const above_t *above)
{
    struct stat status;
    if (++self->entries > GLOB_ENTRIES || depth > GLOB_DEPTH) {
        self->error = arena_printf (self->arena, "there is too much below %s to look for files", path);
        return TOO_LARGE;
    }
    if (self->stop && self->entries % STOP_ENTRIES == 0 && self->stop->asked (self->stop->self)) {
        self->error = "the job was asked to stop";
        return UNAVAILABLE;
    }
    if (rooted_stat (self->root, path, false, &status) != 0)
        return OK;
    if (S_ISLNK (status.st_mode) &&
        (rooted_stat (self->root, path, true, &status) != 0 || !is_followed (self, above, &status)))
        return OK;
    const above_t here = {above, status.st_dev, status.st_ino};
    bool more = true;
    if ((self->flags & GLOB_NAMED) || S_ISREG (status.st_mode))
        TRY (take (self, path, &status, &more));
    return S_ISDIR (status.st_mode) && more ? enter (self, path, depth, &here) : OK;
}

// Where the walk for a pattern begins: a folder, or the file itself.
static const char *starting_place (arena_t *arena, const pattern_t *pattern)
{
    const char *path = "";
    for (size_t i = 0; i < pattern->count && !strpbrk (pattern->segments[i], "*?["); i++)
        path = arena_printf (arena, "%s/%s", path, pattern->segments[i]);
    return *path ? path : "/";
}

static const char *folder_of (const walk_t *self, const char *path)
{
    struct stat status;
    const char *slash = strrchr (path, '/');
    if ((rooted_stat (self->root, path, true, &status) == 0 && S_ISDIR (status.st_mode)) || slash == path)
        return path;
    return arena_strndup (self->arena, path, (size_t) (slash - path));
}

static const char *common_folder (arena_t *arena, const char *left, const char *right)
{
    if (!left)
        return right;
    size_t same = 0, i = 0;
    for (; left[i] && left[i] == right[i]; i++)
        if (left[i] == '/')
            same = i;
    if ((!left[i] || left[i] == '/') && (!right[i] || right[i] == '/'))
        same = i;
    return same ? arena_strndup (arena, left, same) : "/";
}

// Folder by folder: '/' comes before all that a name may hold.
static int by_place (const void *left, const void *right)
{
    const glob_file_t *a = left, *b = right;
    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    size_t i = 0;
    while (a->path[i] && a->path[i] == b->path[i])
        i++;
    int x = a->path[i] == '/' ? 1 : 2 * (unsigned char) a->path[i];
    int y = b->path[i] == '/' ? 1 : 2 * (unsigned char) b->path[i];
    return x - y;
}

// Is a place walked already, or with the folder that it is in?
static bool is_covered (const char *const *places, size_t count, size_t at)
{
    for (size_t i = 0; i < count; i++)
        if (i != at && places[i] && is_below (places[at], places[i]) &&
            (i < at || strcmp (places[i], places[at]) != 0))
            return true;
    return false;
}

static fault_t read_pattern (walk_t *self, const char *base, const char *text)
{
    pattern_t *pattern = self->patterns + self->pattern_count;
    pattern->excludes = *text == '!';
    text += pattern->excludes;
    text += strspn (text, " \t");
    if (text[0] == '~' && (text[1] == '/' || !text[1]) && self->home)
        text = arena_printf (self->arena, "%s%s", self->home, text + 1);
    if (!*text || *text == '#')
        return OK;
    const char *path = *text == '/' ? text : arena_printf (self->arena, "%s/%s", base, text);
    if (!split (self->arena, path, pattern)) {
        self->error = arena_printf (self->arena, "a pattern has more than %d segments", SEGMENTS);
        return TOO_LARGE;
    }
    for (size_t i = 0; i < pattern->count && !pattern->excludes; i++)
        if (strcmp (pattern->segments[i], "**") == 0)
            self->deepest = SEGMENTS;
    if (!pattern->excludes && pattern->count > self->deepest)
        self->deepest = pattern->count;
    self->pattern_count++;
    return OK;
}

static const above_t *folders_above (const walk_t *self, const char *place)
{
    const above_t *above = NULL;
    for (const char *slash = place; slash; slash = strchr (slash + 1, '/')) {
        struct stat status;
        const char *path =
            slash == place ? "/" : arena_strndup (self->arena, place, (size_t) (slash - place));
        if (rooted_stat (self->root, path, true, &status) != 0)
            break;
        above_t *one = arena_alloc (self->arena, sizeof (above_t));
        *one = (above_t){above, status.st_dev, status.st_ino};
        above = one;
    }
    return above;
}

static fault_t walk_places (walk_t *self)
{
    const char **places = arena_array (self->arena, self->pattern_count + 1, sizeof (places[0]));
    glob_result_t *out = self->out;
    fault_t fault = OK;
    for (size_t i = 0; i < self->pattern_count; i++) {
        if (self->patterns[i].excludes)
            continue;
        places[i] = starting_place (self->arena, self->patterns + i);
        out->root = common_folder (self->arena, out->root, folder_of (self, places[i]));
    }
    for (size_t i = 0; i < self->pattern_count && !fault; i++) {
        self->place = i;
        if (places[i] && !is_covered (places, self->pattern_count, i))
            fault = walk (self, places[i], 0, folders_above (self, places[i]));
    }
    if (out->count)
        qsort (out->items, out->count, sizeof (*out->items), by_place);
    return fault;
}

fault_t glob_find (arena_t *arena, const glob_query_t *query, glob_result_t *out, const char **error)
{
    walk_t self = {
        .arena = arena, .root = query->root, .flags = query->flags, .stop = query->stop, .out = out};
    self.home = query->home ? query->home : getenv ("HOME");
    *out = (glob_result_t){.root = NULL};
    *error = "there are too many patterns";
    if (query->count > GLOB_PATTERNS)
        return TOO_LARGE;
    self.patterns = arena_array (arena, query->count + 1, sizeof (pattern_t));
    fault_t fault = OK;
    for (size_t i = 0; i < query->count && !fault; i++)
        fault = read_pattern (&self, query->base, query->patterns[i]);
    if (!fault)
        fault = walk_places (&self);
    if (!out->root)
        out->root = query->base;
    *error = self.error;
    return fault;
}

const char *glob_relative (const glob_result_t *self, const char *path)
{
    size_t size = strlen (self->root);
    path += size;
    return path + (*path == '/');
}
