/* audit_store.h - the only reader and writer of the tables `audit` and `audit_counter`. Rows are added, never changed, and removed by age alone. */

#ifndef OPENCICD_AUDIT_STORE_H
#define OPENCICD_AUDIT_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

#define AUDIT_PRUNED 500 // Rows that one call removes

// Empty texts are no filter; an `until` of INT64_MAX is none.
typedef struct {
    const char *actor, *action, *object, *result;
    const char *projects[3]; // Any of them, where the first is not empty
    int64_t since, until;
} audit_filter_t;

// Gives numbers to `count` entries and holds the lock under which they are committed in order. *first is the first one's.
MUST_USE fault_t audit_store_numbers (db_t *db, turn_t *turn, int64_t count, int64_t *first);
MUST_USE fault_t audit_store_add (db_t *db, turn_t *turn, int64_t number,
                                  const audit_entry_t *entry); // A known id is ignored
// The latest first, before (at, number).
MUST_USE fault_t audit_store_page (db_t *db, turn_t *turn, const audit_filter_t *filter, int64_t at,
                                   int64_t number, int64_t limit, audit_entry_items_t *out);
// In the order in which they were kept, after this number.
MUST_USE fault_t audit_store_after (db_t *db, turn_t *turn, const audit_filter_t *filter, int64_t number,
                                    int64_t limit, audit_entry_items_t *out);
MUST_USE fault_t audit_store_prune (db_t *db, turn_t *turn, int64_t before_us, int64_t *removed);

// The right to send to syslog until then; *got false: another replica has it, or all was sent.
typedef struct {
    bool got;
    int64_t sent, last; // Numbers: of the last one sent, of the last one kept
} audit_claim_t;
MUST_USE fault_t audit_store_claim (db_t *db, turn_t *turn, int64_t until_us, audit_claim_t *out);
MUST_USE fault_t audit_store_sent (db_t *db, turn_t *turn, int64_t sent); // And gives the right back

#endif
