/* host.h - where a step's processes run. host_local.c: this machine. */

#ifndef OPENCICD_AGENT_ENGINE_HOST_H
#define OPENCICD_AGENT_ENGINE_HOST_H

#include "agent/engine/step.h"
#include "common/base/buffer.h"

#define HOST_LINGERING 32 // Pipes that processes in the background hold open; past it the oldest is closed

typedef struct {
    char *const *arguments; // The program's path first
    char *const *variables;
    const char *folder;
    buffer_t *capture; // Where its standard output goes instead of the log; may be NULL
} exec_t;

typedef enum { EXEC_ENDED, EXEC_STOPPED, EXEC_TIMED_OUT, EXEC_FAILED } exec_end_t;

// Runs it to its end, or stops it. FAILED: it did not start, the scope has the error.
exec_end_t host_exec (step_run_t *self, const exec_t *exec, int *exit_code);
// Until `done`, which is asked after whatever happens in another lane.
void host_wait (step_run_t *self, bool (*done) (void *), void *context);
// How a step ended whose last process ended so; says it in the log.
result_t host_judge (step_run_t *self, exec_end_t end, int exit_code);
void host_end_all (step_run_t *self); // All that were left behind

#endif
