/* pollable.c - see pollable.h. */

#include "common/bus/pollable.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>

pollable_t pollable_of_socket (zsock_t *socket)
{
    pollable_t self = {.socket = zsock_resolve (socket), .used = true};
    size_t size = sizeof (self.fd);
    if (zmq_getsockopt (self.socket, ZMQ_FD, &self.fd, &size) != 0)
        self.fd = -1; // Its context is ending
    return self;
}

pollable_t pollable_of_fd (int fd)
{
    return (pollable_t){.fd = fd};
}

bool pollable_has_message (pollable_t *self)
{
    int events = 0;
    size_t size = sizeof (events);
    self->used = zmq_getsockopt (self->socket, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN);
    return self->used;
}

zmsg_t *pollable_receive (pollable_t *self)
{
    zmsg_t *message = zmsg_recv_nowait (self->socket);
    self->used = message != NULL;
    return message;
}

bool pollables_wait (pollable_t *const *list, size_t count, long timeout_ms)
{
    struct pollfd polls[POLLABLES_MAX];
    assert (count <= POLLABLES_MAX);
    for (size_t i = 0; i < count; i++) {
        pollable_t *self = list[i];
        polls[i] = (struct pollfd){.fd = self->fd, .events = POLLIN};
        self->ready = self->used && pollable_has_message (self);
        if (self->ready)
            timeout_ms = 0;
    }
    if (poll (polls, count, (int) timeout_ms) < 0 && errno != EINTR)
        return false;
    for (size_t i = 0; i < count; i++)
        list[i]->ready |= polls[i].revents != 0;
    return true;
}
