/* host.h - services in this process: their databases, their actors, their order. */

#ifndef OPENCICD_HOST_H
#define OPENCICD_HOST_H

#include "common/actor/service.h"
#include "common/bus/directory.h"

#define HOST_SERVICES   16
#define HOST_TIMEOUT_MS 2000

typedef struct host host_t;

// Opens what all services share: the data folder and the key. The detail names the problem.
MUST_USE fault_t host_new (host_t **out, turn_t *turn, const settings_t *settings, bus_t *bus);
void host_destroy (host_t **self_p); // Ends services, the last one first

// `url` of the HTTP API; `endpoint` as for actor_new. The database is migrated first, the blob store opened with the first service that has blobs.
MUST_USE fault_t host_start (host_t *self, turn_t *turn, const service_t *service, const char *url,
                             const char *endpoint);

const char *host_endpoint (const host_t *self,
                           const char *service); // What it listens at; NULL within this process
// For services in several processes: the directory, with a connection of its own.
MUST_USE fault_t host_directory (host_t *self, turn_t *turn, directory_t **out);

// Does every service's thread, and its database, answer within HOST_TIMEOUT_MS, and the blob store unless it works? UNAVAILABLE names the one that does not. From one thread.
MUST_USE fault_t host_ready (host_t *self, turn_t *turn);

const secret_key_t *host_key (const host_t *self);

#endif
