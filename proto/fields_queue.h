/* fields_queue.h - fields of the queue: the jobs that wait for an agent, by the labels that they ask for. */

#ifndef OPENCICD_FIELDS_QUEUE_H
#define OPENCICD_FIELDS_QUEUE_H

#include "proto/limits.h"

#define PRIORITY_MOST 100  // And least, below 0
#define QUEUE_PREVIEW 10   // Jobs of a set of labels that come with it
#define QUEUE_SETS    50   // Of one page
#define QUEUE_DEPTH   1000 // Jobs of one set whose order is predicted

#define QUEUE_JOB(F, T)                                                                  \
    F (T, KEY, id, MAX_ID, "the job")                                                    \
    F (T, STR, name, MAX_TEXT, "what is shown, matrix cell included")                    \
    F (T, STR, run_id, MAX_ID, "its run")                                                \
    F (T, I64, run_number, INT64_MAX, "of that run")                                     \
    F (T, STR, title, MAX_TEXT, "of that run")                                           \
    F (T, STR, project_id, MAX_ID, "its project")                                        \
    F (T, STR, project, MAX_NAME, "that project's name")                                 \
    F (T, I64, priority, PRIORITY_MOST, "0 unless it was moved; the higher the earlier") \
    F (T, U32, position, QUEUE_DEPTH,                                                    \
       "from 1, among the jobs that ask for the same labels, if "                        \
       "no job ends meanwhile")                                                          \
    F (T, TIME, queued_at, 0, "since when it waits for an agent")

#define QUEUE_SET(F, T)                                                                                    \
    F (T, STRS, labels, 64, "what an agent must have; none: any agent")                                    \
    F (T, I64, size, INT64_MAX, "how many jobs wait for it")                                               \
    F (T, I64, priority, PRIORITY_MOST, "the highest of theirs")                                           \
    F (T, TIME, since, 0, "since when the first of them waits")                                            \
    F (T, STR, reason, MAX_TEXT, "why they wait, as `wait_reason` of a job says")                          \
    F (T, BOOL, never, 1, "no agent has the labels, offline ones included: they cannot run as things are") \
    F (T, STR, help, MAX_TEXT, "what would help; empty where an agent is about to take one")               \
    F (T, ROWS (queue_job), jobs, QUEUE_PREVIEW,                                                           \
       "the first of them, in the order in which they are given to agents")

#define QUEUE_SHOW(F, T)                                                     \
    F (T, STR, cursor, MAX_TEXT, "`next` of the page before")                \
    F (T, U32, limit, QUEUE_SETS, "sets of labels of the page; default: 20") \
    F (T, U32, jobs, QUEUE_PREVIEW, "jobs of each that come along; default: 5")
#define QUEUE_PAGE(F, T)                                                                             \
    F (T, ROWS (queue_set), items, QUEUE_SETS, "the highest priority first, then who waits longest") \
    F (T, STR, next, MAX_TEXT, "cursor of the next page; empty on the last")

#define QUEUE_JOBS(F, T) \
    PAGE (F, T)          \
    F (T, STRS, labels, 64, "of the set; none: the jobs that any agent can take")
#define QUEUE_JOB_PAGE(F, T) PAGE_OF (F, T, queue_job)

#define JOB_PRIORITY(F, T)              \
    F (T, KEY, job, MAX_ID, "")         \
    F (T, I64, priority, PRIORITY_MOST, \
       "from -100 to 100: before all waiting jobs with a lower one; 0: as it was")

#define RUN_PRIORITY(F, T)              \
    F (T, KEY, run, MAX_ID, "")         \
    F (T, I64, priority, PRIORITY_MOST, \
       "from -100 to 100: all its jobs before all waiting jobs with a lower one; 0: as it was")

// Rows of MESSAGES (messages.h).
#define QUEUE_MESSAGES(M)                                                      \
    M (190, queue_job, QUEUE_JOB, "a job that waits for an agent")             \
    M (191, queue_set, QUEUE_SET, "the jobs that wait for the same labels")    \
    M (192, queue_show, QUEUE_SHOW, "what waits for an agent, and why")        \
    M (193, queue_page, QUEUE_PAGE, "sets of labels for which jobs wait")      \
    M (194, queue_jobs, QUEUE_JOBS, "the jobs of one set of labels that wait") \
    M (195, queue_job_page, QUEUE_JOB_PAGE,                                    \
       "jobs that wait, in the order in which they are given to agents")       \
    M (196, job_priority, JOB_PRIORITY, "move a waiting job forward or back")  \
    M (197, run_priority, RUN_PRIORITY, "move all jobs of a run forward or back")

#define QUEUE_CALLS(C)                               \
    C (queue_show, scheduler, queue_page, AGAIN)     \
    C (queue_jobs, scheduler, queue_job_page, AGAIN) \
    C (job_priority, scheduler, job, AGAIN)          \
    C (run_priority, scheduler, run, AGAIN)

#endif
