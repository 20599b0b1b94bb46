/* flow_store.h - table `sign_in_flows`. The only file that reads or writes it. */

#ifndef OPENCICD_PROVIDERS_FLOW_STORE_H
#define OPENCICD_PROVIDERS_FLOW_STORE_H

#include "common/db/db.h"

typedef struct {
    const char *state; // Hashes; NULL: there is none
    const char *browser;
    const char *provider, *nonce, *verifier, *path, *user;
    int64_t expires_at;
} flow_row_t;

// Of more than `most` those that expire first are dropped.
MUST_USE fault_t flow_store_add (db_t *db, turn_t *turn, const flow_row_t *row, int64_t most);
// Marks the one of this state and browser, unless it is expired, or was taken.
MUST_USE fault_t flow_store_take (db_t *db, turn_t *turn, const char *state, const char *browser,
                                  bool *taken);
MUST_USE fault_t flow_store_find (db_t *db, turn_t *turn, const char *state,
                                  flow_row_t *out); // Of those that were taken
MUST_USE fault_t flow_store_remove (db_t *db, turn_t *turn, const char *state, bool *removed);

#endif
