/* self.h - what the scheduler's own files share: its state, its unit of work, and how a fault is handed up.
 *
 * The database is the truth. What is in memory here is a hint that may be lost at any moment. */

#ifndef OPENCICD_SCHEDULER_SELF_H
#define OPENCICD_SCHEDULER_SELF_H

#include "proto/messages.h"
#include "services/scheduler/push_http.h"
#include "services/scheduler/scheduler.h"

#include <string.h>

#define TRY(expression)                   \
    do {                                  \
        fault_t try_fault = (expression); \
        if (try_fault)                    \
            return try_fault;             \
    } while (0)

#define ACCEPTED_MAX      1024              // Past it an acceptance is noted with the agent's next word
#define ACCEPTED_DELAY_US MILLISECONDS (50) // So many acceptances share one commit

typedef struct {
    char job[MAX_ID + 1];
    uint32_t attempt;
} accepted_t;

struct scheduler {
    db_t *db; // First, for db_unit.h
    uint32_t lease_seconds;
    uint32_t max_attempts;
    secret_key_t key;
    char *server_url;
    pusher_t *pusher;
    bool writing;                      // unit_write was called in this unit of work
    int64_t event_id;                  // The last one given; only while writing
    bool events_made;                  // In this unit of work
    bool started;                      // The first tick was done
    int64_t prune_at;                  // When old events are looked for next
    accepted_t accepted[ACCEPTED_MAX]; // Jobs that an agent took, not yet written as running
    size_t accepted_count;
    int64_t accepted_at; // When they are written; NEVER for none
};

// Before the first read that a write depends on: from here to the commit no other replica writes.
MUST_USE fault_t unit_write (scheduler_t *self, turn_t *turn);

static inline bool same (const char *a, const char *b)
{
    return strcmp (a, b) == 0;
}

static inline int64_t lease_us (const scheduler_t *self)
{
    return SECONDS (self->lease_seconds);
}

#endif
