/* inlet.h - waiting for several ZeroMQ sockets and descriptors with one system call.
 *
 * zmq_poll() asks every socket twice a wait, by a system call each. But a socket's own descriptor (ZMQ_FD) tells of every change, once,
 * unless the socket was used meanwhile: then the change may have been noticed on the way, and it must be asked before one sleeps. So
 * whoever sends to a socket says so, and whoever receives does it until there is nothing more. */

#ifndef OPENCICD_INLET_H
#define OPENCICD_INLET_H

#include <czmq.h>

#define INLETS_MAX 160 // Of one wait

typedef struct {
    void *socket; // NULL: a plain descriptor
    int fd;
    bool used;  // Since it was found empty: its descriptor may not tell
    bool ready; // Found by the last wait; a socket may turn out to be empty
} inlet_t;

inlet_t inlet_of_socket (zsock_t *socket); // Borrows; belongs to the thread that uses the socket
inlet_t inlet_of_fd (int fd);
bool inlet_has_message (inlet_t *self); // Asks the socket
zmsg_t *inlet_receive (inlet_t *self);  // NULL where nothing is there

// Until one is ready, or the time is over; -1 waits for ever. False where waiting is not possible any more.
bool inlets_wait (inlet_t *const *list, size_t count, long timeout_ms);

#endif
