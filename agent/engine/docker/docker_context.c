/* docker_context.c - see docker_context.h. */

#include "agent/engine/docker/docker_context.h"

#include "agent/engine/docker/docker_ignore.h"
#include "common/base/bytes.h"
#include "common/base/path.h"
#include "common/os/rooted.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK     512
#define COPY_SIZE (256 << 10)
#define NAME_MAX_ 100
#define SIZE_MAX_ 077777777777LL

typedef struct {
    turn_t *turn;
    const docker_context_t *context;
    docker_ignore_t ignored;
    int out;
    int64_t bytes;
    size_t entries;
    char *copy; // COPY_SIZE bytes
} packer_t;

static fault_t fail (const packer_t *self, const char *path)
{
    return turn_fail (self->turn, fault_from_errno (errno), "%s: %s", path, strerror (errno));
}

static fault_t put (packer_t *self, const void *bytes, size_t size)
{
    static const char zeros[BLOCK];
    size_t rest = size % BLOCK ? BLOCK - size % BLOCK : 0;
    self->bytes += (int64_t) (size + rest);
    if (self->bytes > DOCKER_CONTEXT_BYTES)
        return turn_fail (
            self->turn, TOO_LARGE,
            "what the image is built from has more than %lld bytes: .dockerignore can leave files out",
            (long long) DOCKER_CONTEXT_BYTES);
    if (!bytes_write (self->out, bytes, size) || !bytes_write (self->out, zeros, rest))
        return fail (self, "the archive");
    return OK;
}

// ---- headers

typedef struct {
    const char *name, *link; // link "": none
    char type;
    unsigned mode;
    int64_t size, mtime;
} entry_t;

// `digits` of them, and the NUL that is there already.
static void octal (char *field, size_t digits, int64_t value)
{
    for (size_t i = digits; i-- > 0; value >>= 3)
        field[i] = (char) ('0' + (value & 7));
}

static fault_t put_header (packer_t *self, const entry_t *entry)
{
    char head[BLOCK] = {0};
    unsigned sum = 0;
    snprintf (head, NAME_MAX_, "%.99s", entry->name);
    octal (head + 100, 7, entry->mode & 07777);
    octal (head + 108, 7, 0);
    octal (head + 116, 7, 0);
    octal (head + 124, 11, entry->size <= SIZE_MAX_ ? entry->size : 0);
    octal (head + 136, 11, entry->mtime > 0 && entry->mtime <= SIZE_MAX_ ? entry->mtime : 0);
    memset (head + 148, ' ', 8);
    head[156] = entry->type;
    snprintf (head + 157, NAME_MAX_, "%.99s", entry->link);
    memcpy (head + 257, "ustar\00000", 8);
    for (size_t i = 0; i < BLOCK; i++)
        sum += (unsigned char) head[i];
    octal (head + 148, 6, sum);
    head[154] = 0;
    return put (self, head, BLOCK);
}

// "LENGTH key=value\n", where the length counts itself.
static const char *record (arena_t *arena, const char *key, const char *value)
{
    size_t size = strlen (key) + strlen (value) + 3, all = size;
    for (int i = 0; i < 3; i++) // A digit more may make it longer by one: then it holds
        all = size + (size_t) snprintf (NULL, 0, "%zu", all);
    return arena_printf (arena, "%zu %s=%s\n", all, key, value);
}

static fault_t put_entry (packer_t *self, const entry_t *entry)
{
    arena_t *arena = self->turn->arena;
    const char *more = "";
    if (++self->entries > DOCKER_CONTEXT_ENTRIES)
        return turn_fail (
            self->turn, TOO_LARGE,
            "what the image is built from has more than %d files: .dockerignore can leave some out",
            DOCKER_CONTEXT_ENTRIES);
    if (strlen (entry->name) >= NAME_MAX_)
        more = record (arena, "path", entry->name);
    if (strlen (entry->link) >= NAME_MAX_)
        more = arena_printf (arena, "%s%s", more, record (arena, "linkpath", entry->link));
    if (*more) {
        const entry_t extended = {
            .name = "pax", .link = "", .type = 'x', .mode = 0644, .size = (int64_t) strlen (more)};
        TRY (put_header (self, &extended));
        TRY (put (self, more, strlen (more)));
    }
    return put_header (self, entry);
}

// ---- files

// Of a file that becomes shorter meanwhile the rest is zeros: its size has been said.
static fault_t put_bytes (packer_t *self, int fd, int64_t size)
{
    while (size > 0) {
        size_t want = size < COPY_SIZE ? (size_t) size : COPY_SIZE, have = 0;
        ssize_t got = 1;
        while (have < want && (got = read (fd, self->copy + have, want - have)) > 0)
            have += (size_t) got;
        memset (self->copy + have, 0, want - have);
        TRY (put (self, self->copy, want));
        size -= (int64_t) want;
    }
    return OK;
}

static fault_t put_file (packer_t *self, const char *path, entry_t *entry)
{
    struct stat status;
    int fd = rooted_open_plain (self->context->view, path);
    if (fd < 0)
        return fail (self, path);
    fault_t fault = fstat (fd, &status) == 0 ? OK : fail (self, path);
    entry->size = fault ? 0 : status.st_size;
    entry->type = '0';
    if (!fault)
        fault = put_entry (self, entry);
    if (!fault)
        fault = put_bytes (self, fd, entry->size);
    close (fd);
    return fault;
}

