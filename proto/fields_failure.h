/* fields_failure.h - fields of the failure digest: why a run failed, since when, and where else (docs/failures.md). */

#ifndef OPENCICD_FIELDS_FAILURE_H
#define OPENCICD_FIELDS_FAILURE_H

#include "proto/fields_annotation.h"
#include "proto/fields_test.h"
#include "proto/limits.h"

#define MAX_FAILURES      50   // Of one digest; more are counted
#define MAX_FAILURE_LINES 24   // Of one failure
#define MAX_SEEN          10   // Other runs of one failure that are listed
#define MAX_NEW_COMMITS   20   // Of one digest: the newest
#define MAX_REPRODUCE     4096 // Bytes of a command

// Another run that failed for the same reason, as far as the fingerprint says.
#define FAILURE_SEEN(F, T)                                  \
    F (T, STR, run_id, MAX_ID, "")                          \
    F (T, I64, run_number, INT64_MAX, "within the project") \
    F (T, STR, ref, MAX_TEXT, "full ref")                   \
    F (T, STR, sha, MAX_ID, "commit")                       \
    F (T, STR, job_id, MAX_ID, "")                          \
    F (T, STR, job_name, MAX_TEXT, "")                      \
    F (T, TIME, at, 0, "when the run was created")          \
    F (T, BOOL, passed, 1, "the same commit passed as well: the failure came and went without a change")

#define FAILURE(F, T)                                                                                    \
    F (T, STR, job_id, MAX_ID, "the job that failed")                                                    \
    F (T, STR, job_name, MAX_TEXT, "what is shown, matrix cell included")                                \
    F (T, STR, key, MAX_TEXT, "its key; of a called workflow after its caller's: \"deploy/build\"")      \
    F (T, STR, called_by, MAX_TEXT, "the job that calls the workflow it is of; empty for the run's own") \
    F (T, STR, workflow, MAX_TEXT, "the file it is in: the run's own, or the one that is called")        \
    F (T, JSON, matrix, MAX_DOC, "its cell of the matrix; null without one")                             \
    F (T, U32, attempt, UINT32_MAX, "the attempt that failed; 0: it never began")                        \
    F (T, ENUM (result), result, 0, "failure or cancelled")                                              \
    F (T, STR, reason, MAX_TEXT, "the job's own reason")                                                 \
    F (T, ENUM (phase), phase, 0, "which part of the job failed")                                        \
    F (T, U32, step, 10000, "number of the step that failed")                                            \
    F (T, STR, step_name, MAX_TEXT, "its name; empty where no step began")                               \
    F (T, I64, exit_code, INT32_MAX, "of its process; 128 + signal; 0 where that did not end it")        \
    F (T, STR, signal, 16, "SIGSEGV, where a signal ended the process")                                  \
    F (T, ENUM (cause), cause, 0, "what went wrong, as far as its lines tell")                           \
    F (T, STR, summary, MAX_TEXT, "all of it in one sentence")                                           \
    F (T, LIST (log_line), lines, MAX_FAILURE_LINES, "the lines of its log that matter")                 \
    F (T, LIST (annotation), annotations, MAX_ANNOTATIONS, "errors that the step reported")              \
    F (T, STR, fingerprint, 64, "of step, cause and lines, without what changes each time")              \
    F (T, STR, same_as, MAX_ID, "an earlier job of this list that failed for the same reason")           \
    F (T, BOOL, looked, 1, "its log was looked at")                                                      \
    F (T, STR, since_run, MAX_ID,                                                                        \
       "the first run on this branch that failed like this, since it last passed")                       \
    F (T, I64, since_number, INT64_MAX, "that run's number")                                             \
    F (T, LIST (failure_seen), seen, MAX_SEEN, "other runs that failed like this, latest first")         \
    F (T, STRS, branches, MAX_SEEN, "other branches on which it was seen")                               \
    F (T, BOOL, flaky, 1, "it came and went on one commit")                                              \
    F (T, U32, flaky_runs, 1000,                                                                         \
       "how many of the last `of_runs` runs failed like this on a commit that also passed")              \
    F (T, U32, of_runs, 1000, "the workflow's latest runs that were counted")                            \
    F (T, STR, reproduce, MAX_REPRODUCE, "the command that runs this job on a copy of the commit")

