/* lanes.h - the lock of a job, and what a step does in its lane.
 *
 * A lane is one sequence of steps: the job's own runs them one after the other; each background step is a lane of its own, with a
 * thread. One lock guards the whole job: a thread that runs the engine's code holds it, and releases it only while it waits
 * (lanes_leave), so that only those waits are concurrent. A job without background steps has no threads and no lock.
 *
 * What such a step prints is kept in a file, and what it sets in a list, until it is collected: only then do other steps see either. */

#ifndef OPENCICD_AGENT_ENGINE_STATE_LANES_H
#define OPENCICD_AGENT_ENGINE_STATE_LANES_H

#include "agent/engine/state/step_run.h"

// About the lane that a step is in.
bool lane_cancelled (const step_run_t *run);                             // A `cancel` step named it
bool lane_holds_log (const step_run_t *run);                             // What it prints goes into
fault_t lane_log (const step_run_t *run, const void *data, size_t size); // this
void lane_note (const step_run_t *run, const char *name,
                const char *value); // It set a variable; `name` NULL: it added a folder to PATH
void lane_ended (const step_run_t *run, result_t outcome, result_t conclusion);

void lanes_leave (job_run_t *job); // Before a wait
void lanes_enter (job_run_t *job);
void lanes_wake (job_run_t *job); // Every lane checks its condition again
size_t lanes_leaders (const job_run_t *job, pid_t leaders[BACKGROUND_MAX + 1]);
// Builtin actions run without the lock, too, but one at a time.
void lanes_begin_builtin (job_run_t *job);
void lanes_end_builtin (job_run_t *job);

#endif
