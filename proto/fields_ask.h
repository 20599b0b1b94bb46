/* fields_ask.h - fields of what clients ask about projects, runs and jobs. */

#ifndef OPENCICD_FIELDS_ASK_H
#define OPENCICD_FIELDS_ASK_H

#include "proto/limits.h"

#define PROJECT_ADD(F, T)                                \
    F (T, KEY, name, MAX_NAME, "letters, digits, . _ -") \
    F (T, KEY, url, MAX_URL, "what `git clone` takes")
#define PROJECT_LIST(F, T)   PAGE (F, T)
#define PROJECT_PAGE(F, T)   PAGE_OF (F, T, project)
#define PROJECT_SHOW(F, T)   F (T, KEY, project, MAX_NAME, "id or name")
#define PROJECT_REMOVE(F, T) F (T, KEY, project, MAX_NAME, "id or name")
#define PROJECT_SYNC(F, T)   F (T, KEY, project, MAX_ID, "its id")

// Of a workflow not all.
#define SELECTION(F, T)                                                     \
    F (T, STRS, jobs, 256, "only these, by their keys, and what they need") \
    F (T, BOOL, no_needs, 1, "not what they need")                          \
    F (T, STRS, matrix, 64, "KEY:VALUE: only cells of which that holds")
#define RUN_TRIGGER(F, T)                                                                              \
    F (T, KEY, project, MAX_NAME, "id or name")                                                        \
    F (T, STR, workflow, MAX_TEXT, "path or file name of the workflow; optional if there is only one") \
    F (T, STR, ref, MAX_TEXT, "branch, tag or full ref; default: the default branch")                  \
    F (T, STR, sha, MAX_ID, "a commit; with ref one that is in it")                                    \
    F (T, JSON, inputs, MAX_DOC, "an object: inputs of workflow_dispatch")                             \
    SELECTION (F, T)                                                                                   \
    F (T, STR, trial, MAX_ID, "a trial of the project, instead of ref and sha: any workflow of it may be run")

// Which runs; empty for any.
#define RUN_FILTERS(F, T)                                                \
    F (T, STR, project, MAX_NAME, "only of this project")                \
    F (T, STR, state, 32, "only in this state")                          \
    F (T, STR, workflow, MAX_TEXT, "only of this workflow")              \
    F (T, STR, ref, MAX_TEXT, "only of this branch or tag, or full ref") \
    F (T, STR, actor, MAX_NAME, "only those that this one triggered")    \
    F (T, STR, event, MAX_NAME, "only of this event")                    \
    F (T, STR, result, 32, "only those that ended so")                   \
    F (T, TIME, since, 0, "only those triggered at this time or later")  \
    F (T, TIME, until, 0, "only those triggered before")
#define RUN_LIST(F, T) \
    PAGE (F, T)        \
    RUN_FILTERS (F, T)
#define RUN_PAGE(F, T)   PAGE_OF (F, T, run)
#define RUN_SHOW(F, T)   F (T, KEY, run, MAX_ID, "")
#define RUN_FIND(F, T)   F (T, I64, number, INT64_MAX, "github.run_id, as its jobs see it")
#define RUN_COMMIT(F, T) F (T, KEY, run, MAX_ID, "")
#define COMMIT_AT(F, T)                                                                                    \
    F (T, STR, sha, MAX_ID, "of a pull request its head; empty: the run is of no commit that a forge has") \
    F (T, STR, ref, MAX_TEXT, "full ref of the branch or tag that it is in; empty: none is known")
#define RUN_CANCEL(F, T)        \
    F (T, KEY, run, MAX_ID, "") \
    F (T, BOOL, hard, 1, "kill at once; without it always() steps still run")
#define RUN_RERUN(F, T)                                                                            \
    F (T, KEY, run, MAX_ID, "")                                                                    \
    F (T, STR, only, 32, "all (the default), failed, or job")                                      \
    F (T, STR, job, MAX_ID, "with only = job: that job and those that need it")                    \
    F (T, BOOL, debug, 1, "log for debugging: RUNNER_DEBUG is 1, and `::debug::` lines are shown") \
    F (T, U32, hold_minutes, 480, "a job that fails is held that long, for a shell; 0: it is not")

#define JOB_SUBMIT(F, T)                                                               \
    F (T, KEY, name, MAX_NAME, "what is shown")                                        \
    F (T, STR, project, MAX_NAME, "id or name; a job of no project has no repository") \
    F (T, STRS, runs_on, 64, "labels; default: any agent")                             \
    F (T, JSON, env, MAX_DOC, "an object, as in a workflow")                           \
    F (T, JSON, steps, MAX_DOC, "a list of steps, as in a workflow")                   \
    F (T, U32, timeout_minutes, 100000, "default: 360")
#define JOB_LIST(F, T)                          \
    PAGE (F, T)                                 \
    F (T, STR, state, 32, "only in this state") \
    F (T, STR, run, MAX_ID, "only of this run") \
    F (T, STR, agent, MAX_ID, "only of this agent")
#define JOB_PAGE(F, T)     PAGE_OF (F, T, job)
#define JOB_SHOW(F, T)     F (T, KEY, job, MAX_ID, "")
#define JOB_ATTEMPTS(F, T) F (T, KEY, job, MAX_ID, "")
#define ATTEMPT_PAGE(F, T) PAGE_OF (F, T, attempt)
#define JOB_CANCEL(F, T)        \
    F (T, KEY, job, MAX_ID, "") \
    F (T, BOOL, hard, 1, "kill at once")

// Rows of MESSAGES (messages.h).
#define PROJECT_MESSAGES(M)                                                 \
    M (20, project_add, PROJECT_ADD, "register a repository")               \
    M (21, project_list, PROJECT_LIST, "the projects, by name")             \
    M (22, project_page, PROJECT_PAGE, "projects")                          \
    M (23, project_show, PROJECT_SHOW, "one project")                       \
    M (24, project_remove, PROJECT_REMOVE, "remove a project and its runs") \
    M (25, project_sync, PROJECT_SYNC, "look at a project's repository")    \
    M (26, project_purge, PROJECT_PURGE, "a removed project's mirror is to go")

#define RUN_MESSAGES(M)                                                          \
    M (27, run_find, RUN_FIND, "the run whose jobs see that github.run_id")      \
    M (28, run_commit, RUN_COMMIT, "where does a forge show how this run ends?") \
    M (29, commit_at, COMMIT_AT, "a commit at a forge")                          \
    M (30, run_trigger, RUN_TRIGGER, "run a workflow (workflow_dispatch)")       \
    M (31, event_post, EVENT_POST, "report an event of the repository")          \
    M (32, event_runs, EVENT_RUNS, "the runs of an event")                       \
    M (33, run_list, RUN_LIST, "the runs, latest first")                         \
    M (34, run_page, RUN_PAGE, "runs")                                           \
    M (35, run_show, RUN_SHOW, "one run with its jobs")                          \
    M (36, run_cancel, RUN_CANCEL, "ask a run to stop")                          \
    M (37, run_rerun, RUN_RERUN, "run it again: all, what failed, or one job")   \
    M (38, run_purge, RUN_PURGE, "remove the jobs, logs and artifacts of a removed run")

#endif
