/* host.h - a step's process, from its start to its end: on this machine, in a sandbox, or in a container. */

#ifndef OPENCICD_AGENT_ENGINE_STEP_HOST_H
#define OPENCICD_AGENT_ENGINE_STEP_HOST_H

#include "agent/engine/state/step_run.h"
#include "common/base/buffer.h"

typedef struct {
    char *const *arguments; // The program's path first
    char *const *variables;
    const char *folder;
    buffer_t *capture;    // Where its standard output goes instead of the log; may be NULL
    bool outside;         // On this machine, also where the job has a container
    bool unconfined;      // And outside of its sandbox too: it is the agent's, not the job's
    sandbox_link_t *link; // In this container; NULL: where the job's steps run
} exec_t;

typedef enum { EXEC_ENDED, EXEC_STOPPED, EXEC_TIMED_OUT, EXEC_FAILED } exec_end_t;

// Runs it to its end, or stops it. EXEC_FAILED: it did not start; scope->error says why.
exec_end_t host_exec (step_run_t *self, const exec_t *exec, int *exit_code);
// Waits until `done` returns true; it is asked again after each change in another lane.
void host_wait (step_run_t *self, bool (*done) (void *), void *context);
// The result of a step whose last process ended like this; logs it.
result_t host_judge (step_run_t *self, exec_end_t end, int exit_code);
void host_end_all (step_run_t *self); // Kills every process that steps left behind

#endif
