/* bus_directory.h - where services are, as the bus's own parts see it. Internal to the bus. */

#ifndef OPENCICD_BUS_DIRECTORY_H
#define OPENCICD_BUS_DIRECTORY_H

#include "common/bus.h"

#define BUS_REPLICAS 16  // Of one service
#define BUS_ENDPOINT 256 // Bytes of an endpoint with its NUL

uint64_t bus_version (bus_t *self); // Grows with every change of what follows
// Gives the number of replicas; one inproc endpoint where nothing was said of this service.
size_t bus_endpoints (bus_t *self, const char *service, char endpoints[BUS_REPLICAS][BUS_ENDPOINT]);

#endif
