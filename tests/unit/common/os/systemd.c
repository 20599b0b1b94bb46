/* systemd.c - what a service manager is told, and that no child can say it. */

#include "common/os/systemd.h"
#include "tests/unit/test.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// A manager's socket; its name as NOTIFY_SOCKET has it: '@' stands for the NUL of a name without a file.
static int listen_at (const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy (address.sun_path, name, strlen (name));
    if (*name == '@')
        address.sun_path[0] = 0;
    int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t size = (socklen_t) (offsetof (struct sockaddr_un, sun_path) + strlen (name));
    CHECK (fd >= 0 && bind (fd, (struct sockaddr *) &address, size) == 0);
    return fd;
}

static void check_heard (int fd, const char *want)
{
    char text[64] = "";
    ssize_t size = recv (fd, text, sizeof text - 1,
                         MSG_DONTWAIT); // A datagram to a local socket is there when it is sent
    CHECK_STR (size < 0 ? "" : text, want);
}

static void check_manager (const char *name)
{
    int fd = listen_at (name);
    setenv ("NOTIFY_SOCKET", name, 1);
    systemd_begin ();
    CHECK (!getenv ("NOTIFY_SOCKET"));
    check_heard (fd, "");
    systemd_ready ();
    check_heard (fd, "READY=1");
    systemd_stopping ();
    check_heard (fd, "STOPPING=1");
    systemd_begin (); // Nobody asks now
    systemd_ready ();
    check_heard (fd, "");
    close (fd);
}

TEST (a_service_manager_is_notified_when_we_serve_and_when_we_end_and_children_cannot_notify_it)
{
    char folder[] = "/tmp/opencicd-notify-XXXXXX", path[64], name[64];
    CHECK (mkdtemp (folder));
    snprintf (path, sizeof path, "%s/socket", folder);
    snprintf (name, sizeof name, "@opencicd-notify-%d", (int) getpid ());
    check_manager (path);
    check_manager (name);
    unlink (path);
    rmdir (folder);
}

TEST (an_address_that_is_not_one_is_left_alone)
{
    static const char *const cases[] = {"", "/", "relative", "vsock:2:1"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        setenv ("NOTIFY_SOCKET", cases[i], 1);
        systemd_begin ();
        systemd_ready ();
        CHECK (!getenv ("NOTIFY_SOCKET"));
    }
}
