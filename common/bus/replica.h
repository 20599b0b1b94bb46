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
    int64_t heard_us;    // When it last answered anything; monotonic
    int64_t probed_us;   // When a probe was sent that is not answered yet; monotonic; 0: none is
} replica_t;

// NULL if its address cannot be connected to.
replica_t *replica_new (const bus_t *bus, const char *service, const char *endpoint);
void replica_destroy (replica_t **self_p);

void replica_heard (replica_t *self, int64_t now); // It answered something
void replica_mark_silent (replica_t *self, int64_t now);
// Has it left a probe unanswered for that long? If it has answered nothing for as long, sends one. What is slow leaves requests unanswered,
// what leaves a probe unanswered is frozen or gone.
MUST_USE bool replica_fails_probe (replica_t *self, int64_t now, int64_t for_us);
bool replica_was_silent (const replica_t *self, int64_t now); // Recently

#endif
