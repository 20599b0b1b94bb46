/* routes_queue.h - the rows of routes.h about the queue: what waits for an agent. */

#ifndef OPENCICD_GATEWAY_ROUTES_QUEUE_H
#define OPENCICD_GATEWAY_ROUTES_QUEUE_H

#define QUEUE_ROUTES(R)                                                                               \
    R (GET, "/queue", queue_show, MAY_VIEW, 0, 200, api_call,                                         \
       "the jobs that wait for an agent, by the labels that they ask for, and why")                   \
    R (GET, "/queue/jobs", queue_jobs, MAY_VIEW, 0, 200, api_call,                                    \
       "those of one set of labels, in the order in which they are given to agents; the first 1,000") \
    R (POST, "/jobs/{job}/priority", job_priority, MAY_DEVELOP, 4 * KIB, 200, api_call,               \
       "move a waiting job forward or back; 409 where it does not wait for an agent")

#endif
