/* dag_again.h - which jobs of a run that has ended run again. Pure. */

#ifndef OPENCICD_SCHEDULER_DAG_AGAIN_H
#define OPENCICD_SCHEDULER_DAG_AGAIN_H

#include "services/scheduler/run/dag.h"

typedef enum { AGAIN_ALL, AGAIN_FAILED, AGAIN_JOB } again_t;

// chosen[i]: cell i runs again. `job` is the cell that was asked for with AGAIN_JOB. The number of those that were chosen by
// themselves; the others need them, call them, or are called by them.
size_t dag_again (const dag_t *self, again_t what, size_t job, bool *chosen);

#endif
