/* event_store.h - what changed, in order. The only writer of `events`.
 *
 * An event's id is a safe cursor: whoever writes holds the counter's row until it commits (unit_write), so ids commit in the order
 * of their numbers and a reader never skips one. The price: one unit of work commits at a time, whatever the number of replicas. */

#ifndef OPENCICD_SCHEDULER_EVENT_STORE_H
#define OPENCICD_SCHEDULER_EVENT_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

#define EVENTS_SCANNED 1000 // Rows that one read looks at: it may find none for its filter and move on
#define EVENTS_PRUNED  1000 // Rows that one tick removes

// Nobody waits for the lock alone: it is held when what is asked next is answered, and *counter holds the last number then.
MUST_USE fault_t event_store_lock (db_t *db, turn_t *turn, const rows_t **counter);
MUST_USE fault_t event_store_last (db_t *db, turn_t *turn, int64_t *last);
// Gives them the numbers that follow the counter, and sets it. In few statements of many rows, which are not waited for.
MUST_USE fault_t event_store_add (db_t *db, turn_t *turn, const rows_t *counter, event_t *events,
                                  size_t count);

// The first event that was not pruned; the one after the last where there is none.
MUST_USE fault_t event_store_oldest (db_t *db, turn_t *turn, int64_t *oldest);
// Events after out->cursor that meet the filter ("" for any) and that the caller may see; moves the cursor past all that was looked at. *first is the id of
// the first that was looked at, 0 for none.
MUST_USE fault_t event_store_read (db_t *db, turn_t *turn, const char *project, const char *run,
                                   int64_t *first, events_t *out);
// Removes some that are older than a time or not among the last `kept`, but none that a consumer has not passed. *more where there is
// more to remove.
MUST_USE fault_t event_store_prune (db_t *db, turn_t *turn, int64_t before_us, int64_t kept, bool *more);
// A consumer that must see every event is done with those up to `cursor`. The first time: it begins after them.
MUST_USE fault_t event_store_passed (db_t *db, turn_t *turn, const char *consumer, int64_t cursor);

#endif
