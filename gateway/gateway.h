/* gateway.h - HTTP/JSON in front of the services. Holds no state; only it serves public HTTP.
 *
 * civetweb reads requests, one thread a connection; routes.h says what each route asks, who may, how large it may be; the bus
 * carries the ask. Terminate TLS in front of it: civetweb's own does not survive OpenSSL 3, so ports with `s` are refused. */

#ifndef OPENCICD_GATEWAY_H
#define OPENCICD_GATEWAY_H

#include "common/bus.h"
#include "common/job_token.h"

typedef struct gateway gateway_t;

typedef struct {
    const char *listen;        // "127.0.0.1:8080"; IPv4; port 0 takes any that is free
    uint32_t threads;          // Requests that are served at once
    uint32_t streams;          // Beside them: live logs, events, downloads, parked agents; past it 503
    uint32_t deadline_ms;      // Of one call to a service
    uint32_t body_seconds;     // A body must be there in this time
    uint32_t shutdown_seconds; // What is under way may take this long when it stops
} gateway_config_t;

#define GATEWAY_CONFIG                                  \
    ((gateway_config_t){.listen = "127.0.0.1:8080",     \
                        .threads = 32,                  \
                        .streams = 256,                 \
                        .deadline_ms = BUS_DEADLINE_MS, \
                        .body_seconds = 60,             \
                        .shutdown_seconds = 10})

// Listens and serves from now on. Borrows bus and key. BAD_INPUT for a bad address, CONFLICT where it is taken, naming it.
MUST_USE fault_t gateway_new (gateway_t **out, turn_t *turn, const gateway_config_t *config, bus_t *bus,
                              const secret_key_t *key);
// Readiness fails, what is under way is waited for, streams end, then it stops. Before the actors that it asks.
void gateway_destroy (gateway_t **self_p);
const char *gateway_address (const gateway_t *self); // "127.0.0.1:41503", with the port that was chosen

#endif
