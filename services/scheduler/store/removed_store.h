/* removed_store.h - removed runs of which something is left. The only writer of `removed_runs`; it takes rows of all tables
 * that belong to a run. */

#ifndef OPENCICD_SCHEDULER_REMOVED_STORE_H
#define OPENCICD_SCHEDULER_REMOVED_STORE_H

#include "common/db/db.h"
#include "proto/message.h"

#define REMOVED_RUNS 8  // That are being removed at once
#define REMOVED_JOBS 64 // Of one run, removed in one step
#define OLDEST_RUNS  16 // Looked at in one step

// Which finished runs of a project are over: those that ended before a time, and those up to a number. 0 for none.
typedef struct {
    const char *project;
    int64_t before_us;
    int64_t upto_number;
} over_t;

// The first few of them.
MUST_USE fault_t removed_store_over (db_t *db, turn_t *turn, const over_t *over, strs_t *runs);
// The first few runs of a project that was removed.
MUST_USE fault_t removed_store_of_project (db_t *db, turn_t *turn, const char *project, strs_t *runs);
// From here on it is not visible. A run that has not ended, or was restarted, stays: *removed is false.
MUST_USE fault_t removed_store_add (db_t *db, turn_t *turn, const char *run, bool *removed);

// Those whose next part is to be removed, as far as there is room beside those that others are asked for.
MUST_USE fault_t removed_store_due (db_t *db, turn_t *turn, strs_t *runs);
MUST_USE fault_t removed_store_asked (db_t *db, turn_t *turn, const char *run, int64_t again_at);
MUST_USE fault_t removed_store_next (db_t *db, turn_t *turn, int64_t *at); // NEVER
MUST_USE fault_t removed_store_is (db_t *db, turn_t *turn, const char *run, bool *is);

// Some jobs of a removed run, and what goes with them.
MUST_USE fault_t removed_store_jobs (db_t *db, turn_t *turn, const char *run, strs_t *jobs);
MUST_USE fault_t removed_store_clear_jobs (db_t *db, turn_t *turn, const strs_t *jobs);
// What is left of a run without jobs, this table's row included.
MUST_USE fault_t removed_store_clear (db_t *db, turn_t *turn, const char *run);

#endif
