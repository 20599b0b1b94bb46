/* audit_outbox_store.h - the only reader and writer of table `audit_outbox`: what identity does not keep yet. */

#ifndef OPENCICD_AUDIT_OUTBOX_STORE_H
#define OPENCICD_AUDIT_OUTBOX_STORE_H

#include "common/db/db.h"

#define AUDIT_TEXT (16 << 10) // Bytes of one entry as JSON

typedef struct {
    const char *id, *text;
} audit_outbox_row_t;

typedef struct {
    audit_outbox_row_t *items;
    size_t count;
} audit_outbox_t;

// A known id is ignored.
MUST_USE fault_t audit_outbox_store_add (db_t *db, turn_t *turn, const char *service, const char *id,
                                         const char *text);
// The oldest of a service.
MUST_USE fault_t audit_outbox_store_first (db_t *db, turn_t *turn, const char *service, int64_t limit,
                                           audit_outbox_t *out);
MUST_USE fault_t audit_outbox_store_remove (db_t *db, turn_t *turn, const char *id);

#endif
