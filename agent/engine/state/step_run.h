/* step_run.h - one run of one step: its pre, its main or its post.
 *
 * A job_step_t is a step of a job or of a composite action: what its stages share; it lives as long as the job. A step_run_t is one
 * running stage. The run of a step inside an action has as its `outer` the run of the step that uses the action, and writes to its row and log. */

#ifndef OPENCICD_AGENT_ENGINE_STATE_STEP_RUN_H
#define OPENCICD_AGENT_ENGINE_STATE_STEP_RUN_H

#include "agent/engine/actions/action_store.h"
#include "agent/engine/builtin/builtin.h"
#include "agent/engine/state/handler.h"
#include "agent/engine/state/job_run.h"
#include "agent/engine/state/scope.h"
#include "common/base/buffer.h"

typedef enum { STAGE_PRE, STAGE_MAIN, STAGE_POST } stage_t;

struct job_step {
    const step_t *step;
    const step_handler_t *handler;
    job_step_t *outer;        // The step that uses the action this one belongs to; NULL: it is the job's own
    frame_t *frame;           // The frame whose `steps` it is in
    const builtin_t *builtin; // What `uses` names: a builtin action,
    const action_found_t *found;    // or a fetched one; NULL: not resolved yet
    bool built;                     // The image of a Docker action was, in this job
    const char *name;               // As last shown
    value_t *state;                 // STATE_name: what pre and main kept for main and post
    bool registered;                // Its post is to run
    background_steps_t *background; // It was started in the background
    job_step_t **targets;           // Of wait, cancel and parallel
    size_t target_count;
    job_step_t *next_post; // The post registered before this one, in the same frame
    // Of a composite action
    frame_t *inner;
    job_step_t *steps;
    size_t step_count;
    job_step_t *posts; // Registered post stages of its steps, the last one first
};

struct step_run {
    job_run_t *job;
    job_step_t *of; // NULL: "Set up job" and "Complete job"
    step_run_t *outer;
    lane_t *lane;
    stage_t stage;
    unsigned number; // Unique in the job: part of its files' names
    engine_step_t *row;
    engine_step_t *blamed; // The step that made it fail; NULL: itself
    scope_t scope;
    const environ_t *base;   // What its processes inherit; NULL: the job's
    value_t *own_env;        // What its `env` and those around it set
    value_t *with;           // Its inputs
    value_t *outputs;        // In the job's arena, as all that other steps see
    buffer_t *summary;       // Of the row; NULL: none was written
    struct reports *reports; // Likewise: test reports that it named
    int64_t deadline_us;
    bool cancel_seen, cancelled; // It has noticed the job's cancel; it ends because of it
    bool refused;                // It used a command that fails a step
    bool warned;                 // A deprecated command was already reported
    bool echoes;                 // Show commands in the log, too (::echo::on); at first where it debugs
    bool ended;                  // Further output is from processes that it left behind
};

#endif
