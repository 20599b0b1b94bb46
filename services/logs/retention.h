/* retention.h - which logs are removed: those unchanged for long, and the oldest when all take too much space. purge.c removes those of removed runs. */

#ifndef OPENCICD_LOGS_RETENTION_H
#define OPENCICD_LOGS_RETENTION_H

#include "common/actor/sweep.h"
#include "proto/limits.h"

// How far the walk over all logs, newest first, has come.
typedef struct {
    int64_t at_us;     // When to go on; 0 at first
    int64_t cursor_us; // All that changed from then on is counted
    int64_t size;      // Bytes of it
    int64_t before_us; // What changed before is past the room; 0 for nothing
} budget_t;

typedef struct {
    int64_t kept_us;   // 0 for ever
    int64_t max_bytes; // Of all logs, as they were printed; 0 for no limit
    int64_t
        project_bytes; // Of one project, so that it evicts its own logs before those of others; 0 for no limit
    budget_t budget;
    budget_t of_project;
    char project[MAX_ID + 1]; // That is walked now, or was last
    sweeper_t sweeper;
} log_retention_t;

void retention_init (log_retention_t *self, db_t *db, blob_t *blob, background_t *background);
// In the tick: one step.
MUST_USE fault_t retention_step (log_retention_t *self, turn_t *turn, int64_t *next_us);

#endif
