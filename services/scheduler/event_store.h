/* event_store.h - what changed, in order. The only writer of `events`.
 *
 * An event's id is a safe cursor: whoever writes holds the counter's row until it commits (unit_write), so ids commit in the order
 * of their numbers and a reader never skips one. The price: one unit of work commits at a time, whatever the number of replicas. */

#ifndef OPENCICD_SCHEDULER_EVENT_STORE_H
#define OPENCICD_SCHEDULER_EVENT_STORE_H

#include "common/db.h"
#include "proto/messages.h"

#define EVENTS_KEPT_US (SECONDS (86400) * 7)
#define EVENTS_KEPT    100000
#define EVENTS_SCANNED 1000 // Rows that one read looks at: it may find none for its filter and move on
#define EVENTS_PRUNED  5000 // Rows that one tick removes

MUST_USE fault_t event_store_lock (db_t *db, turn_t *turn, int64_t *last);
MUST_USE fault_t event_store_last (db_t *db, turn_t *turn, int64_t *last);
MUST_USE fault_t event_store_set_last (db_t *db, turn_t *turn, int64_t last);
MUST_USE fault_t event_store_add (db_t *db, turn_t *turn, const event_t *event);

// Events after out->cursor that meet the filter ("" for any); moves the cursor past all that was looked at.
MUST_USE fault_t event_store_read (db_t *db, turn_t *turn, const char *project, const char *run,
                                   events_t *out);
// *more where there is more to remove.
MUST_USE fault_t event_store_prune (db_t *db, turn_t *turn, bool *more);

#endif
