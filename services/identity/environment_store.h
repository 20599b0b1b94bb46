/* environment_store.h - table `environments`. The only file that reads or writes it. */

#ifndef OPENCICD_ENVIRONMENT_STORE_H
#define OPENCICD_ENVIRONMENT_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

// `key`: its name in lower case. Rows are written under value_store_lock.
MUST_USE fault_t environment_store_put (db_t *db, turn_t *turn, const char *project, const char *key,
                                        const environment_t *row); // created_at stays
// Its name is NULL where there is none.
MUST_USE fault_t environment_store_find (db_t *db, turn_t *turn, const char *project, const char *key,
                                         environment_t *out);
MUST_USE fault_t environment_store_page (db_t *db, turn_t *turn, const char *project, const char *after,
                                         int64_t limit, environment_items_t *out);
MUST_USE fault_t environment_store_count (db_t *db, turn_t *turn, const char *project, int64_t *out);
MUST_USE fault_t environment_store_remove (db_t *db, turn_t *turn, const char *project,
                                           const char *key); // "": all of the project

// Do the rules of any environment name this person as an approver? Case does not matter, and `_` is any character.
MUST_USE fault_t environment_store_names (db_t *db, turn_t *turn, const char *person, bool *out);

#endif
