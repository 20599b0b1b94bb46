/* bus_requests.h - one thread's way to ask other services. Internal to the bus.
 *
 * Holds the requests in flight and the replicas that they were sent to. Belongs to one thread, which polls its sockets: an actor
 * or a bus client. Where it has no sockets, because all services are in this process, guests of the actor may use it too (guest.h). Every request ends in exactly one call of its `done`: with the answer, or with the reason that there is none. */

#ifndef OPENCICD_BUS_REQUESTS_H
#define OPENCICD_BUS_REQUESTS_H

#include "common/bus/bus.h"
#include "common/bus/mailbox.h"
#include "common/bus/pollable.h"
#include "common/bus/replicas.h"

#define BUS_REQUESTS_MAX 8192 // Under way at once; past it OVERLOADED
#define BUS_REQUESTS_POLLABLES \
    (2 * REPLICAS_SOCKETS + 1) // Each replica has a monitor; and answers of this process

typedef struct bus_requests bus_requests_t;

// `detail` lives for the call. The body may be taken by setting *body_p to NULL; it is NULL unless fault is OK.
typedef void (*bus_requests_done_fn) (void *context, fault_t fault, const char *detail, zframe_t **body_p);

bus_requests_t *bus_requests_new (bus_t *bus);
bus_requests_t *bus_requests_of_actor (bus_t *bus, struct seat *seat); // Whose seat it is; NULL: of no actor
void bus_requests_destroy (bus_requests_t **self_p);                   // Requests in flight end UNAVAILABLE

// Ask; takes *body_p. Request id, caller and deadline come from the turn. `done` may be called before this returns.
void bus_requests_ask (bus_requests_t *self, const turn_t *turn, uint16_t number, zframe_t **body_p,
                       bus_requests_done_fn done, void *context);

size_t
bus_requests_pollables (bus_requests_t *self,
                        pollable_t *list[BUS_REQUESTS_POLLABLES]); // What to wait for; returns their number
// After the wait: takes the answers that have arrived, fails or resends what is due.
void bus_requests_serve (bus_requests_t *self);
// While a guest has it, it serves only answers of this process: the sockets belong to the actor's own thread, which is polling them.
void bus_requests_lend (bus_requests_t *self, bool to_guest);
bool bus_requests_has_sockets (const bus_requests_t *self);
mailbox_t *bus_requests_answers (bus_requests_t *self); // Of services of this process
int64_t
bus_requests_due_us (const bus_requests_t *self); // Monotonic time by which to call bus_requests_serve; NEVER

#endif
