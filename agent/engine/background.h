/* background.h - steps that run at the same time as those after them: GitHub's `background: true`, and the members of `parallel`.
 *
 * A lane is one sequence of steps: the job's own runs them one after the other; each background step is a lane of its own, with a
 * thread. BACKGROUND_MAX of them run at once, the others wait. One lock guards the whole job: a thread that runs the engine's code
 * holds it, and releases it only while it waits (lanes_leave), so that only those waits are concurrent.
 *
 * What such a step prints is kept in a file, and appended to the log in one piece when the step is collected: by a `wait` or `cancel` that
 * names it, or before the post steps. Only then do other steps see what it set. A job without background steps has no threads and no lock. */

#ifndef OPENCICD_AGENT_ENGINE_BACKGROUND_H
#define OPENCICD_AGENT_ENGINE_BACKGROUND_H

#include "agent/engine/step.h"

#include <sys/types.h>

#define BACKGROUND_MAX 10 // As GitHub has it

typedef struct background_steps background_steps_t;
typedef struct lanes lanes_t;

typedef struct lane {
    value_t *env;                   // The workflow's, the job's, and what GITHUB_ENV added
    const char *added_path;         // What GITHUB_PATH added, with colons
    char last_byte;                 // Of its log
    uint32_t last_row;              // The row that wrote it
    pid_t leader;                   // The process group that it waits for; 0: none
    int wake;                       // An eventfd that ends its wait; -1: it is the only lane
    background_steps_t *background; // NULL: the job's own
} lane_t;

// A step whose turn has come and whose condition holds.
void background_start (step_run_t *run);
// Waits until these have ended, and collects them; steps that were never started are ignored. Returns the worst of their conclusions, and the
// row of the first one that failed in *failed.
result_t background_wait (step_run_t *by, job_step_t *const *steps, size_t count, engine_step_t **failed);
result_t background_wait_all (step_run_t *by, engine_step_t **failed);
void background_cancel (step_run_t *by, job_step_t *const *steps, size_t count);
// Before the post steps: waits for those that nobody waited for. Returns what they mean for the job together.
result_t background_finish (job_run_t *job, engine_step_t **failed);
void background_close (job_run_t *job);

// About the lane that a step is in.
bool background_cancelled (const step_run_t *run);                             // A `cancel` step named it
bool background_holds_log (const step_run_t *run);                             // What it prints goes into
fault_t background_log (const step_run_t *run, const void *data, size_t size); // this
void background_note (const step_run_t *run, const char *name,
                      const char *value); // It set a variable; `name` NULL: it added a folder to PATH
void background_ended (const step_run_t *run, result_t outcome, result_t conclusion);

void lanes_leave (job_run_t *job); // Before a wait
void lanes_enter (job_run_t *job);
void lanes_wake (job_run_t *job); // Every lane checks its condition again
size_t lanes_leaders (const job_run_t *job, pid_t leaders[BACKGROUND_MAX + 1]);
// Builtin actions run without the lock, too, but one at a time.
void lanes_begin_builtin (job_run_t *job);
void lanes_end_builtin (job_run_t *job);

#endif
