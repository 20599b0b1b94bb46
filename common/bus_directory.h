/* bus_directory.h - where services are, as the bus's own parts see it. Internal to the bus. */

#ifndef OPENCICD_BUS_DIRECTORY_H
#define OPENCICD_BUS_DIRECTORY_H

#include "common/bus.h"

#include <czmq.h>

#define BUS_REPLICAS 16  // Of one service
#define BUS_ENDPOINT 256 // Bytes of an endpoint with its NUL

uint64_t bus_version (bus_t *self); // Grows with every change of what follows
// Gives the number of replicas, as of *version; one inproc endpoint where nothing was said of this service.
size_t bus_endpoints (bus_t *self, const char *service, char endpoints[BUS_REPLICAS][BUS_ENDPOINT],
                      uint64_t *version);

bool bus_is_apart (const bus_t *self);

// Before connecting or binding beyond this process.
void bus_protect_client (const bus_t *self, zsock_t *socket);
void bus_protect_server (const bus_t *self, zsock_t *socket);

#endif
