/* token_store.h - table `tokens`. The only file that reads or writes it. */

#ifndef OPENCICD_TOKEN_STORE_H
#define OPENCICD_TOKEN_STORE_H

#include "common/db.h"
#include "proto/messages.h"

MUST_USE fault_t token_store_add (db_t *db, turn_t *turn, const token_t *token, const char *hash);
// The one with this hash that has not expired; role NULL where there is none.
MUST_USE fault_t token_store_find (db_t *db, turn_t *turn, const char *hash, principal_t *out);
// Up to `limit` tokens in the order of their making, after the one with id `after`.
MUST_USE fault_t token_store_list (db_t *db, turn_t *turn, const char *after, uint32_t limit,
                                   token_items_t *out);
MUST_USE fault_t token_store_role (db_t *db, turn_t *turn, const char *id, const char **role); // NULL: none
// How many of this role have not expired; NULL counts all that are stored.
MUST_USE fault_t token_store_count (db_t *db, turn_t *turn, const char *role, int64_t *out);
MUST_USE fault_t token_store_remove (db_t *db, turn_t *turn, const char *id);
MUST_USE fault_t token_store_remove_of (db_t *db, turn_t *turn, const char *subject);
MUST_USE fault_t token_store_remove_expired (db_t *db, turn_t *turn);

#endif
