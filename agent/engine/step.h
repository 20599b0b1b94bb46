/* step.h - one run of one step: its pre, its main or its post.
 *
 * A job_step_t is a step of a job, or of a composite action, for as long as the job lasts: what its stages share. A step_run_t is one
 * stage under way; a step inside an action has the run of the step that uses the action around it, and that one's row and log. */

#ifndef OPENCICD_AGENT_ENGINE_STEP_H
#define OPENCICD_AGENT_ENGINE_STEP_H

#include "agent/engine/action_store.h"
#include "agent/engine/builtin.h"
#include "agent/engine/engine.h"
#include "agent/engine/handler.h"
#include "agent/engine/scope.h"
#include "common/base/buffer.h"

typedef enum { STAGE_PRE, STAGE_MAIN, STAGE_POST } stage_t;

typedef struct job_step job_step_t;
struct job_step {
    const step_t *step;
    const step_handler_t *handler;
    job_step_t *outer;                   // The step whose action this one is in; NULL: the job's own
    frame_t *frame;                      // It is one of these steps
    const builtin_t *builtin;            // What `uses` is: one of ours,
    const action_found_t *found;         // or this; NULL: not known yet
    const char *name;                    // As it was shown last
    value_t *state;                      // STATE_name: what pre and main kept for main and post
    bool registered;                     // Its post is to run
    struct background_steps *background; // It was started in the background
    job_step_t **targets;                // Of wait, cancel and parallel
    size_t target_count;
    job_step_t *next_post; // Registered before it, among the same steps
    // Of a composite action
    frame_t *inner;
    job_step_t *steps;
    size_t step_count;
    job_step_t *posts; // Of its steps; the one registered last
};

struct step_run {
    job_run_t *job;
    job_step_t *of; // NULL: "Set up job" and "Complete job"
    step_run_t *outer;
    struct lane *lane;
    stage_t stage;
    unsigned number; // Of this run in the job: names its files
    engine_step_t *row;
    engine_step_t *blamed; // The step that it failed for; NULL: itself
    scope_t scope;
    value_t *own_env;  // What its `env` and those around it set
    value_t *with;     // Its inputs
    value_t *outputs;  // In the job's arena, as all that other steps see
    buffer_t *summary; // Of the row; NULL: none was written
    int64_t deadline_us;
    bool cancel_seen, cancelled; // The job's cancel was looked at; this step ends by it
    bool refused;                // It used a command that fails a step
    bool warned;                 // Of a command that is deprecated
    bool echoes;                 // Commands that only we read are shown too
    bool ended;                  // What still comes is from processes that it left
};

typedef enum { STEP_GOES_ON, STEP_TIMED_OUT, STEP_CANCELLED, STEP_KILLED } step_stop_t;

// `row` NULL: the outer one's. Gives its conclusion.
result_t step_execute (job_run_t *job, job_step_t *of, stage_t stage, engine_step_t *row, step_run_t *outer);
// The rest of one that runs in the background, in its own thread: from its beginning to how it ended, which others see later.
void step_continue (step_run_t *self);
void step_publish (step_run_t *self, result_t outcome, result_t conclusion); // Sets its entry in `steps`
// A run without a step, for what the job does itself.
step_run_t *step_run_begin (job_run_t *job, engine_step_t *row);
void step_run_end (step_run_t *self, result_t result);
// Whether it must end: the cancel, its time, or that of a step around it. At a cancel it goes on where its condition still holds.
step_stop_t step_check (step_run_t *self);
int64_t step_deadline (const step_run_t *self); // The first of them, monotonic
void step_set_output (step_run_t *self, const char *name, const char *value);
void step_set_env (step_run_t *self, const char *name, const char *value); // For the steps after it
void step_add_path (step_run_t *self, const char *folder);
const char *step_path_with (job_run_t *job,
                            const char *folder); // What GITHUB_PATH added, and this one before it
void step_keep_state (step_run_t *self, const char *name, const char *value);
void step_register_post (step_run_t *self);

#endif
