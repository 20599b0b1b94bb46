/* factor_store.h - tables `second_factors` and `recovery_codes`. The only file that writes them. */

#ifndef OPENCICD_IDENTITY_FACTOR_STORE_H
#define OPENCICD_IDENTITY_FACTOR_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

typedef struct {
    const char *user; // NULL: there is none
    bytes_t sealed;   // The key in hex
    const char *key_name;
    int64_t step; // Of the last code that was used
    bool confirmed;
} factor_row_t;

typedef struct {
    factor_row_t *items;
    size_t count;
} factor_rows_t;

MUST_USE fault_t factor_store_find (db_t *db, turn_t *turn, const char *user, factor_row_t *out);
MUST_USE fault_t factor_store_put (db_t *db, turn_t *turn, const factor_row_t *row); // Not confirmed
MUST_USE fault_t factor_store_confirm (db_t *db, turn_t *turn, const char *user);
// *used is false where a code of this step, or of a later one, was used already.
MUST_USE fault_t factor_store_use (db_t *db, turn_t *turn, const char *user, int64_t step, bool *used);
MUST_USE fault_t factor_store_remove (db_t *db, turn_t *turn, const char *user); // With the recovery codes

MUST_USE fault_t recovery_store_put (db_t *db, turn_t *turn, const char *user,
                                     const strs_t *hashes); // In place of others
MUST_USE fault_t recovery_store_use (db_t *db, turn_t *turn, const char *user, const char *hash, bool *used);

MUST_USE fault_t factor_store_keys (db_t *db, turn_t *turn, strs_t *out); // Names of keys that sealed any
MUST_USE fault_t factor_store_of_key (db_t *db, turn_t *turn, const char *key_name, int64_t limit,
                                      factor_rows_t *out);
MUST_USE fault_t factor_store_resealed (db_t *db, turn_t *turn, const factor_row_t *row);

#endif
