/* trial_store.h - trials, and which runs are of one. The only writer of `trials` and `trial_runs`. */

#ifndef OPENCICD_SCHEDULER_TRIAL_STORE_H
#define OPENCICD_SCHEDULER_TRIAL_STORE_H

#include "common/db/db.h"
#include "proto/message.h"

#define TRIAL_UNUSED_US (3600 * 1000000LL) // Without a run for this long it is removed
#define TRIALS_DUE      8                  // That are removed in one step
#define TRIALS_MOST     1000               // Of one project

typedef struct {
    const char *id, *project_id;
    int64_t created_at;
    bool removed; // No run may begin with it any more
} trial_row_t;

// TOO_LARGE: the project has TRIALS_MOST.
MUST_USE fault_t trial_store_add (db_t *db, turn_t *turn, const trial_row_t *row);
MUST_USE fault_t trial_store_find (db_t *db, turn_t *turn, const char *id, trial_row_t *out); // NOT_FOUND
// The trial that this attempt's run is of. NOT_FOUND: of none; CONFLICT: the attempt is over.
MUST_USE fault_t trial_store_of_job (db_t *db, turn_t *turn, const char *job, uint32_t attempt,
                                     const char **trial);
MUST_USE fault_t trial_store_has (db_t *db, turn_t *turn, const char *run, bool *has); // Is this run of one?
MUST_USE fault_t trial_store_use (db_t *db, turn_t *turn, const char *trial, const char *run);
MUST_USE fault_t trial_store_has_run (db_t *db, turn_t *turn, const char *trial, bool *has);
// The run is gone; with the last one its trial is due.
MUST_USE fault_t trial_store_release (db_t *db, turn_t *turn, const char *run);
MUST_USE fault_t trial_store_due (db_t *db, turn_t *turn, strs_t *trials);
// It is being removed: no run begins with it from now on.
MUST_USE fault_t trial_store_asked (db_t *db, turn_t *turn, const char *trial, int64_t again_at);
MUST_USE fault_t trial_store_next (db_t *db, turn_t *turn, int64_t *at); // NEVER
MUST_USE fault_t trial_store_clear (db_t *db, turn_t *turn, const char *trial);

#endif
