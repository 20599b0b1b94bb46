/* job.h - runs a job: "Set up job", its steps, their posts, "Complete job". */

#ifndef OPENCICD_AGENT_ENGINE_JOB_JOB_H
#define OPENCICD_AGENT_ENGINE_JOB_JOB_H

#include "agent/engine/state/job_run.h"

void job_run (job_run_t *self, engine_result_t *out);

#endif
