/* directory.h - which replica of which service is where: rows with a heartbeat, in the database.
 *
 * Each process writes the rows of the services it hosts every DIRECTORY_HEARTBEAT_S seconds and updates its bus with what it reads. A replica
 * whose row has not changed for DIRECTORY_SILENT_S is left out; it may come back. Time in which the database could not be read does
 * not count, and neither do the hosts' clocks. A process that ends removes its rows. */

#ifndef OPENCICD_DIRECTORY_H
#define OPENCICD_DIRECTORY_H

#include "common/bus/bus.h"
#include "common/db/db.h"

#define DIRECTORY_HEARTBEAT_S 2
#define DIRECTORY_SILENT_S    7
#define DIRECTORY_KEPT_S      86400 // Rows of processes that were killed

typedef struct directory directory_t;

// Owns *db_p, migrated ("directory"), from now on. Reads once before it returns, so that the bus knows the replicas.
MUST_USE fault_t directory_new (directory_t **out, turn_t *turn, db_t **db_p, bus_t *bus);
void directory_destroy (directory_t **self_p);

// Announces a replica of this process. Written before it returns.
MUST_USE fault_t directory_announce (directory_t *self, turn_t *turn, const char *service,
                                     const char *endpoint);

#endif
