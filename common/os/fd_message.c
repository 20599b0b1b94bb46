/* fd_message.c - see fd_message.h. */

#include "common/os/fd_message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE (FD_MESSAGE_FDS * sizeof (int))];
} control_t;

bool fd_message_send (int socket, const void *data, size_t size, const int *fds, size_t count)
{
    control_t control = {.bytes = {0}};
    struct iovec part = {(void *) data, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE (count * sizeof (int));
        struct cmsghdr *header = CMSG_FIRSTHDR (&message);
        *header = (struct cmsghdr){CMSG_LEN (count * sizeof (int)), SOL_SOCKET, SCM_RIGHTS};
        memcpy (CMSG_DATA (header), fds, count * sizeof (int));
    }
    ssize_t sent;
    while ((sent = sendmsg (socket, &message, MSG_NOSIGNAL)) < 0 && errno == EINTR)
        continue;
    return sent == (ssize_t) size;
}

bool fd_message_receive (int socket, void *data, size_t size, int *fds, size_t most, size_t *count)
{
    control_t control;
    struct iovec part = {data, size};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof (control.bytes)};
    ssize_t got;
    while ((got = recvmsg (socket, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
        continue;
    bool good = got == (ssize_t) size && !(message.msg_flags & MSG_TRUNC);
    const struct cmsghdr *header = got < 0 ? NULL : CMSG_FIRSTHDR (&message);
    *count = 0;
    if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
        return good;
    size_t there = (header->cmsg_len - CMSG_LEN (0)) / sizeof (int);
    for (size_t i = 0; i < there; i++) {
        int fd;
        memcpy (&fd, CMSG_DATA (header) + i * sizeof (int), sizeof (int));
        if (good && *count < most)
            fds[(*count)++] = fd;
        else
            close (fd);
    }
    return good;
}
