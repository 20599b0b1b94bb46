/* inlet.c - see inlet.h. */

#include "common/inlet.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>

inlet_t inlet_of_socket (zsock_t *socket)
{
    inlet_t self = {.socket = zsock_resolve (socket), .used = true};
    size_t size = sizeof (self.fd);
    if (zmq_getsockopt (self.socket, ZMQ_FD, &self.fd, &size) != 0)
        self.fd = -1; // Its context is ending
    return self;
}

inlet_t inlet_of_fd (int fd)
{
    return (inlet_t){.fd = fd};
}

bool inlet_has_message (inlet_t *self)
{
    int events = 0;
    size_t size = sizeof (events);
    self->used = zmq_getsockopt (self->socket, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN);
    return self->used;
}

zmsg_t *inlet_receive (inlet_t *self)
{
    zmsg_t *message = zmsg_recv_nowait (self->socket);
    self->used = message != NULL;
    return message;
}

bool inlets_wait (inlet_t *const *list, size_t count, long timeout_ms)
{
    struct pollfd polls[INLETS_MAX];
    assert (count <= INLETS_MAX);
    for (size_t i = 0; i < count; i++) {
        inlet_t *self = list[i];
        polls[i] = (struct pollfd){.fd = self->fd, .events = POLLIN};
        self->ready = self->used && inlet_has_message (self);
        if (self->ready)
            timeout_ms = 0;
    }
    if (poll (polls, count, (int) timeout_ms) < 0 && errno != EINTR)
        return false;
    for (size_t i = 0; i < count; i++)
        list[i]->ready |= polls[i].revents != 0;
    return true;
}
