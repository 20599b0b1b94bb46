/* invitation_store.h - table `invitations`. The only file that reads or writes it. */

#ifndef OPENCICD_IDENTITY_INVITATION_STORE_H
#define OPENCICD_IDENTITY_INVITATION_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

typedef struct {
    const char *id; // NULL: there is none
    const char *hash;
    const char *user; // Id of who chooses a new password; "" for somebody new
    const char *name;
    const char *role;
    const char *email;
    const char *created_by;
    int64_t created_at;
    int64_t expires_at;
    bool drop_factor;
} invitation_row_t;

typedef struct {
    invitation_row_t *items;
    size_t count;
} invitation_rows_t;

MUST_USE fault_t invitation_store_add (db_t *db, turn_t *turn, const invitation_row_t *row);
// What has not expired.
MUST_USE fault_t invitation_store_find (db_t *db, turn_t *turn, const char *hash, invitation_row_t *out);
MUST_USE fault_t invitation_store_page (db_t *db, turn_t *turn, const char *after, int64_t limit,
                                        invitation_rows_t *out);
MUST_USE fault_t invitation_store_remove (db_t *db, turn_t *turn, const char *id, bool *removed);
MUST_USE fault_t invitation_store_remove_of (db_t *db, turn_t *turn, const char *user);
// Those that have expired; then *left is how many there are.
MUST_USE fault_t invitation_store_tidy (db_t *db, turn_t *turn, int64_t *left);

#endif
