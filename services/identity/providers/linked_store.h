/* linked_store.h - table `linked_identities`: who is whom at which issuer. The only writer. */

#ifndef OPENCICD_PROVIDERS_LINKED_STORE_H
#define OPENCICD_PROVIDERS_LINKED_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

typedef struct {
    const char *id; // NULL: there is none
    const char *issuer, *subject, *user, *name;
    int64_t created_at, signed_in_at;
} linked_row_t;

MUST_USE fault_t linked_store_find (db_t *db, turn_t *turn, const char *issuer, const char *subject,
                                    linked_row_t *out);
// Of a user, with the provider's name and label, where there still is one. In the order in which they were linked.
MUST_USE fault_t linked_store_of (db_t *db, turn_t *turn, const char *user, linked_identity_items_t *out);
// Or to another user, where the one that it had was removed.
MUST_USE fault_t linked_store_put (db_t *db, turn_t *turn, const linked_row_t *row);
MUST_USE fault_t linked_store_signed_in (db_t *db, turn_t *turn, const char *id, const char *name);
MUST_USE fault_t linked_store_remove (db_t *db, turn_t *turn, const char *id);

#endif
