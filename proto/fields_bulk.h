/* fields_bulk.h - fields of one change to many runs: named one by one, or by what a list of runs can be narrowed to. */

#ifndef OPENCICD_FIELDS_BULK_H
#define OPENCICD_FIELDS_BULK_H

#include "proto/fields_ask.h"

#define BULK_RUNS 100 // Changed by one request

#define CHOSEN_RUNS(F, T)                                                                         \
    F (T, STRS, runs, BULK_RUNS, "their ids; without them: the runs that the filters below name") \
    RUN_FILTERS (F, T)                                                                            \
    F (T, STR, cursor, MAX_TEXT, "with filters: `next` of the answer before")                     \
    F (T, U32, limit, BULK_RUNS, "with filters: how many at most; default: 100")

#define RUNS_CANCEL(F, T) \
    CHOSEN_RUNS (F, T)    \
    F (T, BOOL, hard, 1, "kill at once; without it always() steps still run")
#define RUNS_RERUN(F, T)                                      \
    CHOSEN_RUNS (F, T)                                        \
    F (T, STR, only, 32, "all (the default) or failed: jobs") \
    F (T, BOOL, debug, 1, "log for debugging: RUNNER_DEBUG is 1, and `::debug::` lines are shown")

#define RUN_CHANGE(F, T)                                                                      \
    F (T, STR, id, MAX_ID, "the run")                                                         \
    F (T, STR, project, MAX_NAME, "its project's name")                                       \
    F (T, I64, number, INT64_MAX, "within its project")                                       \
    F (T, BOOL, done, 1, "it was changed")                                                    \
    F (T, STR, code, 32, "where it was not: the error's code, as a request for it alone has") \
    F (T, STR, reason, MAX_TEXT, "... and why")                                               \
    F (T, ENUM (run), state, 0, "where it is now; null where there is no such run")           \
    F (T, ENUM (result), result, 0, "how it ended; null before")
#define RUNS_CHANGED(F, T)                                                             \
    F (T, LIST (run_change), items, BULK_RUNS, "one for each run, in the asked order") \
    F (T, STR, next, MAX_TEXT, "with filters: the cursor for those that are left; empty where none is")

// Rows of MESSAGES (messages.h).
#define BULK_MESSAGES(M)                                       \
    M (260, run_change, RUN_CHANGE, "what became of one run")  \
    M (261, runs_cancel, RUNS_CANCEL, "ask many runs to stop") \
    M (262, runs_rerun, RUNS_RERUN, "run many runs again")     \
    M (263, runs_changed, RUNS_CHANGED, "what became of each run")

#define BULK_CALLS(C)                               \
    C (runs_cancel, scheduler, runs_changed, AGAIN) \
    C (runs_rerun, scheduler, runs_changed, ONCE)

#endif
