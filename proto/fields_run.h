/* fields_run.h - fields of projects, runs, jobs and steps. Kinds and columns: message.h. */

#ifndef OPENCICD_FIELDS_RUN_H
#define OPENCICD_FIELDS_RUN_H

#include "proto/fields_annotation.h"
#include "proto/limits.h"

#define STEP_ROW(F, T)                                                                      \
    F (T, U32, number, 10000, "from 1, in the order of the job; 0 is the job's own set-up") \
    F (T, STR, id, MAX_NAME, "the step's id in the workflow, or empty")                     \
    F (T, STR, name, MAX_TEXT, "what is shown")                                             \
    F (T, ENUM (step), state, 0, "where it is")                                             \
    F (T, ENUM (result), outcome, 0, "how it ended, before continue-on-error")              \
    F (T, ENUM (result), conclusion, 0, "how it counts, after continue-on-error")           \
    F (T, TIME, started_at, 0, "when its process started")                                  \
    F (T, TIME, finished_at, 0, "when it ended")                                            \
    F (T, I64, exit_code, INT32_MAX, "of its process; 128 + signal")                        \
    F (T, BOOL, out_of_memory, 1, "the kernel killed a process of the job for lack of memory while it ran")

#define JOB(F, T)                                                                                    \
    F (T, KEY, id, MAX_ID, "opaque")                                                                 \
    F (T, STR, run_id, MAX_ID, "the run it belongs to")                                              \
    F (T, STR, project_id, MAX_ID, "the project of that run")                                        \
    F (T, STR, key, MAX_TEXT,                                                                        \
       "its key under `jobs`; of a called workflow: after its caller's, \"deploy/build\"")           \
    F (T, STR, name, MAX_TEXT, "what is shown, matrix cell included")                                \
    F (T, ENUM (job), state, 0, "where it is")                                                       \
    F (T, ENUM (result), result, 0, "how it ended; null before")                                     \
    F (T, U32, attempt, UINT32_MAX, "number of the latest attempt; 0 before the first")              \
    F (T, STRS, needs, 256, "keys of the jobs it needs")                                             \
    F (T, STRS, labels, 64, "what an agent must have to take it")                                    \
    F (T, STR, agent_id, MAX_ID, "the agent that has it, or had it last")                            \
    F (T, STR, agent_name, MAX_NAME, "that agent's name")                                            \
    F (T, STR, reason, MAX_TEXT, "the reason for its result: `agent lost`, `timed out after 5 min`") \
    F (T, STR, wait_reason, MAX_TEXT,                                                                \
       "why it has not started: missing labels, its position in the queue, ...")                     \
    F (T, JSON, matrix, MAX_DOC, "its cell of the matrix; null without one")                         \
    F (T, JSON, outputs, MAX_DOC, "its outputs, once finished")                                      \
    F (T, LIST (step_row), steps, 3002, "its steps, as last reported by the agent")                  \
    F (T, TIME, created_at, 0, "when its run was created")                                           \
    F (T, TIME, queued_at, 0, "when all that it needs was done")                                     \
    F (T, TIME, started_at, 0, "when the latest attempt was leased to an agent")                     \
    F (T, TIME, finished_at, 0, "when it ended")                                                     \
    F (T, I64, log_size, INT64_MAX, "bytes of its sealed log")                                       \
    F (T, STR, log_sha256, 64, "checksum of its sealed log, hex")                                    \
    F (T, BOOL, continue_on_error, 1, "a failure does not fail the run")                             \
    F (T, STR, title, MAX_TEXT, "the run's title, for lists of jobs")                                \
    F (T, LIST (annotation), annotations, MAX_ANNOTATIONS,                                           \
       "what its steps said of the code; in the job alone, not in lists")                            \
    F (T, I64, priority, INT32_MAX, "where somebody moved it in the queue; the higher the earlier")  \
    F (T, STR, environment, MAX_NAME, "what it deploys to; empty for nothing")                       \
    F (T, STR, environment_url, MAX_URL,                                                             \
       "where that can be seen, once finished; empty where it does not say")                         \
    F (T, TIME, held_until, 0,                                                                       \
       "it failed, for `reason`, and is held for debugging until then; null: it is not held")

