/* folder_copy.c - see folder_copy.h. Goes by descriptors, so that nothing can be put in the way of a path. */

#include "agent/engine/folder/folder_copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

typedef struct {
    turn_t *turn;
    const char *root; // For what is said
    size_t entries;
    int64_t bytes;
    bool count_only;
} copy_t;

static fault_t walk (copy_t *self, int from, int to, size_t depth);

static fault_t fail (copy_t *self, const char *name)
{
    int error = errno;
    return turn_fail (self->turn, fault_from_errno (error), "%s in %s cannot be copied: %s", name, self->root,
                      strerror (error));
}

static fault_t copy_bytes (int from, int to, off_t size)
{
    if (ioctl (to, FICLONE, from) == 0)
        return OK;
    while (size > 0) {
        ssize_t done = copy_file_range (from, NULL, to, NULL, (size_t) size, 0);
        if (done < 0 && errno != EINTR)
            return fault_from_errno (errno);
        if (done == 0)
            break; // It became shorter
        size -= done > 0 ? done : 0;
    }
    return OK;
}

static fault_t copy_file (copy_t *self, int from_folder, int to_folder, const char *name,
                          const struct stat *status)
{
    int from = openat (from_folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    int to = from < 0 ? -1
                      : openat (to_folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                status->st_mode & 0777);
    fault_t fault = to < 0 || copy_bytes (from, to, status->st_size) != OK ? fail (self, name) : OK;
    if (from >= 0)
        close (from);
    if (to >= 0 && close (to) != 0 && !fault)
        fault = fail (self, name);
    return fault;
}

// Not inlined: its buffer would be in every frame of the walk, and an agent's stack is small.
__attribute__ ((noinline)) static fault_t copy_link (copy_t *self, int from_folder, int to_folder,
                                                     const char *name)
{
    char target[PATH_MAX];
    ssize_t size = readlinkat (from_folder, name, target, sizeof (target) - 1);
    if (size < 0)
        return fail (self, name);
    target[size] = '\0';
    return symlinkat (target, to_folder, name) == 0 ? OK : fail (self, name);
}

static fault_t enter (copy_t *self, int from_folder, int to_folder, const char *name, size_t depth)
{
    if (depth == FOLDER_DEPTH)
        return turn_fail (self->turn, TOO_LARGE, "%s has folders more than %d deep", self->root,
                          FOLDER_DEPTH);
    int to = -1, from = openat (from_folder, name, FOLDER_FLAGS);
    if (from < 0)
        return fail (self, name);
    if (!self->count_only &&
        (mkdirat (to_folder, name, 0755) != 0 || (to = openat (to_folder, name, FOLDER_FLAGS)) < 0)) {
        fault_t fault = fail (self, name);
        close (from);
        return fault;
    }
    return walk (self, from, to, depth + 1);
}

static fault_t take (copy_t *self, int from, int to, const char *name, size_t depth)
{
    struct stat status;
    if (fstatat (from, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return fail (self, name);
    self->bytes += S_ISREG (status.st_mode) ? status.st_size : 0;
    if (++self->entries > FOLDER_ENTRIES || self->bytes > FOLDER_BYTES)
        return turn_fail (self->turn, TOO_LARGE, "%s has more than %d files or %lld bytes", self->root,
                          FOLDER_ENTRIES, (long long) FOLDER_BYTES);
    if (S_ISDIR (status.st_mode))
        return enter (self, from, to, name, depth);
    if (self->count_only)
        return OK;
    return S_ISLNK (status.st_mode)   ? copy_link (self, from, to, name)
           : S_ISREG (status.st_mode) ? copy_file (self, from, to, name, &status)
                                      : OK;
}

// Takes both descriptors.
static fault_t walk (copy_t *self, int from, int to, size_t depth)
{
    DIR *folder = fdopendir (from);
    fault_t fault = folder ? OK : fail (self, ".");
    struct dirent *entry;
    if (!folder)
        close (from);
    while (!fault && (entry = readdir (folder)))
        if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
            fault = take (self, from, to, entry->d_name, depth);
    if (folder)
        closedir (folder);
    if (to >= 0)
        close (to);
    return fault;
}

fault_t folder_copy (turn_t *turn, const char *from, const char *to)
{
    copy_t self = {.turn = turn, .root = from};
    int source = open (from, FOLDER_FLAGS), target = -1;
    if (source < 0)
        return fail (&self, ".");
    if (mkdir (to, 0755) != 0 || (target = open (to, FOLDER_FLAGS)) < 0) {
        fault_t fault = fail (&self, to);
        close (source);
        return fault;
    }
    return walk (&self, source, target, 0);
}

fault_t folder_size (turn_t *turn, const char *folder, int64_t *size)
{
    copy_t self = {.turn = turn, .root = folder, .count_only = true};
    int source = open (folder, FOLDER_FLAGS);
    *size = 0;
    if (source < 0)
        return fail (&self, ".");
    fault_t fault = walk (&self, source, -1, 0);
    *size = self.bytes;
    return fault;
}
