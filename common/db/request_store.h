/* request_store.h - the only reader and writer of table `requests`, which each service with messages of the kind ONCE has. */

#ifndef OPENCICD_REQUEST_STORE_H
#define OPENCICD_REQUEST_STORE_H

#include "common/base/request_memory.h"
#include "common/db/db.h"

#define REQUESTS_PRUNED 200 // Old rows that one call removes
#define REQUESTS_PRUNE  64  // About once in this many calls

// CONFLICT, of this or of the commit, if there is one with this key.
MUST_USE fault_t request_store_add (db_t *db, turn_t *turn, const remembered_t *request);
MUST_USE fault_t request_store_find (db_t *db, turn_t *turn, const char *key, remembered_t *request);

#endif
