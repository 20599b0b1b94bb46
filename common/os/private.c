/* private.c - see private.h. Files that we make are 0600 and folders 0700 from the start; this is about what was there before, was copied
 * or was opened by hand. */

#include "common/os/private.h"

#include "common/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

fault_t private_folder (turn_t *turn, const char *path)
{
    struct stat status;
    if (stat (path, &status) != 0)
        return turn_fail (turn, fault_from_errno (errno), "%s: %s", path, strerror (errno));
    if (!(status.st_mode & S_IWOTH)) {
        if (status.st_mode & 077)
            log_warn ("others may look into the data folder; chmod 700 it", "folder", path, NULL);
    } else if (chmod (path, 0700) == 0) // A volume that was just mounted, often
        log_warn ("the data folder was writable by everybody; others have no access to it now", "folder",
                  path, NULL);
    else
        log_warn ("everybody may write to the data folder: use a folder below it", "folder", path, NULL);
    return OK;
}

static fault_t close_to_others (turn_t *turn, const char *path, int fd)
{
    struct stat status;
    if (fstat (fd, &status) != 0)
        return turn_fail (turn, fault_from_errno (errno), "%s: %s", path, strerror (errno));
    if (!S_ISREG (status.st_mode) || !(status.st_mode & 077))
        return OK;
    if (fchmod (fd, 0600) != 0)
        return turn_fail (turn, BAD_INPUT, "%s: others may read this file; chmod 600 it", path);
    log_warn ("this file was readable by others; they have no access to it now", "file", path, NULL);
    return OK;
}

fault_t private_file (turn_t *turn, const char *path)
{
    int fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? OK
                               : turn_fail (turn, fault_from_errno (errno), "%s: %s", path, strerror (errno));
    fault_t fault = close_to_others (turn, path, fd);
    close (fd);
    return fault;
}