#define SKIPPED_JOB(F, T)               \
    F (T, STR, job_id, MAX_ID, "")      \
    F (T, STR, job_name, MAX_TEXT, "")  \
    F (T, ENUM (result), result, 0, "") \
    F (T, STR, reason, MAX_TEXT, "which job kept it from running, or why it was stopped")

#define NEW_COMMIT(F, T)                                       \
    F (T, STR, id, MAX_ID, "the commit")                       \
    F (T, STR, subject, MAX_TEXT, "first line of its message") \
    F (T, STR, author, MAX_NAME, "")                           \
    F (T, STR, authored_at, MAX_ID, "RFC 3339, in the author's time zone")

#define RUN_FAILURE(F, T) F (T, KEY, run, MAX_ID, "")
#define FAILURE_DIGEST(F, T)                                                                           \
    F (T, STR, run_id, MAX_ID, "")                                                                     \
    F (T, STR, project, MAX_NAME, "")                                                                  \
    F (T, I64, number, INT64_MAX, "of the run, within its project")                                    \
    F (T, STR, workflow, MAX_TEXT, "path of the workflow file")                                        \
    F (T, STR, name, MAX_TEXT, "the workflow's name")                                                  \
    F (T, STR, title, MAX_TEXT, "of the run")                                                          \
    F (T, STR, event, MAX_NAME, "")                                                                    \
    F (T, STR, ref, MAX_TEXT, "full ref")                                                              \
    F (T, STR, sha, MAX_ID, "commit")                                                                  \
    F (T, ENUM (run), state, 0, "of the run")                                                          \
    F (T, ENUM (result), result, 0, "of the run; null before its end")                                 \
    F (T, U32, attempt, UINT32_MAX, "of the run")                                                      \
    F (T, STR, headline, MAX_TEXT, "the first failure in one sentence; empty where nothing failed")    \
    F (T, LIST (failure), failures, MAX_FAILURES, "what failed, in the order of the workflow")         \
    F (T, U32, more, UINT32_MAX, "failed jobs that are not listed")                                    \
    F (T, LIST (skipped_job), skipped, MAX_FAILURES,                                                   \
       "jobs that did not run, or were stopped, because of these")                                     \
    F (T, BOOL, complete, 1, "the log of each failure was looked at")                                  \
    F (T, STR, green_run, MAX_ID, "the last run on this branch that passed before; empty for none")    \
    F (T, I64, green_number, INT64_MAX, "its number")                                                  \
    F (T, STR, green_sha, MAX_ID, "its commit")                                                        \
    F (T, TIME, green_at, 0, "when it was created")                                                    \
    F (T, STR, red_run, MAX_ID, "the first run on this branch that failed after it")                   \
    F (T, I64, red_number, INT64_MAX, "its number")                                                    \
    F (T, U32, red_runs, 1000, "runs on this branch that failed since, this one included")             \
    F (T, LIST (new_commit), commits, MAX_NEW_COMMITS, "since the run that passed, the newest first")  \
    F (T, BOOL, more_commits, 1, "there are more than are listed")                                     \
    F (T, STR, commits_unknown, MAX_TEXT, "why the commits are not known, where they were looked for") \
    F (T, LIST (test_result), tests, MAX_DIGEST_TESTS, "failed tests of its reports, new ones first")  \
    F (T, U32, failed_tests, INT32_MAX, "how many there are")

#define FAILURE_LOOK(F, T)      \
    F (T, KEY, job, MAX_ID, "") \
    F (T, U32, attempt, UINT32_MAX, "")

//     number, name, fields, meaning (messages.h)
#define FAILURE_MESSAGES(M)                                                                 \
    M (203, failure_seen, FAILURE_SEEN, "another run that failed like this")                \
    M (204, failure, FAILURE, "why a job failed")                                           \
    M (205, skipped_job, SKIPPED_JOB, "a job that did not run because another failed")      \
    M (206, new_commit, NEW_COMMIT, "a commit since the branch last passed")                \
    M (207, run_failure, RUN_FAILURE, "why a run failed")                                   \
    M (208, failure_digest, FAILURE_DIGEST, "why a run failed, since when, and where else") \
    M (209, failure_look, FAILURE_LOOK, "look at the log of a job that failed")

#endif