#define ATTEMPT(F, T)                                                   \
    F (T, STR, job_id, MAX_ID, "the job")                               \
    F (T, U32, attempt, UINT32_MAX, "from 1")                           \
    F (T, STR, agent_id, MAX_ID, "the agent that had it")               \
    F (T, STR, agent_name, MAX_NAME, "that agent's name")               \
    F (T, ENUM (result), result, 0, "how it ended; null while it runs") \
    F (T, STR, reason, MAX_TEXT, "the reason for its result")           \
    F (T, TIME, started_at, 0, "when it was leased")                    \
    F (T, TIME, finished_at, 0, "when it ended")                        \
    F (T, I64, log_size, INT64_MAX, "bytes of its sealed log")          \
    F (T, STR, log_sha256, 64, "checksum of its sealed log, hex")

#define RUN(F, T)                                                                        \
    F (T, KEY, id, MAX_ID, "opaque")                                                     \
    F (T, STR, project_id, MAX_ID, "its project")                                        \
    F (T, STR, project, MAX_NAME, "its project's name")                                  \
    F (T, I64, number, INT64_MAX, "within its project, from 1")                          \
    F (T, STR, workflow, MAX_TEXT, "path of the workflow file")                          \
    F (T, STR, name, MAX_TEXT, "the workflow's name")                                    \
    F (T, STR, title, MAX_TEXT, "run-name, or what happened")                            \
    F (T, STR, event, MAX_NAME, "what triggered it: push, schedule, ...")                \
    F (T, STR, ref, MAX_TEXT, "full ref, refs/heads/main")                               \
    F (T, STR, sha, MAX_ID, "commit")                                                    \
    F (T, STR, actor, MAX_NAME, "who triggered it")                                      \
    F (T, ENUM (run), state, 0, "where it is")                                           \
    F (T, ENUM (result), result, 0, "how it ended; null before")                         \
    F (T, U32, attempt, UINT32_MAX, "1, plus 1 for each rerun")                          \
    F (T, STR, wait_reason, MAX_TEXT, "why it has not started")                          \
    F (T, JSON, inputs, MAX_DOC, "inputs of workflow_dispatch")                          \
    F (T, TIME, created_at, 0, "when it was triggered")                                  \
    F (T, TIME, started_at, 0, "when its first job was leased")                          \
    F (T, TIME, finished_at, 0, "when its last job ended")                               \
    F (T, ROWS (job), jobs, 10000, "its jobs in workflow order; empty in lists of runs") \
    F (T, BOOL, debug, 1, "its latest attempt logs for debugging")                       \
    F (T, I64, priority, INT32_MAX, "where somebody moved all its jobs in the queue; the higher the earlier")

#define PROJECT(F, T)                                                                                                                 \
    F (T, KEY, id, MAX_ID, "opaque")                                                                                                  \
    F (T, STR, name, MAX_NAME, "unique; may replace the id in every path")                                                            \
    F (T, STR, url, MAX_URL, "its repository: what `git clone` takes")                                                                \
    F (T, STR, default_branch, MAX_NAME, "where schedules come from")                                                                 \
    F (T, TIME, created_at, 0, "when it was registered")                                                                              \
    F (T, I64, runs, INT64_MAX, "how many runs it has had")                                                                           \
    F (T, ENUM (project), state, 0, "can its repository be read?")                                                                    \
    F (T, STR, state_reason, MAX_TEXT,                                                                                                \
       "the progress of the clone, or why it cannot be read, as git reports it")                                                      \
    F (T, BOOL, trusted, 1,                                                                                                           \
       "an administrator registered it: it may be a folder of the server or on a private network")                                    \
    F (T, STR, schedules_suspended, MAX_TEXT,                                                                                         \
       "cron lines suspended until their file changes, because the server crashed each time they were due; only of a single project") \
    F (T, STR, visibility, 32, "private, or public: everybody may see its runs, logs and artifacts")                                  \
    F (T, STR, role, 32,                                                                                                              \
       "what the caller may do there: VIEWER, DEVELOPER, MAINTAINER, ADMIN; empty for nothing but to see what is public")             \
    F (T, STR, repository, MAX_TEXT,                                                                                                  \
       "OWNER/NAME, as github.repository and identities have it; only of a single project")                                           \
    F (T, STR, repository_id, 20,                                                                                                     \
       "a number that no other project ever has, likewise; only of a single project")

// From the scheduler to itself: the next part of a run that was removed, and of a project, once its runs are gone.
#define RUN_PURGE(F, T)     F (T, KEY, run, MAX_ID, "")
#define PROJECT_PURGE(F, T) F (T, KEY, project, MAX_ID, "")

#endif
