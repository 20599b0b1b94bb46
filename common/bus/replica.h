/* replica.h - a replica of a service in another process: its connection, and whether it is there. Internal to the bus. */

#ifndef OPENCICD_REPLICA_H
#define OPENCICD_REPLICA_H

#include "common/bus/bus_directory.h"
#include "common/bus/pollable.h"

typedef struct {
    char service[64];
    char endpoint[BUS_ENDPOINT];
    zsock_t *socket;
    pollable_t pollable; // Of the socket
    zsock_t *monitor;    // Reports when its connection is made and lost
    pollable_t watch;    // Of the monitor
    bool up;             // Its connection is made
    bool down;           // Its connection was lost, or led to another service, and has not been made again
    uint64_t version;    // Of the directory that last named it
    bool gone;           // The directory no longer names it
    size_t under_way;    // Requests in flight
    int64_t silent_us;   // When it was last found silent; monotonic
    bool mute;           // It was, and has answered nothing since
} replica_t;

// NULL if its address cannot be connected to.
replica_t *replica_new (const bus_t *bus, const char *service, const char *endpoint);
void replica_destroy (replica_t **self_p);

#endif
