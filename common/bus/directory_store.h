/* directory_store.h - the only reader and writer of table `replicas`. */

#ifndef OPENCICD_DIRECTORY_STORE_H
#define OPENCICD_DIRECTORY_STORE_H

#include "common/db/db.h"

#define DIRECTORY_ROWS 500 // Replicas of all services that are read

MUST_USE fault_t directory_store_heartbeat (db_t *db, turn_t *turn, const char *service,
                                            const char *endpoint);
MUST_USE fault_t directory_store_forget (db_t *db, turn_t *turn, const char *endpoint);
// Removes rows not written since then.
MUST_USE fault_t directory_store_clean (db_t *db, turn_t *turn, int64_t since_us);
// Rows of (service, endpoint, seen_at) written since then, the newest first, at most DIRECTORY_ROWS.
MUST_USE fault_t directory_store_list (db_t *db, turn_t *turn, int64_t since_us, const rows_t **rows);

#endif
