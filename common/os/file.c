/* file.c - see file.h. */

#include "common/os/file.h"
#include "common/base/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

fault_t file_write (turn_t *turn, const char *path, const char *text)
{
    char *beside = arena_printf (turn->arena, "%s.XXXXXX", path);
    int fd = mkostemp (beside, O_CLOEXEC); // Mode 0600
    if (fd < 0)
        return turn_fail (turn, fault_from_errno (errno), "%s cannot be written: %m", path);
    bool good = bytes_write (fd, text, strlen (text)) && fsync (fd) == 0 && rename (beside, path) == 0;
    int error = errno;
    if (!good)
        unlink (beside);
    close (fd);
    return good ? OK
                : turn_fail (turn, fault_from_errno (error), "%s cannot be written: %s", path,
                             strerror (error));
}

// Closes fd.
fault_t file_read_open (turn_t *turn, int fd, const char *path, size_t max, const char **out)
{
    char *text = arena_alloc (turn->arena, max + 2);
    size_t size = 0;
    ssize_t got = 1;
    while (size <= max && (got = read (fd, text + size, max + 1 - size)) > 0)
        size += (size_t) got;
    int error = errno;
    close (fd);
    if (got < 0)
        return turn_fail (turn, fault_from_errno (error), "%s cannot be read: %s", path, strerror (error));
    if (size > max)
        return turn_fail (turn, TOO_LARGE, "%s has more than %zu bytes", path, max);
    text[size] = 0;
    *out = text;
    return OK;
}

fault_t file_read (turn_t *turn, const char *path, size_t max, const char **out)
{
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return turn_fail (turn, fault_from_errno (errno), "%s cannot be read: %m", path);
    return file_read_open (turn, fd, path, max, out);
}

int file_open_plain (const char *path)
{
    struct stat status;
    int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); // Whoever opens a pipe waits for its other end
    if (fd >= 0 && fstat (fd, &status) == 0 && S_ISREG (status.st_mode))
        return fd;
    if (fd >= 0) {
        close (fd);
        errno = EINVAL;
    }
    return -1;
}

fault_t file_read_plain (turn_t *turn, const char *path, size_t max, const char **out)
{
    int fd = file_open_plain (path);
    if (fd < 0 && errno == EINVAL)
        return turn_fail (turn, INVALID, "%s is not a file", path);
    if (fd < 0)
        return turn_fail (turn, fault_from_errno (errno), "%s cannot be read: %m", path);
    return file_read_open (turn, fd, path, max, out);
}
