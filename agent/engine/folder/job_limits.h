/* job_limits.h - keeps a job within its limits: a control group for its processes (common/os/cgroup.h), and a look at what its folders
 * take of the disk, every few seconds.
 *
 * The group is made once, and each sandbox begins in it; a job's own limits are set when its labels are known. */

#ifndef OPENCICD_AGENT_ENGINE_FOLDER_JOB_LIMITS_H
#define OPENCICD_AGENT_ENGINE_FOLDER_JOB_LIMITS_H

#include "agent/engine/folder/limits.h"
#include "agent/engine/folder/workspace.h"
#include "agent/engine/process/stop.h"

typedef struct job_limits job_limits_t;

typedef struct {
    cgroup_usage_t group;
    const char *broken; // Why the job was stopped, or NULL
} job_limits_end_t;

// A fault: the detail says what this machine does not allow. Borrows the rules and the folders.
MUST_USE fault_t job_limits_new (job_limits_t **out, turn_t *turn, const limit_rules_t *rules,
                                 const workspace_t *folders);
void job_limits_destroy (job_limits_t **self_p);
const char *const *job_limits_entries (const job_limits_t *self); // As cgroup.h; NULL: there is no group

// From now on they are this job's, until job_limits_end. One that takes too much of the disk is stopped by `cancel`.
MUST_USE fault_t job_limits_begin (job_limits_t *self, turn_t *turn, const limits_t *limits,
                                   cancel_t *cancel);
void job_limits_end (job_limits_t *self, arena_t *arena, job_limits_end_t *out); // Also if it never began

#endif
