/* insight_store.h - what a project's insights are made of: the last runs of a stretch of time with their jobs, and the steps and earlier
 * attempts of a few of those. Reads `runs`, `jobs` and `attempts`, by their indexes, and never more than the limits that are given. */

#ifndef OPENCICD_SCHEDULER_INSIGHT_STORE_H
#define OPENCICD_SCHEDULER_INSIGHT_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"

typedef struct {
    const char *project;
    const char *workflow; // "" for all
    const char *first;    // Ids of runs from this one
    const char *end;      // to before that one
    size_t runs, rows;    // At most; a row is a run without jobs, or a job
} insight_filter_t;

typedef struct {
    run_t run;      // Without its jobs
    job_t job;      // Its latest attempt; its id is "" where the run has none
    bool has_steps; // Asked for by its id
    bool calls;     // A workflow: it had no agent
} insight_row_t;

#define INSIGHT_IDS 16 // Jobs of one statement

const char *insight_store_sql (const insight_filter_t *filter); // Whose plan is looked at
// The last runs first, the jobs of each one after the other.
MUST_USE fault_t insight_store_rows_later (db_t *db, turn_t *turn, const insight_filter_t *filter,
                                           const rows_t **rows);
void insight_store_read (const rows_t *rows, size_t row, insight_row_t *out);
// Of at most INSIGHT_IDS jobs: a job's id and its packed job_status; a job's id and the result of an attempt before the latest.
MUST_USE fault_t insight_store_steps_later (db_t *db, turn_t *turn, const strs_t *jobs, const rows_t **rows);
MUST_USE fault_t insight_store_attempts_later (db_t *db, turn_t *turn, const strs_t *jobs, size_t limit,
                                               const rows_t **rows);

#endif
