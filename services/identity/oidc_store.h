/* oidc_store.h - table `oidc_keys`: the keys that sign identities, sealed before they come here. The only file that reads or writes it. */

#ifndef OPENCICD_IDENTITY_OIDC_STORE_H
#define OPENCICD_IDENTITY_OIDC_STORE_H

#include "common/db/db.h"
#include "services/identity/oidc_keys.h"

// Also those that have ended and are not removed yet.
MUST_USE fault_t oidc_store_list (db_t *db, turn_t *turn, oidc_keys_t *out);
MUST_USE fault_t oidc_store_add (db_t *db, turn_t *turn, const oidc_key_row_t *row);
MUST_USE fault_t oidc_store_remove (db_t *db, turn_t *turn, const char *id); // "": all of them
MUST_USE fault_t oidc_store_resealed (db_t *db, turn_t *turn, const oidc_key_row_t *row);

#endif
