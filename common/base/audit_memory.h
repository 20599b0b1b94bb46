/* audit_memory.h - where a service leaves what people changed (common/actor/actor_audit.h), until it is taken by whoever keeps it. Texts are
 * opaque here. */

#ifndef OPENCICD_AUDIT_MEMORY_H
#define OPENCICD_AUDIT_MEMORY_H

#include "common/base/turn.h"

typedef struct {
    const char *id, *text;
} audit_record_t;

typedef struct {
    audit_record_t *items;
    size_t count;
} audit_records_t;

// `self` is the service's; see db_unit.h for one in a database.
typedef struct {
    // In the open unit of work, or one that it begins. A known id is ignored.
    fault_t (*add) (void *self, turn_t *turn, const char *service, const audit_record_t *record);
    // The oldest of a service.
    fault_t (*first) (void *self, turn_t *turn, const char *service, int64_t limit, audit_records_t *out);
    fault_t (*remove) (void *self, turn_t *turn, const char *id);
} audit_memory_t;

#endif