static fault_t put_link (packer_t *self, const char *path, entry_t *entry)
{
    char target[4096];
    int fd = rooted_open (self->context->view, path, O_PATH | O_NOFOLLOW, 0);
    ssize_t size = fd < 0 ? -1 : readlinkat (fd, "", target, sizeof (target) - 1);
    if (fd >= 0)
        close (fd);
    if (size < 0)
        return fail (self, path);
    target[size] = 0;
    entry->link = target;
    entry->type = '2';
    return put_entry (self, entry);
}

static bool is_kept (const packer_t *self, const char *name)
{
    return strcmp (name, ".dockerignore") == 0 || strcmp (name, self->context->dockerfile) == 0;
}

static fault_t put_folder (packer_t *self, const char *name, unsigned depth);

static fault_t put_any (packer_t *self, const char *name, unsigned depth)
{
    arena_t *arena = self->turn->arena;
    const char *path = arena_printf (arena, "%s/%s", self->context->folder, name);
    struct stat status;
    if (rooted_stat (self->context->view, path, false, &status) != 0)
        return errno == ENOENT ? OK : fail (self, path); // It went meanwhile
    bool folder = S_ISDIR (status.st_mode),
         ignored = !is_kept (self, name) && docker_ignore_has (&self->ignored, name);
    entry_t entry = {.name = name, .link = "", .mode = status.st_mode, .mtime = status.st_mtime};
    if (ignored && !folder)
        return OK;
    if (S_ISREG (status.st_mode))
        return put_file (self, path, &entry);
    if (S_ISLNK (status.st_mode))
        return put_link (self, path, &entry);
    if (!folder)
        return OK;
    entry.name = arena_printf (arena, "%s/", name);
    entry.type = '5';
    if (!ignored)
        TRY (put_entry (self, &entry));
    // The Dockerfile may be in one that is ignored
    bool holds = strncmp (self->context->dockerfile, entry.name, strlen (entry.name)) == 0;
    return ignored && !self->ignored.any_back && !holds ? OK : put_folder (self, name, depth + 1);
}

static int by_name (const void *left, const void *right)
{
    return strcmp (*(const char *const *) left, *(const char *const *) right);
}

// Sorted: the same files make the same archive, for which the engine has the layers.
static fault_t put_folder (packer_t *self, const char *name, unsigned depth)
{
    arena_t *arena = self->turn->arena;
    const char *path =
        *name ? arena_printf (arena, "%s/%s", self->context->folder, name) : self->context->folder;
    const char **names = NULL;
    size_t count = 0, capacity = 0;
    struct dirent *entry;
    if (depth > DOCKER_CONTEXT_DEPTH)
        return turn_fail (self->turn, TOO_LARGE, "%s: folders are within one another more than %d deep", path,
                          DOCKER_CONTEXT_DEPTH);
    DIR *list = rooted_list (self->context->view, path);
    if (!list)
        return fail (self, path);
    while ((entry = readdir (list)) && count <= DOCKER_CONTEXT_ENTRIES) {
        if (path_is_dots (entry->d_name, strlen (entry->d_name)))
            continue;
        names = arena_grow (arena, names, count, &capacity, sizeof (char *));
        names[count++] =
            *name ? arena_printf (arena, "%s/%s", name, entry->d_name) : arena_strdup (arena, entry->d_name);
    }
    closedir (list);
    if (count)
        qsort (names, count, sizeof (char *), by_name);
    for (size_t i = 0; i < count; i++)
        TRY (put_any (self, names[i], depth));
    return OK;
}

static fault_t pack (packer_t *self)
{
    static const char end[2 * BLOCK];
    const docker_context_t *context = self->context;
    arena_t *arena = self->turn->arena;
    const char *text = "";
    struct stat status;
    if (rooted_stat (context->view, arena_printf (arena, "%s/%s", context->folder, context->dockerfile), true,
                     &status) != 0)
        return turn_fail (self->turn, NOT_FOUND, "there is no %s in the action's folder",
                          context->dockerfile);
    fault_t fault =
        rooted_read (self->turn, context->view, arena_printf (arena, "%s/.dockerignore", context->folder),
                     DOCKER_IGNORE_BYTES, &text);
    if (fault && fault != NOT_FOUND)
        return fault;
    docker_ignore_read (&self->ignored, arena, text, strlen (text));
    TRY (put_folder (self, "", 0));
    return put (self, end, sizeof (end));
}

// Where the file system has no files without a name, one that loses it at once.
static int open_scratch (arena_t *arena, const char *folder)
{
    int fd = open (folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    char *path = arena_printf (arena, "%s/context-XXXXXX", folder);
    fd = mkostemp (path, O_CLOEXEC);
    if (fd >= 0)
        unlink (path);
    return fd;
}

fault_t docker_context_open (turn_t *turn, const docker_context_t *context, int *fd)
{
    packer_t self = {.turn = turn, .context = context, .out = open_scratch (turn->arena, context->scratch)};
    if (self.out < 0)
        return fail (&self, context->scratch);
    self.copy = malloc (COPY_SIZE);
    if (!self.copy)
        abort ();
    fault_t fault = pack (&self);
    free (self.copy);
    *fd = self.out;
    if (fault)
        close (self.out);
    return fault;
}
