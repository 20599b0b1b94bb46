/* rooted.c - see rooted.h. */

#include "common/os/rooted.h"

#include "common/os/file.h"
#include "common/os/folder.h"
#include "common/os/folder_empty.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int rooted_open (int root, const char *path, int flags, unsigned mode)
{
    if (root == ROOTED_OURS)
        return open (path, flags | O_CLOEXEC, mode);
    const struct open_how how = {.flags = (unsigned) (flags | O_CLOEXEC),
                                 .mode = flags & O_CREAT ? mode : 0,
                                 .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    int fd;
    do // EAGAIN: something was renamed while ".." was followed
        fd = (int) syscall (SYS_openat2, root, path, &how, sizeof (how));
    while (fd < 0 && errno == EAGAIN);
    return fd;
}

static int close_with (int fd, int error)
{
    close (fd);
    errno = error;
    return -1;
}

int rooted_open_plain (int root, const char *path)
{
    struct stat status;
    int fd =
        rooted_open (root, path, O_RDONLY | O_NONBLOCK, 0); // Whoever opens a pipe waits for its other end
    if (fd >= 0 && (fstat (fd, &status) != 0 || !S_ISREG (status.st_mode)))
        return close_with (fd, EINVAL);
    return fd;
}

DIR *rooted_list (int root, const char *path)
{
    int fd = rooted_open (root, path, O_RDONLY | O_DIRECTORY, 0);
    DIR *list = fd < 0 ? NULL : fdopendir (fd);
    if (fd >= 0 && !list)
        close_with (fd, errno);
    return list;
}

int rooted_stat (int root, const char *path, bool follow, struct stat *out)
{
    int fd = rooted_open (root, path, O_PATH | (follow ? 0 : O_NOFOLLOW), 0);
    if (fd < 0)
        return -1;
    if (fstat (fd, out) != 0)
        return close_with (fd, errno);
    close (fd);
    return 0;
}

// The folder that a path is in, and its last part.
static int open_parent (int root, const char *path, const char **name)
{
    char parent[4096];
    const char *slash = strrchr (path, '/');
    size_t size = slash ? (size_t) (slash - path) : 0;
    if (!slash || size >= sizeof (parent)) {
        errno = slash ? ENAMETOOLONG : EINVAL;
        return -1;
    }
    memcpy (parent, path, size);
    parent[size] = 0;
    *name = slash + 1;
    return rooted_open (root, size ? parent : "/", O_PATH | O_DIRECTORY, 0);
}

int rooted_unlink (int root, const char *path)
{
    const char *name;
    int parent = open_parent (root, path, &name);
    if (parent < 0)
        return -1;
    if (unlinkat (parent, name, 0) != 0)
        return close_with (parent, errno);
    close (parent);
    return 0;
}

fault_t rooted_read (turn_t *turn, int root, const char *path, size_t max, const char **out)
{
    int fd = rooted_open_plain (root, path);
    if (fd < 0 && errno == EINVAL)
        return turn_fail (turn, INVALID, "%s is not a file", path);
    if (fd < 0)
        return turn_fail (turn, fault_from_errno (errno), "%s cannot be read: %m", path);
    return file_read_open (turn, fd, path, max, out);
}

fault_t rooted_make_folders (turn_t *turn, int root, const char *path)
{
    char *part = arena_strdup (turn->arena, path);
    if (root == ROOTED_OURS)
        return folder_make_open (turn, path);
    for (char *at = part + 1;; at++) {
        if (*at && *at != '/')
            continue;
        char after = *at;
        const char *name;
        *at = 0;
        int parent = open_parent (root, part, &name);
        bool good = parent >= 0 && (!*name || mkdirat (parent, name, 0755) == 0 || errno == EEXIST);
        int error = errno;
        if (parent >= 0)
            close (parent);
        if (!good)
            return turn_fail (turn, fault_from_errno (error), "cannot make the folder %s: %s", part,
                              strerror (error));
        *at = after;
        if (!after)
            break;
    }
    struct stat status;
    if (rooted_stat (root, path, true, &status) != 0 || !S_ISDIR (status.st_mode))
        return turn_fail (turn, CONFLICT, "%s is not a folder", path);
    return OK;
}

fault_t rooted_empty (int root, const char *path)
{
    return folder_empty_open (rooted_open (root, path, O_RDONLY | O_DIRECTORY, 0));
}
