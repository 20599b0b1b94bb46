/* db_unit.h - a service's unit of work that is one transaction, begun by the first handler that writes.
 *
 * So a batch that only reads never takes the writer's lock. For an actor_class_t whose self begins with its `db_t *db`. */

#ifndef OPENCICD_DB_UNIT_H
#define OPENCICD_DB_UNIT_H

#include "common/base/audit_memory.h"
#include "common/base/request_memory.h"
#include "common/db/db.h"

// Before the first write of a handler; harmless when it has begun.
MUST_USE fault_t db_unit_write (db_t *db, turn_t *turn);

// Rows of the class. `self` points to a struct whose first member is a db_t *.
MUST_USE fault_t db_unit_commit (void *self, turn_t *turn);
void db_unit_rollback (void *self);
uint64_t db_unit_writes (void *self);
bool db_unit_in_doubt (void *self);
extern const audit_memory_t db_unit_audit;      // In table `audit_outbox`, migrated ("audit")
extern const request_memory_t db_unit_requests; // In table `requests`, migrated ("requests")
MUST_USE fault_t db_unit_announce (void *self, turn_t *turn, const char *service, const char *text);

#endif
