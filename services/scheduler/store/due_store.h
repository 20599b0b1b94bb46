/* due_store.h - when something is due next, of all tables that a tick looks at: one statement, because a tick that finds nothing is the rule. */

#ifndef OPENCICD_DUE_STORE_H
#define OPENCICD_DUE_STORE_H

#include "common/db/db.h"

// NEVER for none. By lease_now():
typedef struct {
    int64_t lease;   // One expires, or its job is over its time; 0 where one is to end at once
    int64_t silence; // An agent was silent for too long
    int64_t backoff; // An agent can be offered a job again
    int64_t seal, revoke;
    // By the time of day:
    int64_t schedule,
        schedule_asked; // A line's next time; since when the event of one that has come is asked for
    int64_t sync, failure, deployment;
} due_times_t;

// Of backoffs those that end after `backoff_after`.
MUST_USE fault_t due_store_read (db_t *db, turn_t *turn, int64_t backoff_after, due_times_t *out);

#endif
