/* give.c - see give.h. By descriptors, a folder at a time: a path could be exchanged for a link between two looks at it. */

#include "common/os/give.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX    128 // Folders within one another; what is deeper stays as it is
#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static bool is_dots (const char *name)
{
    return strcmp (name, ".") == 0 || strcmp (name, "..") == 0;
}

static void give_entries (int fd, dev_t device, const give_t *to, unsigned depth)
{
    DIR *folder = fdopendir (fd); // Takes it
    struct dirent *entry;
    while (folder && (entry = readdir (folder))) {
        struct stat status;
        if (is_dots (entry->d_name) || fstatat (fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
            status.st_dev != device)
            continue;
        if (status.st_uid != to->user)
            (void) !fchownat (fd, entry->d_name, to->user, to->group, AT_SYMLINK_NOFOLLOW);
        int inner =
            S_ISDIR (status.st_mode) && depth < DEPTH_MAX ? openat (fd, entry->d_name, FOLDER_FLAGS) : -1;
        if (inner >= 0)
            give_entries (inner, device, to, depth + 1);
    }
    if (folder)
        closedir (folder);
    else
        close (fd);
}

void give_folder (const char *path, const give_t *to)
{
    struct stat status;
    int fd = geteuid () != 0 ? -1 : open (path, FOLDER_FLAGS);
    if (fd < 0)
        return;
    if (fstat (fd, &status) != 0) {
        close (fd);
        return;
    }
    if (status.st_uid != to->user)
        (void) !fchown (fd, to->user, to->group);
    give_entries (fd, status.st_dev, to, 0);
}
