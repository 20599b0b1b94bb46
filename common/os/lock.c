/* lock.c - record locks (fcntl), because they reveal the holder. */

#include "common/os/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

fault_t lock_take (int *fd, turn_t *turn, const char *path)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    *fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0)
        return turn_fail (turn, fault_from_errno (errno), "%s: %m", path);
    if (fcntl (*fd, F_SETLK, &lock) == 0)
        return OK;
    close (*fd);
    *fd = -1;
    return turn_fail (turn, CONFLICT, "%s: process %d holds it", path, (int) lock_holder (path));
}

pid_t lock_holder (const char *path)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open (path, O_RDWR | O_CLOEXEC);
    bool held = fd >= 0 && fcntl (fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    if (fd >= 0)
        close (fd);
    return held ? lock.l_pid : 0;
}
