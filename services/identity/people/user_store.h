/* user_store.h - table `users`. The only file that reads or writes it. */

#ifndef OPENCICD_IDENTITY_USER_STORE_H
#define OPENCICD_IDENTITY_USER_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

typedef struct {
    const char *id; // NULL: there is none
    const char *name;
    const char *display_name;
    const char *email;
    const char *role;
    const char *password; // Its hash; "" where there is none
    const char *created_by;
    int64_t created_at;
    int64_t signed_in_at;
    bool service;
    bool disabled;
    bool has_factor;
    uint32_t identities; // At providers
} user_row_t;

typedef struct {
    user_row_t *items;
    size_t count;
} user_rows_t;

MUST_USE fault_t user_store_add (db_t *db, turn_t *turn, const user_row_t *row);
// By id or name, unless they were removed; id NULL where there is none.
MUST_USE fault_t user_store_find (db_t *db, turn_t *turn, const char *named, user_row_t *out);
// By id, locked until the unit of work ends.
MUST_USE fault_t user_store_hold (db_t *db, turn_t *turn, const char *id, user_row_t *out);
MUST_USE fault_t user_store_page (db_t *db, turn_t *turn, bool service, const char *after, int64_t limit,
                                  user_rows_t *out);
MUST_USE fault_t user_store_count (db_t *db, turn_t *turn, int64_t *out); // With service accounts
// Has anybody the name, or had it?
MUST_USE fault_t user_store_is_taken (db_t *db, turn_t *turn, const char *name, bool *out);
// People who can sign in as ADMIN, without this one.
MUST_USE fault_t user_store_admins (db_t *db, turn_t *turn, const char *but, int64_t *out);

MUST_USE fault_t user_store_change (db_t *db, turn_t *turn,
                                    const user_row_t *row); // What they are called, and may
// What they say of themselves; nothing where they were removed meanwhile.
MUST_USE fault_t user_store_change_about (db_t *db, turn_t *turn, const user_row_t *row);
MUST_USE fault_t user_store_set_password (db_t *db, turn_t *turn, const char *id, const char *hash);
MUST_USE fault_t user_store_set_disabled (db_t *db, turn_t *turn, const char *id, bool disabled);
MUST_USE fault_t user_store_signed_in (db_t *db, turn_t *turn, const char *id);
// Only the name stays, so that nobody else is taken for them.
MUST_USE fault_t user_store_remove (db_t *db, turn_t *turn, const char *id);

#endif
