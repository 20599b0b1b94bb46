/* bus.h - how actors reach each other: names of services, messages, deadlines, retries.
 *
 * One bus_t a process. A request is one multipart ZeroMQ message (header, body); its header carries request id, deadline,
 * caller and message number. It is sent to one replica of the service; where the message may be asked again and the replica is
 * silent for BUS_ATTEMPT_MS, or gone, to another; until the deadline, never longer. No send ever blocks: a full queue is OVERLOADED.
 * Transport is never delivery: what matters is in the database. */

#ifndef OPENCICD_BUS_H
#define OPENCICD_BUS_H

#include "common/clock.h"
#include "common/codec.h"

#define BUS_ATTEMPT_MS 250  // Then another replica is asked
#define BUS_ALONE_MS   2000 // Then the only replica is asked again: it may have been restarted
#define BUS_NOWHERE_MS \
    3000 // Until a service that nobody names is given up: longer than a directory is behind
#define BUS_DEADLINE_MS 10000 // For callers that name none
#define BUS_SKEW_MS     7000  // By which clocks of hosts may differ
#define BUS_QUEUE       1000  // Messages that wait in one socket

typedef struct bus bus_t;

bus_t *bus_new (const codec_t *codec, wall_clock_t *clock); // Borrows both
void bus_destroy (bus_t **self_p);                          // After all actors and clients
const codec_t *bus_codec (const bus_t *self);
wall_clock_t *bus_clock (const bus_t *self);

// Where the replicas of a service are. Without an entry a service is looked for in this process (inproc). Thread safe.
void bus_set_endpoints (bus_t *self, const char *service, const char *const *endpoints, size_t count);

// Services are in several processes: one without an entry is nowhere, and is waited for for BUS_NOWHERE_MS. Before any actor or client
// is made.
void bus_set_apart (bus_t *self);

// Between processes: CURVE with a key pair that comes from this secret, the same in all of them. Who does not have the
// secret knows no public key and cannot say a word; to him it is silence. Before any actor or client is made.
#define BUS_SECRET 32
void bus_protect (bus_t *self, const unsigned char secret[BUS_SECRET]);

// ---- a client for threads that are not actors (the gateway's workers) ----

typedef struct bus_client bus_client_t; // One multiplexing thread; any number of threads call
bus_client_t *bus_client_new (bus_t *bus);
// Fails what waits, and every later call, with UNAVAILABLE. Callers may still be inside; one thread closes.
void bus_client_close (bus_client_t *self);
void bus_client_destroy (bus_client_t **self_p); // Closes; when no caller is inside any more
// Ask and wait, at most until turn->deadline_us. The turn gives request id, caller and arena; a failure's detail is in turn->detail.
MUST_USE fault_t bus_client_call (bus_client_t *self, turn_t *turn, uint16_t ask_number, const void *ask,
                                  void *answer);

#endif
