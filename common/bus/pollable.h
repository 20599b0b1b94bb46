/* pollable.h - waiting for several ZeroMQ sockets and descriptors with one system call.
 *
 * zmq_poll() queries every socket twice per wait, each by a system call. But a socket's own descriptor (ZMQ_FD) signals every change, once,
 * unless the socket was used meanwhile: then the change may have been consumed on the way, and the socket must be queried before sleeping. So
 * whoever sends on a socket marks it used, and whoever receives does so until it is empty. */

#ifndef OPENCICD_POLLABLE_H
#define OPENCICD_POLLABLE_H

#include <czmq.h>

#define POLLABLES_MAX 160 // Of one wait

typedef struct {
    void *socket; // NULL: a plain descriptor
    int fd;
    bool used;  // Since it was found empty: its descriptor may not signal
    bool ready; // Found by the last wait; a socket may turn out to be empty
} pollable_t;

pollable_t pollable_of_socket (zsock_t *socket); // Borrows; belongs to the thread that uses the socket
pollable_t pollable_of_fd (int fd);
bool pollable_has_message (pollable_t *self); // Queries the socket
zmsg_t *pollable_receive (pollable_t *self);  // NULL if it is empty

// Waits until one is ready or the time is over; -1 waits forever. False if waiting is no longer possible.
bool pollables_wait (pollable_t *const *list, size_t count, long timeout_ms);

#endif
