/* routes_queue.h - the rows of routes.h about the queue, what waits for an agent, and how runs did. */

#ifndef OPENCICD_GATEWAY_ROUTES_QUEUE_H
#define OPENCICD_GATEWAY_ROUTES_QUEUE_H

#define QUEUE_ROUTES(R)                                                                               \
    R (GET, "/overview", overview_show, MAY_READ, 0, 200, api_show,                                   \
       "which default branches fail, what runs, and what the caller started last")                    \
    R (GET, "/queue", queue_show, MAY_VIEW, 0, 200, api_call,                                         \
       "the jobs that wait for an agent, by the labels that they ask for, and why")                   \
    R (GET, "/queue/jobs", queue_jobs, MAY_VIEW, 0, 200, api_call,                                    \
       "those of one set of labels, in the order in which they are given to agents; the first 1,000") \
    R (POST, "/jobs/{job}/priority", job_priority, MAY_DEVELOP, 4 * KIB, 200, api_call,               \
       "move a waiting job forward or back; 409 where it does not wait for an agent")                 \
    R (POST, "/runs/{run}/priority", run_priority, MAY_DEVELOP, 4 * KIB, 200, api_call,               \
       "move all jobs of a run forward or back, those too that are still to come; 409 once it ended") \
    R (GET, "/projects/{project}/insights", insights_show, MAY_VIEW, 0, 200, api_call,                \
       "durations, waits, results, slow steps, flaky jobs and cost of its runs, of a range of days")  \
    R (GET, "/runs/{run}/plan", run_plan, MAY_VIEW, 0, 200, api_call,                                 \
       "the run as it was planned: the file, its jobs and steps, and every value of each job's `if`")

#endif
