/* run_store.h - the runs and their wide texts. The only writer of `runs` and `run_texts`. */

#ifndef OPENCICD_SCHEDULER_RUN_STORE_H
#define OPENCICD_SCHEDULER_RUN_STORE_H

#include "common/db/db.h"
#include "proto/messages.h"
#include "services/scheduler/base/run_state.h"

#define RUNS_WALKED 5000 // By one page
#define RUN_OF_JOB  "(select run_id from jobs where id = $1)"

typedef struct {
    run_t run;
    stop_level_t cancelled;
    const char *concurrency; // Its group, lower case; "" for none
    bool concurrency_cancel, concurrency_all;
    int64_t version; // Increases with each change of the run, its nodes or what its jobs wait for
} run_row_t;

typedef struct {
    const char *source;    // The workflow file
    const char *github;    // JSON
    const char *inputs;    // JSON
    const char *selection; // JSON; "" for the whole workflow
    const char *vars;      // JSON; "" where an older version made the run
} run_texts_t;

typedef struct {
    const char *project; // "" for any, as all of them
    const char *state;
    const char *workflow;
    const char *before; // Only older ones: the cursor
    size_t limit;
    // What no index serves; NULL or "" for any
    const char *ref, *actor, *event, *result;
    int64_t since, until; // 0 for any
    bool unfinished;      // Only those that have not ended; `state` is "" then
    const char *scope;    // Only of these projects and of public ones (rights_scope()); NULL for all
} run_filter_t;

// Of what an ask with RUN_FILTERS and a cursor says; its project, which may be a name, and the limit are the caller's to fill.
#define RUN_FILTER(ask)                          \
    ((run_filter_t){.state = (ask)->state,       \
                    .workflow = (ask)->workflow, \
                    .before = (ask)->cursor,     \
                    .ref = (ask)->ref,           \
                    .actor = (ask)->actor,       \
                    .event = (ask)->event,       \
                    .result = (ask)->result,     \
                    .since = (ask)->since,       \
                    .until = (ask)->until})

MUST_USE fault_t run_store_add (db_t *db, turn_t *turn, const run_row_t *row, const run_texts_t *texts);
MUST_USE fault_t run_store_find (db_t *db, turn_t *turn, const char *id, run_row_t *out); // NOT_FOUND
MUST_USE fault_t run_store_find_later (db_t *db, turn_t *turn, const char *id, const rows_t **rows);
MUST_USE fault_t run_store_of_job_later (db_t *db, turn_t *turn, const char *job, const rows_t **rows);
MUST_USE fault_t run_store_found (turn_t *turn, const rows_t *rows, const char *id,
                                  run_row_t *out); // Of those
MUST_USE fault_t run_store_version_later (db_t *db, turn_t *turn, const char *id, const rows_t **rows);
MUST_USE fault_t run_store_found_version (turn_t *turn, const rows_t *rows, const char *id, int64_t *version);
MUST_USE fault_t run_store_version (db_t *db, turn_t *turn, const char *id, int64_t *version);
// Of the run whose jobs see this github.run_id.
MUST_USE fault_t run_store_by_number (db_t *db, turn_t *turn, int64_t number, const char **id);
MUST_USE fault_t run_store_texts (db_t *db, turn_t *turn, const char *id, run_texts_t *out);
MUST_USE fault_t run_store_inputs (db_t *db, turn_t *turn, const char *id, const char **out);
const char *run_store_page_sql (const run_filter_t *filter); // Whose plan is looked at
const char *run_store_walk_sql (const run_filter_t *filter); // That before it; NULL for none
extern const char *const run_store_failing_sql;              // Likewise
// Of each workflow the last run on its project's default branch that passed or failed, where it failed and was made since then. A few steps
// through the index of what has ended for each workflow of each project, however many runs there are.
MUST_USE fault_t run_store_failing (db_t *db, turn_t *turn, const char *scope, int64_t since, size_t limit,
                                    run_items_t *out);
// What no index serves is found by a walk through at most RUNS_WALKED runs: a page may have fewer rows than were asked for, or none, and all the
// same a `next`, where the walk goes on. *next is "" once there are no more.
MUST_USE fault_t run_store_page (db_t *db, turn_t *turn, const run_filter_t *filter, run_items_t *out,
                                 const char **next);
// State, result, attempt, cancelled, version, finished_at, debug, priority as they stand in `row`.
MUST_USE fault_t run_store_save (db_t *db, turn_t *turn, const run_row_t *row);
// Of a run that begins again.
MUST_USE fault_t run_store_vars (db_t *db, turn_t *turn, const char *id, const char *vars);
MUST_USE fault_t run_store_started (db_t *db, turn_t *turn, const char *id); // Where it had not

#endif
