/* fields_insight.h - fields of a project's insights: how long its runs take, how long they wait, what fails, what comes and goes, what it costs.
 *
 * They are a sample: of each day so many of its last runs, and of those so many jobs. What was not looked at is said. */

#ifndef OPENCICD_FIELDS_INSIGHT_H
#define OPENCICD_FIELDS_INSIGHT_H

#include "proto/limits.h"

#define INSIGHT_DAYS      92  // Of one range
#define INSIGHT_RUNS      600 // That are looked at
#define INSIGHT_JOBS      1200
#define INSIGHT_STEPS     160 // Jobs whose steps are looked at
#define INSIGHT_ROWS      20  // Of a list
#define INSIGHT_WORKFLOWS 100

#define INSIGHTS_SHOW(F, T)                                                                   \
    F (T, KEY, project, MAX_NAME, "id or name")                                               \
    F (T, TIME, from, 0, "runs that were created from then on; default: 30 days before `to`") \
    F (T, TIME, to, 0, "and before; default: now")                                            \
    F (T, STR, workflow, MAX_TEXT, "only of this workflow, by its path")                      \
    F (T, STR, branch, MAX_TEXT, "only of this branch: main, or a full ref")

// Of runs: from the first job's start to the end. Of jobs: from when they could run until an agent took them. Nearest rank.
#define INSIGHT_TIMES(F, T)                                                                       \
    F (T, U32, runs, INSIGHT_RUNS, "that were looked at")                                         \
    F (T, U32, succeeded, INSIGHT_RUNS, "of those")                                               \
    F (T, U32, failed, INSIGHT_RUNS, "of those; the others were cancelled, skipped or still run") \
    F (T, I64, duration_p50_ms, INT64_MAX, "of those that succeeded at their first attempt")      \
    F (T, I64, duration_p95_ms, INT64_MAX, "of those")                                            \
    F (T, I64, wait_p50_ms, INT64_MAX, "of their jobs, until an agent took them")                 \
    F (T, I64, wait_p95_ms, INT64_MAX, "of those")

#define INSIGHT_DAY(F, T)                                     \
    F (T, STR, day, 10, "of their creation, UTC: 2026-11-29") \
    INSIGHT_TIMES (F, T)                                      \
    F (T, BOOL, cut, 1, "there were more runs on that day than were looked at")

#define INSIGHT_WORKFLOW(F, T)                                  \
    F (T, STR, workflow, MAX_TEXT, "path of the workflow file") \
    F (T, STR, name, MAX_TEXT, "its name")                      \
    INSIGHT_TIMES (F, T)                                        \
    F (T, I64, agent_ms, INT64_MAX, "time that its runs had agents for: the latest attempts of their jobs")

#define INSIGHT_STEP(F, T)                                        \
    F (T, STR, workflow, MAX_TEXT, "path of the workflow file")   \
    F (T, STR, job, MAX_TEXT, "key of the job")                   \
    F (T, STR, step, MAX_TEXT, "name of the step")                \
    F (T, U32, count, INSIGHT_JOBS, "how often it was looked at") \
    F (T, I64, duration_p50_ms, INT64_MAX, "the list's order")    \
    F (T, I64, duration_p95_ms, INT64_MAX, "")                    \
    F (T, I64, total_ms, INT64_MAX, "of all that were looked at")

#define INSIGHT_FLAKY(F, T)                                                                      \
    F (T, STR, workflow, MAX_TEXT, "path of the workflow file")                                  \
    F (T, STR, job, MAX_TEXT, "name of the job, matrix cell included")                           \
    F (T, U32, commits, INSIGHT_JOBS, "on which it both failed and succeeded: the list's order") \
    F (T, U32, failed, INSIGHT_JOBS, "times that it failed on those")                            \
    F (T, U32, succeeded, INSIGHT_JOBS, "times that it succeeded on those")                      \
    F (T, STR, sha, MAX_ID, "the last of those commits")                                         \
    F (T, STR, job_id, MAX_ID, "a job that failed on it, with an attempt that may be an earlier one")

#define INSIGHTS(F, T)                                                                                      \
    F (T, STR, project_id, MAX_ID, "")                                                                      \
    F (T, TIME, from, 0, "what was looked at")                                                              \
    F (T, TIME, to, 0, "")                                                                                  \
    INSIGHT_TIMES (F, T)                                                                                    \
    F (T, U32, jobs, INSIGHT_JOBS, "jobs of those runs that were looked at")                                \
    F (T, U32, most_runs_per_day, INSIGHT_RUNS, "of a day at most so many of its last runs were looked at") \
    F (T, BOOL, cut, 1, "there were more runs or jobs than were looked at: the figures are of a sample")    \
    F (T, ROWS (insight_day), days, INSIGHT_DAYS, "days with runs, the first one first")                    \
    F (T, ROWS (insight_workflow), workflows, INSIGHT_WORKFLOWS, "what had agents for longest first")       \
    F (T, ROWS (insight_step), steps, INSIGHT_ROWS, "the slowest")                                          \
    F (T, ROWS (insight_flaky), flaky, INSIGHT_ROWS, "same commit, other result")

// Rows of MESSAGES (messages.h).
#define INSIGHT_MESSAGES(M)                                                 \
    M (230, insight_day, INSIGHT_DAY, "a project's runs of one day")        \
    M (231, insight_workflow, INSIGHT_WORKFLOW, "the runs of one workflow") \
    M (232, insight_step, INSIGHT_STEP, "a step of a workflow")             \
    M (233, insight_flaky, INSIGHT_FLAKY, "a job that comes and goes")      \
    M (234, insights_show, INSIGHTS_SHOW, "how a project's runs did")       \
    M (235, insights, INSIGHTS, "durations, waits, results and cost of a project's runs")

#define INSIGHT_CALLS(C) C (insights_show, scheduler, insights, AGAIN)

#endif
