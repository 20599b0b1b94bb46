/* token_store.h - tables `tokens` and `token_counts`. The only file that reads or writes them. */

#ifndef OPENCICD_TOKEN_STORE_H
#define OPENCICD_TOKEN_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

typedef struct {
    int64_t agents; // Tokens of agents
    int64_t others;
} token_counts_t;

// The lock for adding and removing tokens, held to the end of the unit of work: counts after it stay true.
MUST_USE fault_t token_store_lock (db_t *db, turn_t *turn, token_counts_t *out);
// Counts anew, under the lock: another version may have added some without counting.
MUST_USE fault_t token_store_recount (db_t *db, turn_t *turn);

// One with projects is stored as a MEMBER's, which versions that do not know them refuse.
MUST_USE fault_t token_store_add (db_t *db, turn_t *turn, const token_t *token, const char *hash);
// The one with this hash that has not expired; role NULL where there is none.
MUST_USE fault_t token_store_find (db_t *db, turn_t *turn, const char *hash, token_t *out);
// The one with this id, expired or not; likewise.
MUST_USE fault_t token_store_show (db_t *db, turn_t *turn, const char *id, token_t *out);
// Up to `limit` tokens in the order of their making, after the one with id `after`.
MUST_USE fault_t token_store_list (db_t *db, turn_t *turn, const char *after, uint32_t limit,
                                   token_items_t *out);
// Likewise those of a user that have not expired, and how many they are.
MUST_USE fault_t token_store_list_of (db_t *db, turn_t *turn, const char *user, const char *after,
                                      uint32_t limit, token_items_t *out);
MUST_USE fault_t token_store_count_of (db_t *db, turn_t *turn, const char *user, int64_t *out);
// Is there a living token of no user whose holder has this name for others?
MUST_USE fault_t token_store_acts_as (db_t *db, turn_t *turn, const char *name, bool *out);
// Living tokens of admins, of no user, that neither have this id nor are of this subject.
MUST_USE fault_t token_store_admins (db_t *db, turn_t *turn, const char *but_id, const char *but_subject,
                                     int64_t *out);
MUST_USE fault_t token_store_of_role (db_t *db, turn_t *turn, const char *role, int64_t *out); // Living ones

// One more agent registers with this token. False where `a_minute` have in this minute.
MUST_USE fault_t token_store_use (db_t *db, turn_t *turn, const char *id, int64_t a_minute, bool *used);

// Under the lock.
MUST_USE fault_t token_store_remove (db_t *db, turn_t *turn, const char *id);
MUST_USE fault_t token_store_remove_of (db_t *db, turn_t *turn, const char *subject);
MUST_USE fault_t token_store_remove_of_user (db_t *db, turn_t *turn, const char *user);
#define EXPIRED_STEP 100 // Removed at a time
MUST_USE fault_t token_store_remove_expired (db_t *db, turn_t *turn);

#endif
