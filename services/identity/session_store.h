/* session_store.h - tables `sessions` and `sign_in_codes`. The only file that reads or writes them. */

#ifndef OPENCICD_SESSION_STORE_H
#define OPENCICD_SESSION_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

#define SESSION_EXPIRED_STEP 100 // Removed at a time

typedef struct {
    const char *hash;
    const char *token; // Id of the token that opened it, itself or by a link; "" where a password did
    const char *user;  // Id of the user whose it is; "" of nobody
    const char *role;  // NULL: there is none
    const char *subject;
    const char *client; // What the browser calls itself; only written
    int64_t seen_at;
    int64_t expires_at; // Of a link's row: until when it opens a session
    int64_t latest;     // Of a link's row: when that session ends at the latest; 0 for any time
} session_row_t;

MUST_USE fault_t session_store_add (db_t *db, turn_t *turn, const session_row_t *row);
// The one with this hash that has not expired and was used after `seen_after`; role NULL where there is none.
MUST_USE fault_t session_store_find (db_t *db, turn_t *turn, const char *hash, int64_t seen_after,
                                     session_row_t *out);
MUST_USE fault_t session_store_seen (db_t *db, turn_t *turn, const char *hash);
MUST_USE fault_t session_store_remove (db_t *db, turn_t *turn, const char *hash);
// With the links not yet used.
MUST_USE fault_t session_store_remove_of_token (db_t *db, turn_t *turn, const char *token);
MUST_USE fault_t session_store_remove_of_subject (db_t *db, turn_t *turn, const char *subject);
// With the links not yet used; but not the one with this hash ("": all of them).
MUST_USE fault_t session_store_remove_of_user (db_t *db, turn_t *turn, const char *user, const char *but);
// Those that have ended by age or for lack of use, then the oldest until at most `most` are left.
MUST_USE fault_t session_store_tidy (db_t *db, turn_t *turn, int64_t seen_after, int64_t most);

// Of one subject, the latest first. An id is the beginning of the cookie's hash: it names the session and opens none.
#define SESSION_ID 20 // Characters
typedef struct {
    const char *subject;
    int64_t seen_after; // Those that ended for lack of use are not shown
    const char *before; // The cursor, "" for the first page
    size_t limit;
    const char *own; // The hash of the one that asks
} session_filter_t;
MUST_USE fault_t session_store_page (db_t *db, turn_t *turn, const session_filter_t *filter,
                                     session_page_t *out);
// *removed is 0 where the subject ("" for any) has none with this id.
MUST_USE fault_t session_store_revoke (db_t *db, turn_t *turn, const char *id, const char *subject,
                                       int64_t *removed);

// At most `most` at a time: older ones end.
MUST_USE fault_t session_store_add_code (db_t *db, turn_t *turn, const session_row_t *row, int64_t most);
// Gives it once, and removes it; role NULL where there is none, or where the session that it opens would have ended.
MUST_USE fault_t session_store_take_code (db_t *db, turn_t *turn, const char *hash, session_row_t *out);

#endif
