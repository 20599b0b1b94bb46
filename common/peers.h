/* peers.h - one thread's way to ask other services. Internal to the bus.
 *
 * Holds a DEALER a replica and the questions that are under way. Belongs to one thread, which polls its sockets: an actor
 * or a bus client. Every question ends in exactly one call of its `done`: with the answer, or with the reason that there is none. */

#ifndef OPENCICD_PEERS_H
#define OPENCICD_PEERS_H

#include "common/bus.h"
#include "common/inlet.h"

#define PEERS_SOCKETS 64                  // Replicas of all services that one thread talks to
#define PEERS_INLETS  (2 * PEERS_SOCKETS) // Each has a monitor

typedef struct peers peers_t;

// `detail` lives for the call. The body may be taken by setting *body_p to NULL; it is NULL unless fault is OK.
typedef void (*peers_done_fn) (void *context, fault_t fault, const char *detail, zframe_t **body_p);

peers_t *peers_new (bus_t *bus);
void peers_destroy (peers_t **self_p); // What is under way ends UNAVAILABLE

// Ask; takes *body_p. Request id, caller and deadline come from the turn. `done` may be called before this returns.
void peers_ask (peers_t *self, const turn_t *turn, uint16_t number, zframe_t **body_p, peers_done_fn done,
                void *context);

size_t peers_inlets (peers_t *self, inlet_t *list[PEERS_INLETS]); // What to wait for; gives their number
// After the wait: take the answers that are there, give up or ask again what is due.
void peers_serve (peers_t *self);
int64_t peers_due_us (const peers_t *self); // Monotonic time by which to call peers_serve; NEVER

#endif
