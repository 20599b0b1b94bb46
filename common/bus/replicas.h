/* replicas.h - the replicas of services in other processes that one thread is connected to, and which of them to ask. Internal to the
 * bus; bus_requests.h knows what is in flight to them. */

#ifndef OPENCICD_REPLICAS_H
#define OPENCICD_REPLICAS_H

#include "common/bus/bus.h"
#include "common/bus/replica.h"

#define REPLICAS_SOCKETS 64 // Of all services
#define REPLICAS_BUSIER \
    16 // How many more requests the preferred replica may have in flight before another one is asked

typedef struct replicas replicas_t;

replicas_t *replicas_new (bus_t *bus);
void replicas_destroy (replicas_t **self_p);
size_t replicas_count (const replicas_t *self);
replica_t *replicas_at (replicas_t *self, size_t index);

// The best replica for a request. `last` got it before (NULL: none did) and is returned only if there is no other; `once`: it must
// not run twice. Connects to replicas that are new in the directory. NULL if none can take it.
replica_t *replicas_choose (replicas_t *self, const char *service, bool once, const replica_t *last);
bool replicas_have_another (const replicas_t *self, const replica_t *than);
bool replicas_may_connect (const replicas_t *self,
                           const char *service); // There is one whose connection may come
// Disconnects from replicas that the directory no longer names and that have nothing in flight.
void replicas_leave (replicas_t *self);
size_t replicas_pollables (replicas_t *self, pollable_t *list[2 * REPLICAS_SOCKETS]); // Gives their number

#endif
