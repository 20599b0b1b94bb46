/* systemd.c - see systemd.h. */

#include "common/os/systemd.h"

#include "common/base/log.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define VARIABLE "NOTIFY_SOCKET"

static struct sockaddr_un manager;
static socklen_t manager_size; // 0: no service manager

void systemd_begin (void)
{
    const char *path = getenv (VARIABLE);
    size_t size = path ? strlen (path) : 0;
    manager_size = 0;
    if (size > 1 && size < sizeof manager.sun_path && (*path == '/' || *path == '@')) {
        manager = (struct sockaddr_un){.sun_family = AF_UNIX};
        memcpy (manager.sun_path, path, size);
        if (*path == '@') // Linux: a name without a file
            manager.sun_path[0] = 0;
        manager_size = (socklen_t) (offsetof (struct sockaddr_un, sun_path) + size);
    }
    unsetenv (VARIABLE);
}

static void notify (const char *state)
{
    if (manager_size == 0)
        return;
    int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ssize_t sent = -1;
    if (fd >= 0)
        sent = sendto (fd, state, strlen (state), MSG_NOSIGNAL, (const struct sockaddr *) &manager,
                       manager_size);
    if (sent < 0)
        log_warn ("the service manager cannot be notified", "state", state, "reason", strerror (errno), NULL);
    if (fd >= 0)
        close (fd);
}

void systemd_ready (void)
{
    notify ("READY=1");
}

void systemd_stopping (void)
{
    notify ("STOPPING=1");
}
