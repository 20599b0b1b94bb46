/* run_store.h - the runs and their wide texts. The only writer of `runs` and `run_texts`. */

#ifndef OPENCICD_SCHEDULER_RUN_STORE_H
#define OPENCICD_SCHEDULER_RUN_STORE_H

#include "common/db.h"
#include "proto/messages.h"

typedef enum { CANCEL_NO, CANCEL_SOFT, CANCEL_HARD } cancel_t;

typedef struct {
    run_t run;
    cancel_t cancelled;
    const char *concurrency; // Its group, lower case; "" for none
} run_row_t;

typedef struct {
    const char *source; // The workflow file
    const char *github; // JSON
    const char *inputs; // JSON
} run_texts_t;

typedef struct {
    const char *project; // "" for any, as all of them
    const char *state;
    const char *workflow;
    const char *before; // Only older ones: the cursor
    size_t limit;
} run_filter_t;

MUST_USE fault_t run_store_add (db_t *db, turn_t *turn, const run_row_t *row, const run_texts_t *texts);
MUST_USE fault_t run_store_find (db_t *db, turn_t *turn, const char *id, run_row_t *out); // NOT_FOUND
MUST_USE fault_t run_store_texts (db_t *db, turn_t *turn, const char *id, run_texts_t *out);
MUST_USE fault_t run_store_page (db_t *db, turn_t *turn, const run_filter_t *filter, run_items_t *out);
// State, result, attempt, cancelled, finished_at as they stand in `row`.
MUST_USE fault_t run_store_save (db_t *db, turn_t *turn, const run_row_t *row);
MUST_USE fault_t run_store_started (db_t *db, turn_t *turn, const char *id); // Where it had not
// Removes some runs of a project with all that belongs to them; *more where there are others.
MUST_USE fault_t run_store_clear (db_t *db, turn_t *turn, const char *project, bool *more);

#endif
