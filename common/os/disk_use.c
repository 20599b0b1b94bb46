/* disk_use.c - see disk_use.h. It goes by descriptors, so that nobody can turn a folder into a link under its feet. */

#include "common/os/disk_use.h"

#include "common/base/path.h"
#include "common/os/folder_empty.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 512 // Of st_blocks, stat(3type)

typedef struct {
    int64_t most, *bytes;
    const atomic_bool *stop;
} measure_t;

static fault_t add_folder (const measure_t *self, int fd, int depth);

static fault_t add_entry (const measure_t *self, int parent, const char *name, int depth)
{
    struct stat status;
    if (fstatat (parent, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return OK;
    *self->bytes += (int64_t) status.st_blocks * BLOCK;
    if (!S_ISDIR (status.st_mode))
        return OK;
    if (depth == DISK_USE_DEPTH)
        return TOO_LARGE;
    int fd = folder_open_plain (parent, name);
    return fd < 0 ? OK : add_folder (self, fd, depth + 1);
}

// Takes fd.
static fault_t add_folder (const measure_t *self, int fd, int depth)
{
    DIR *folder = fdopendir (fd);
    fault_t fault = OK;
    struct dirent *entry;
    if (!folder) {
        close (fd);
        return OK;
    }
    while (!fault && *self->bytes <= self->most && (entry = readdir (folder)))
        if (atomic_load (self->stop))
            fault = UNAVAILABLE;
        else if (!path_is_dots (entry->d_name, strlen (entry->d_name)))
            fault = add_entry (self, fd, entry->d_name, depth);
    closedir (folder);
    return fault;
}

fault_t disk_use (const char *path, int64_t most, const atomic_bool *stop, int64_t *bytes)
{
    const measure_t measure = {most, bytes, stop};
    int fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? OK : add_folder (&measure, fd, 0);
}
