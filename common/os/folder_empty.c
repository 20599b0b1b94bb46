/* folder_empty.c - see folder_empty.h. It goes by descriptors (openat2, unlinkat), never by path, so that nobody can turn a folder into
 * a link under its feet; a folder that somebody made unreadable is opened up first. */

#include "common/os/folder_empty.h"

#include "common/base/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEPTH 32 // Folders that are open at once; what is deeper is moved up

typedef struct {
    int top;
    const atomic_bool *stop; // NULL: nobody stops it
    unsigned moved;          // Folders that were moved to the top
    unsigned number;         // Of the last name there
} emptying_t;

static fault_t empty (emptying_t *self, int fd, int depth);

int folder_open_plain (int parent, const char *name)
{
    const struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
                                 .resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS};
    return (int) syscall (SYS_openat2, parent, name, &how, sizeof (how));
}

static int open_up (int parent, const char *name)
{
    int fd = folder_open_plain (parent, name);
    if (fd < 0 && errno == EACCES && fchmodat (parent, name, 0700, 0) == 0)
        fd = folder_open_plain (parent, name);
    return fd;
}

// Takes fd, of the folder: to change its place it must be writable itself.
static fault_t move_up (emptying_t *self, int fd, int parent, const char *name)
{
    char fresh[32];
    int moved = fchmod (fd, 0700);
    close (fd);
    if (moved != 0)
        return fault_from_errno (errno);
    do {
        snprintf (fresh, sizeof (fresh), ".deep.%u", ++self->number);
        moved = renameat2 (parent, name, self->top, fresh, RENAME_NOREPLACE);
    } while (moved != 0 && errno == EEXIST);
    if (moved != 0)
        return fault_from_errno (errno);
    self->moved++;
    return OK;
}

static fault_t remove_folder (emptying_t *self, int parent, const char *name, int depth)
{
    int fd = open_up (parent, name);
    if (fd < 0)
        return fault_from_errno (errno);
    if (depth == DEPTH)
        return move_up (self, fd, parent, name);
    fault_t fault = empty (self, fd, depth + 1);
    if (!fault && unlinkat (parent, name, AT_REMOVEDIR) != 0)
        fault = fault_from_errno (errno);
    return fault;
}

static fault_t remove_entry (emptying_t *self, int parent, const struct dirent *entry, int depth)
{
    if (entry->d_type != DT_DIR && unlinkat (parent, entry->d_name, 0) == 0)
        return OK;
    if (entry->d_type != DT_DIR && errno != EISDIR)
        return fault_from_errno (errno);
    return remove_folder (self, parent, entry->d_name, depth);
}

/* Before anything in it is removed, and once: to try again what failed would try all that is below it again, at each level, which is
 * without end where something deep down stays. */
static void make_writable (int fd)
{
    struct stat is;
    if (fstat (fd, &is) == 0 && (is.st_mode & S_IRWXU) != S_IRWXU)
        (void) fchmod (fd, 0700); // Where it is somebody else's, what cannot be removed says so
}

// Takes fd.
static fault_t empty (emptying_t *self, int fd, int depth)
{
    DIR *folder = fdopendir (fd);
    if (!folder) {
        fault_t fault = fault_from_errno (errno);
        close (fd);
        return fault;
    }
    fault_t first = OK;
    struct dirent *entry;
    make_writable (fd);
    while ((entry = readdir (folder))) {
        if (path_is_dots (entry->d_name, strlen (entry->d_name)))
            continue;
        if (self->stop && atomic_load (self->stop)) {
            first = UNAVAILABLE;
            break;
        }
        fault_t fault = remove_entry (self, fd, entry, depth);
        if (fault && !first)
            first = fault;
    }
    closedir (folder);
    return first;
}

static int open_top (const char *path)
{
    char parent[PATH_MAX];
    const char *name = strrchr (path, '/');
    size_t size = name ? (size_t) (name - path) : 0;
    if (size >= sizeof parent)
        return errno = ENAMETOOLONG, -1;
    memcpy (parent, path, size);
    parent[size] = '\0';
    int fd = open (!name ? "." : size ? parent : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int top = folder_open_plain (fd, name ? name + 1 : path), error = errno;
    close (fd);
    errno = error;
    return top;
}

// Takes top.
static fault_t empty_all (int top, const atomic_bool *stop)
{
    emptying_t self = {.top = top, .stop = stop};
    fault_t fault = OK;
    if (self.top < 0)
        return fault_from_errno (errno);
    unsigned before;
    do { // What was moved up is there for the next time
        before = self.moved;
        int fd = openat (self.top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        fault = fd < 0 ? fault_from_errno (errno) : empty (&self, fd, 0);
    } while (self.moved > before && fault != UNAVAILABLE);
    close (self.top);
    return fault;
}

fault_t folder_empty_until (const char *path, const atomic_bool *stop)
{
    return empty_all (open_top (path), stop);
}

fault_t folder_empty (const char *path)
{
    return folder_empty_until (path, NULL);
}

fault_t folder_empty_open (int folder)
{
    return empty_all (folder, NULL);
}

fault_t folder_empty_volume (const char *path)
{
    return empty_all (open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), NULL);
}
