/* fields_plan.h - fields of a run as it was planned: its jobs, what they are made of, and why each of them runs or does not. */

#ifndef OPENCICD_FIELDS_PLAN_H
#define OPENCICD_FIELDS_PLAN_H

#include "proto/limits.h"

#define PLAN_PARTS 64   // Of one condition, that are shown
#define PLAN_STEPS 1500 // Of one job
#define PLAN_NAMES 256
#define PLAN_VALUE 2000 // Bytes of a value that is shown

#define PLAN_PART(F, T)                                                 \
    F (T, STR, source, MAX_TEXT, "a part of the condition, as written") \
    F (T, U32, depth, 1000, "0 for the whole, 1 for its parts, ...")    \
    F (T, JSON, value, PLAN_VALUE + 64, "what it came to; ***: a secret; what is long is cut and a string")

#define PLAN_STEP(F, T)                                                         \
    F (T, STR, id, MAX_NAME, "as the file gives it, or one that was generated") \
    F (T, STR, name, MAX_TEXT, "as the file gives it, or empty")                \
    F (T, STR, uses, MAX_TEXT, "the action")                                    \
    F (T, STR, run, MAX_TEXT, "the script, of a long one its begin")            \
    F (T, STR, condition, MAX_TEXT, "its `if`; empty: success()")               \
    F (T, STRS, with, PLAN_NAMES, "names of its inputs")                        \
    F (T, STRS, env, PLAN_NAMES, "names of its variables")                      \
    F (T, BOOL, background, 1, "it does not hold up the next one")

#define PLAN_CELL(F, T)                                              \
    F (T, STR, id, MAX_ID, "the job")                                \
    F (T, STR, name, MAX_TEXT, "what is shown")                      \
    F (T, JSON, matrix, MAX_DOC, "its cell; null without a matrix")  \
    F (T, STRS, labels, 64, "runs-on, evaluated; empty before that") \
    F (T, ENUM (job), state, 0, "where it is")                       \
    F (T, ENUM (result), result, 0, "how it ended")                  \
    F (T, STR, reason, MAX_TEXT, "the reason for its result")

#define PLAN_JOB(F, T)                                                                                     \
    F (T, STR, key, MAX_TEXT, "under `jobs`; of a called workflow: after its caller's, \"deploy/build\"")  \
    F (T, STR, location, MAX_TEXT, "FILE:LINE:COLUMN")                                                     \
    F (T, STR, wrong, MAX_TEXT, "why it could not be planned; empty where it could")                       \
    F (T, STRS, needs, PLAN_NAMES, "keys of the jobs that it needs")                                       \
    F (T, STRS, runs_on, 64, "as written")                                                                 \
    F (T, STR, uses, MAX_TEXT, "the workflow that it calls")                                               \
    F (T, STR, condition, MAX_TEXT, "its `if`, as written; empty: success()")                              \
    F (T, BOOL, decided, 1, "what it needs has ended, so that its condition can be evaluated")             \
    F (T, BOOL, runs, 1, "what the condition comes to, with what is known now")                            \
    F (T, STR, reason, MAX_TEXT, "why it does not run")                                                    \
    F (T, LIST (plan_part), parts, PLAN_PARTS, "every value of the condition, in the order of evaluation") \
    F (T, STRS, env, PLAN_NAMES, "names of the variables of the workflow and the job")                     \
    F (T, STR, matrix, MAX_TEXT,                                                                           \
       "the keys of its matrix, or the expression that gives it; empty without one")                       \
    F (T, STR, environment, MAX_TEXT, "the environment that it deploys to, as written")                    \
    F (T, STR, container, MAX_TEXT, "the image that it runs in, as written")                               \
    F (T, ROWS (plan_cell), cells, 256, "the jobs that it became, or will become")                         \
    F (T, ROWS (plan_step), steps, PLAN_STEPS, "in order")

#define RUN_PLAN(F, T)          \
    F (T, KEY, run, MAX_ID, "") \
    PAGE (F, T)                 \
    F (T, STR, job, MAX_TEXT, "only this key")
#define RUN_PLANNED(F, T)                                                                   \
    PAGE_OF (F, T, plan_job)                                                                \
    F (T, STR, run_id, MAX_ID, "")                                                          \
    F (T, STR, workflow, MAX_TEXT, "path of the workflow file")                             \
    F (T, STR, wrong, MAX_TEXT, "why the file cannot be read any more; empty where it can") \
    F (T, STR, source, MAX_DOC, "the workflow file, as it was planned; only on the first page")

// Rows of MESSAGES (messages.h).
#define PLAN_MESSAGES(M)                                                           \
    M (210, plan_part, PLAN_PART, "a value of a condition")                        \
    M (211, plan_step, PLAN_STEP, "a step, as it was planned")                     \
    M (212, plan_cell, PLAN_CELL, "a job that a key under `jobs` became")          \
    M (213, plan_job, PLAN_JOB, "a key under `jobs`, and why it runs or does not") \
    M (214, run_plan, RUN_PLAN, "a run as it was planned")                         \
    M (215, run_planned, RUN_PLANNED, "its keys under `jobs`, in order")

#define PLAN_CALLS(C) C (run_plan, scheduler, run_planned, AGAIN)

#endif
