/* bus.h - how actors reach each other: names of services, messages, deadlines, retries.
 *
 * One bus_t per process. Within it a request is handed over from thread to thread (mailbox.h); between processes it is one multipart
 * ZeroMQ message. Either way it is a packed header and a packed body; its header carries request id, deadline,
 * caller and message number. It is sent to one replica of the service; where the message is safe to repeat and the replica is
 * silent for BUS_ATTEMPT_MS, to another; if it may run only once, only where the replica is gone, or frozen: it does not answer a
 * probe either. Until the deadline, never longer. No send ever blocks: a full queue is OVERLOADED.
 * Transport is never delivery: what matters is in the database. */

#ifndef OPENCICD_BUS_H
#define OPENCICD_BUS_H

#include "common/base/clock.h"
#include "common/bus/codec.h"

#define BUS_ATTEMPT_MS 250  // Then the request goes to another replica
#define BUS_ALONE_MS   2000 // Then it goes to the only replica again, which may have been restarted
#define BUS_NOWHERE_MS \
    3000 // Until a request to a service without a known replica fails: longer than a directory lags
#define BUS_DEADLINE_MS 10000 // For callers without a deadline
#define BUS_SKEW_MS     7000  // A difference of hosts' clocks up to this is not logged; nothing depends on it

typedef struct bus bus_t;

bus_t *bus_new (const codec_t *codec, wall_clock_t *clock); // Borrows both
void bus_destroy (bus_t **self_p);                          // After all actors and clients
const codec_t *bus_codec (const bus_t *self);
wall_clock_t *bus_clock (const bus_t *self);

// Where the replicas of a service are. A service without an entry is expected in this process. Thread safe.
void bus_set_endpoints (bus_t *self, const char *service, const char *const *endpoints, size_t count);

// Services are in several processes: one without an entry has no replica yet, and requests wait BUS_NOWHERE_MS. Before any actor or client
// is made.
void bus_set_apart (bus_t *self);

// Between processes: CURVE with a key pair that comes from this secret, the same in all of them. Without the
// secret a peer knows no public key, and its messages get no reply. Before any actor or client is made.
#define BUS_SECRET 32
void bus_protect (bus_t *self, const unsigned char secret[BUS_SECRET]);

// ---- a client for threads that are not actors (the gateway's workers) ----

typedef struct bus_client bus_client_t; // One multiplexing thread; any number of threads call
bus_client_t *bus_client_new (bus_t *bus);
// Fails waiting and later calls with UNAVAILABLE. Callers may still be inside; only one thread may close.
void bus_client_close (bus_client_t *self);
void bus_client_destroy (bus_client_t **self_p); // Closes it; only when no caller is inside any more
// Calls and waits, at most until turn->deadline_us. The turn gives request id, caller and arena; a failure's detail is in turn->detail.
MUST_USE fault_t bus_client_call (bus_client_t *self, turn_t *turn, uint16_t ask_number, const void *ask,
                                  void *answer);

#endif
