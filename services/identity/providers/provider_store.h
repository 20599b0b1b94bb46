/* provider_store.h - table `providers`. The only file that reads or writes it. Secrets are as they are stored, sealed. */

#ifndef OPENCICD_PROVIDERS_PROVIDER_STORE_H
#define OPENCICD_PROVIDERS_PROVIDER_STORE_H

#include "common/base/bytes.h"
#include "common/db/db.h"
#include "proto/messages.h"

typedef struct {
    provider_t provider; // id NULL: there is none
    bytes_t sealed;      // The client secret; of 0 bytes: none
    const char *key_name;
} provider_row_t;

typedef struct {
    provider_row_t *items;
    size_t count;
} provider_stored_t;

MUST_USE fault_t provider_store_all (db_t *db, turn_t *turn, provider_stored_t *out); // By name
MUST_USE fault_t provider_store_find (db_t *db, turn_t *turn, const char *named,
                                      provider_row_t *out); // By id or name
MUST_USE fault_t provider_store_put (db_t *db, turn_t *turn,
                                     const provider_row_t *row); // What is there of its id is replaced
MUST_USE fault_t provider_store_remove (db_t *db, turn_t *turn, const char *id);
MUST_USE fault_t provider_store_resealed (db_t *db, turn_t *turn, const provider_row_t *row);

#endif
