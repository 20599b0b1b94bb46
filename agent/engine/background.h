/* background.h - steps that run at the same time as those after them: GitHub's `background: true`, and the members of `parallel`.
 *
 * A lane is one flow of steps; the job's own takes them one after the other, and each step in the background is a lane of its own, with a
 * thread, of which BACKGROUND_MAX run at once and the others wait for their turn. One lock guards the job: whoever runs code of the engine
 * holds it, and leaves it only where it waits (lanes_leave), so that nothing but those waits happens at the same time.
 *
 * What such a step prints is kept in a file and becomes part of the log in one piece when the step is taken: by a `wait` or `cancel` that
 * names it, or before the posts. Only then others see what it set. A job without such steps has neither threads nor a lock. */

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
    uint32_t last_row;              // Whose that is
    pid_t leader;                   // Of the process that it waits for; 0: none
    int wake;                       // An eventfd that ends its wait; -1: nothing can happen beside it
    background_steps_t *background; // NULL: the job's own
} lane_t;

// A step whose turn has come and whose condition holds.
void background_start (step_run_t *run);
// Waits until those have ended, and takes them. Steps that were never started are left out. Gives the worst of their conclusions, and the
// row of the first one that failed in *failed.
result_t background_wait (step_run_t *by, job_step_t *const *steps, size_t count, engine_step_t **failed);
result_t background_wait_all (step_run_t *by, engine_step_t **failed);
void background_cancel (step_run_t *by, job_step_t *const *steps, size_t count);
// Before the posts: waits for those that nobody waited for. Gives what all of them together mean for the job.
result_t background_finish (job_run_t *job, engine_step_t **failed);
void background_close (job_run_t *job);

// Of the lane that a step is in.
bool background_cancelled (const step_run_t *run);                             // A `cancel` step named it
bool background_holds_log (const step_run_t *run);                             // What it prints goes into
fault_t background_log (const step_run_t *run, const void *data, size_t size); // this
void background_note (const step_run_t *run, const char *name,
                      const char *value); // It set a variable; NULL: a folder for PATH
void background_ended (const step_run_t *run, result_t outcome, result_t conclusion);

void lanes_leave (job_run_t *job); // Before a wait
void lanes_enter (job_run_t *job);
void lanes_wake (job_run_t *job); // All of them look again
size_t lanes_leaders (const job_run_t *job, pid_t leaders[BACKGROUND_MAX + 1]);
// The actions that we know ourselves leave the lock too, and run one at a time.
void lanes_begin_builtin (job_run_t *job);
void lanes_end_builtin (job_run_t *job);

#endif
