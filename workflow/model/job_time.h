/* job_time.h - how long a job may take where its file does not say: for the planner, the scheduler and the agent alike. As GitHub has it. */

#ifndef OPENCICD_WORKFLOW_JOB_TIME_H
#define OPENCICD_WORKFLOW_JOB_TIME_H

#define JOB_MINUTES 360 // timeout-minutes
#define JOB_CANCEL_MINUTES \
    5 // cancel-timeout-minutes: what steps with always() have together after a cancel or a timeout

#endif
