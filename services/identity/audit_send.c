/* audit_send.c - see audit_send.h. One connection for each call: a receiver that was restarted, or moved, is found again.
 *
 * A datagram is one message. In a stream each has its length before it (RFC 6587, 3.4.1), because texts may hold line feeds. */

#include "services/identity/audit_send.h"

#include "common/base/clock.h"
#include "common/base/url.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SEND_SECONDS 10 // For one call, connecting included

fault_t audit_target_parse (turn_t *turn, const char *text, audit_target_t *out)
{
    url_t url;
    *out = (audit_target_t){.kind = SEND_UNIX};
    if (strncmp (text, "unix:", 5) == 0) {
        out->path = text + 5;
        if (out->path[0] == '/' && strlen (out->path) < sizeof ((struct sockaddr_un *) NULL)->sun_path)
            return OK;
        return turn_fail (turn, INVALID, "audit_syslog: unix: must be followed by the path of a socket");
    }
    TRY (url_parse (turn, text, &url));
    bool udp = strcmp (url.scheme, "udp") == 0, rest = url.has_user || *url.path || url.query || url.fragment;
    if ((!udp && strcmp (url.scheme, "tcp") != 0) || !*url.host || url.port == 0 || rest)
        return turn_fail (turn, INVALID,
                          "audit_syslog: must be udp://HOST:PORT, tcp://HOST:PORT or unix:PATH");
    *out = (audit_target_t){.kind = udp ? SEND_UDP : SEND_TCP,
                            .host = url.host,
                            .port = arena_printf (turn->arena, "%u", url.port)};
    return OK;
}

static fault_t failed (turn_t *turn, const char *what, int error)
{
    return turn_fail (turn, UNAVAILABLE, "%s: %s", what, strerror (error));
}

// Until the socket can be written to.
static fault_t wait_for (turn_t *turn, int fd, int64_t until_us)
{
    struct pollfd item = {.fd = fd, .events = POLLOUT};
    int64_t left_us = until_us - clock_monotonic_us ();
    int found = left_us > 0 ? poll (&item, 1, (int) (left_us / 1000) + 1) : 0;
    int error = 0;
    socklen_t size = sizeof error;
    if (found < 0 && errno != EINTR)
        return failed (turn, "poll", errno);
    if (found == 0)
        return turn_fail (turn, UNAVAILABLE, "it took longer than %d s", SEND_SECONDS);
    if (getsockopt (fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error)
        return failed (turn, "connect", error);
    return OK;
}

static fault_t join (turn_t *turn, int fd, const struct sockaddr *address, socklen_t size, int64_t until_us)
{
    if (fd < 0)
        return failed (turn, "socket", errno);
    if (connect (fd, address, size) == 0)
        return OK;
    return errno == EINPROGRESS ? wait_for (turn, fd, until_us) : failed (turn, "connect", errno);
}

#define FLAGS (SOCK_CLOEXEC | SOCK_NONBLOCK)

static fault_t open_unix (turn_t *turn, const char *path, int *fd, int64_t until_us)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf (address.sun_path, sizeof address.sun_path, "%s", path);
    *fd = socket (AF_UNIX, SOCK_DGRAM | FLAGS, 0);
    return join (turn, *fd, (const struct sockaddr *) &address, sizeof address, until_us);
}

static fault_t open_inet (turn_t *turn, const audit_target_t *target, int *fd, int64_t until_us)
{
    struct addrinfo hints = {.ai_socktype = target->kind == SEND_UDP ? SOCK_DGRAM : SOCK_STREAM},
                    *list = NULL;
    int error = getaddrinfo (target->host, target->port, &hints, &list);
    if (error)
        return turn_fail (turn, UNAVAILABLE, "%s: %s", target->host, gai_strerror (error));
    fault_t fault = UNAVAILABLE;
    for (struct addrinfo *at = list; at && fault != OK; at = at->ai_next) {
        if (*fd >= 0)
            close (*fd);
        *fd = socket (at->ai_family, at->ai_socktype | FLAGS, at->ai_protocol);
        fault = join (turn, *fd, at->ai_addr, at->ai_addrlen, until_us);
    }
    freeaddrinfo (list);
    return fault;
}

static fault_t put (turn_t *turn, int fd, const char *data, size_t size, int64_t until_us)
{
    while (size > 0) {
        ssize_t sent = send (fd, data, size, MSG_NOSIGNAL);
        if (sent > 0) {
            data += sent;
            size -= (size_t) sent;
        } else if (errno == EAGAIN)
            TRY (wait_for (turn, fd, until_us));
        else if (errno != EINTR)
            return failed (turn, "send", errno);
    }
    return OK;
}

fault_t audit_send (turn_t *turn, const char *to, const strs_t *lines)
{
    audit_target_t target;
    int fd = -1;
    int64_t until_us = clock_monotonic_us () + SECONDS (SEND_SECONDS);
    TRY (audit_target_parse (turn, to, &target));
    fault_t fault = target.kind == SEND_UNIX ? open_unix (turn, target.path, &fd, until_us)
                                             : open_inet (turn, &target, &fd, until_us);
    for (size_t i = 0; fault == OK && i < lines->count; i++) {
        const char *line = lines->items[i];
        if (target.kind == SEND_TCP)
            line = arena_printf (turn->arena, "%zu %s", strlen (line), line);
        fault = put (turn, fd, line, strlen (line), until_us);
    }
    if (fd >= 0)
        close (fd);
    return fault;
}
