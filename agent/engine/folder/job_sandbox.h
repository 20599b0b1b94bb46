/* job_sandbox.h - the sandbox of a job: made ahead, entered for one job, gone with it.
 *
 * To make one takes a millisecond or two: so the next one is made when a job has ended, before there is another. */

#ifndef OPENCICD_AGENT_ENGINE_FOLDER_JOB_SANDBOX_H
#define OPENCICD_AGENT_ENGINE_FOLDER_JOB_SANDBOX_H

#include "agent/engine/folder/workspace.h"
#include "common/os/sandbox.h"

typedef struct job_sandbox job_sandbox_t;

typedef enum {
    ISOLATE_OFF,
    ISOLATE_AUTO, // Where this machine allows it; else the log says why not
    ISOLATE_ON    // A job that cannot be isolated fails
} isolate_t;

typedef struct {
    isolate_t mode;
    const char *program;       // opencicd-sandbox; NULL: there is none
    const char *const *hidden; // Folders besides the work folder; ends with NULL. NULL: none
    const char *const *shown;  // What can be read below hidden ones, likewise
} isolation_t;

// Tries whether this machine allows it; what is missing is logged.
job_sandbox_t *job_sandbox_new (const isolation_t *isolation, workspace_t *folders);
void job_sandbox_destroy (job_sandbox_t **self_p);

// Why jobs are not isolated; "": they are. Borrowed.
const char *job_sandbox_missing (const job_sandbox_t *self);

// Each begins in these control groups from now on: files of cgroup_entries, which outlive it. INVALID: jobs are not isolated here; another
// fault: the detail says what this machine does not allow.
MUST_USE fault_t job_sandbox_limit (job_sandbox_t *self, turn_t *turn, const char *const *groups);

// For the next job, in folders that are as new. A fault is seen by job_sandbox_enter.
void job_sandbox_prepare (job_sandbox_t *self);
// From now on the folders' view is the job's. Where `repository` is a folder of this machine in a place of which each sandbox has its own
// (/tmp), it can be read there all the same. UNAVAILABLE: it is gone, or was never made: prepare another one.
MUST_USE fault_t job_sandbox_enter (job_sandbox_t *self, turn_t *turn, const char *repository);
sandbox_link_t *job_sandbox_link (const job_sandbox_t *self); // NULL: jobs are not isolated
void job_sandbox_leave (job_sandbox_t *self);                 // Nothing runs in it any more

#endif
