/* background.h - steps that run at the same time as those after them: GitHub's `background: true`, and the members of `parallel`.
 *
 * Each is a lane of its own, with a thread; state/lanes.h says what guards them. BACKGROUND_MAX of them run at once, the others wait.
 *
 * What such a step prints is kept in a file, and appended to the log in one piece when the step is collected: by a `wait` or `cancel` that
 * names it, or before the post steps. Only then do other steps see what it set. */

#ifndef OPENCICD_AGENT_ENGINE_STEP_BACKGROUND_H
#define OPENCICD_AGENT_ENGINE_STEP_BACKGROUND_H

#include "agent/engine/state/step_run.h"

// A step whose turn has come and whose condition holds. `go_on` runs it to its end, in its own thread.
void background_start (step_run_t *run, void (*go_on) (step_run_t *run));
// Waits until these have ended, and collects them; steps that were never started are ignored. Returns the worst of their conclusions, and the
// row of the first one that failed in *failed.
result_t background_wait (step_run_t *by, job_step_t *const *steps, size_t count, engine_step_t **failed);
result_t background_wait_all (step_run_t *by, engine_step_t **failed);
void background_cancel (step_run_t *by, job_step_t *const *steps, size_t count);
// Before the post steps: waits for those that nobody waited for. Returns what they mean for the job together.
result_t background_finish (job_run_t *job, engine_step_t **failed);
void background_close (job_run_t *job);

#endif
