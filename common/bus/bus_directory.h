/* bus_directory.h - where services are, as the bus's own parts see it. Internal to the bus. */

#ifndef OPENCICD_BUS_DIRECTORY_H
#define OPENCICD_BUS_DIRECTORY_H

#include "common/bus/bus.h"
#include "common/bus/mailbox.h"

#include <czmq.h>

#define BUS_REPLICAS 16  // Of one service
#define BUS_ENDPOINT 256 // Bytes of an endpoint with its NUL

uint64_t bus_version (bus_t *self); // Increases with every change of the endpoints
// Returns the number of replicas, as of *version.
size_t bus_endpoints (bus_t *self, const char *service, char endpoints[BUS_REPLICAS][BUS_ENDPOINT],
                      uint64_t *version);

// Adds a service of this process, which takes letters from its mailbox. False if there is one of that name.
MUST_USE bool bus_join (bus_t *self, const char *service, mailbox_t *mailbox);
void bus_leave (bus_t *self, const char *service);
// Held for the caller; NULL if it is not in this process, or has other replicas to be asked.
mailbox_t *bus_local (bus_t *self, const char *service);

// A name for one more request, unique over all processes.
#define BUS_KEY 40
void bus_key (bus_t *self, char key[BUS_KEY]);

uint64_t bus_host (const bus_t *self); // Identifies the steady clock: this machine since its boot
bool bus_may_come (bus_t *self, const char *service); // It is not known to have no replica

// Before connecting or binding beyond this process.
void bus_protect_client (const bus_t *self, zsock_t *socket);
void bus_protect_server (const bus_t *self, zsock_t *socket);

#endif
