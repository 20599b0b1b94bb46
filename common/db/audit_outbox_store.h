/* audit_outbox_store.h - the only reader and writer of table `audit_outbox`, which each service has that people change something in. */

#ifndef OPENCICD_AUDIT_OUTBOX_STORE_H
#define OPENCICD_AUDIT_OUTBOX_STORE_H

#include "common/base/audit_memory.h"
#include "common/db/db.h"

MUST_USE fault_t audit_outbox_add (db_t *db, turn_t *turn, const char *service, const audit_record_t *record);
MUST_USE fault_t audit_outbox_first (db_t *db, turn_t *turn, const char *service, int64_t limit,
                                     audit_records_t *out);
MUST_USE fault_t audit_outbox_remove (db_t *db, turn_t *turn, const char *id);

#endif
