/* job.h - one running job: what the engine's parts share. Private to agent/engine.
 *
 * A job is a queue of step runs: "Set up job", the pre stages, the steps, the post stages (the last registered first),
 * "Complete job". Its arena holds what outlives a step; each step run has an arena of its own. */

#ifndef OPENCICD_AGENT_ENGINE_JOB_H
#define OPENCICD_AGENT_ENGINE_JOB_H

#include "agent/engine/annotation.h"
#include "agent/engine/background.h"
#include "agent/engine/environ.h"
#include "agent/engine/host.h"
#include "agent/engine/mask.h"
#include "agent/engine/matcher.h"
#include "agent/engine/output.h"
#include "agent/engine/stop.h"
#include "agent/engine/workspace.h"

#define READ_BUFFER (64 << 10)

typedef struct {
    int fd;
    output_t *output;
} output_stream_t;

struct job_run {
    const engine_options_t *options;
    const workspace_t *folders;
    int orphans; // Readable when a child ended
    arena_t *arena;
    const engine_sink_t *sink;
    const engine_job_t *offer;
    const job_t *job;
    mask_t *mask;
    matchers_t *matchers;
    annotation_count_t annotated;
    environ_t base; // The agent's own variables, which steps inherit
    action_store_t *store;

    // Contexts
    value_t *github, *runner, *job_context;
    const value_t *given; // needs, matrix, strategy, inputs, vars, secrets by name
    frame_t frame;
    const value_t *first_env; // lane.env before the first step; NULL: no step was reached

    // The steps
    job_step_t *steps;        // The members of a `parallel` precede it
    size_t step_count, first; // Index of the first step that runs: not 0 in a resumed job
    job_step_t *posts;        // Registered post stages, the last one first
    unsigned runs;            // How many step runs there were
    uint32_t rows;            // The number of the last row
    step_run_t *current;
    step_run_t *resolving; // The step whose action is being fetched
    lane_t lane;
    lanes_t *lanes; // NULL: no step ran in the background yet

    // State
    const char *reason;
    stop_t stop;
    double minutes;       // The job's timeout-minutes
    fault_t log_fault;    // The sink refused the log: the job stops
    int64_t output_bytes; // Of all steps' outputs
    int64_t set_bytes;    // Of what they set for later ones
    const char *node;     // The node that the log has already named

    output_stream_t lingering[HOST_LINGERING]; // The oldest first
    size_t lingering_count;
    char *read_buffer;
};

void job_run (job_run_t *self, engine_result_t *out);
void job_blame (job_run_t *self, const engine_step_t *row); // The job fails because of that step

// contexts.c: the job's contexts at its start. scope->error says what is wrong.
MUST_USE fault_t contexts_open (job_run_t *self, scope_t *scope);

// environ_step.c
void environ_of_job (job_run_t *self);                               // Fills self->base
MUST_USE fault_t environ_of_step (step_run_t *self, environ_t *out); // The scope has the error

// resolve.c: what a step runs, as far as known now: an action in the workspace may be created by an earlier step.
MUST_USE fault_t resolve_step (step_run_t *by, job_step_t *step, const action_found_t *inside, bool running);
// The steps of the job with the members of `parallel`, and for each `wait` the steps that it waits for.
job_step_t *resolve_job (job_run_t *self, const step_t *steps, size_t count, size_t *out_count);
job_step_t *resolve_steps (job_run_t *self, const step_t *steps, size_t count, job_step_t *outer,
                           frame_t *frame);

// inputs.c: the inputs of an action, with its defaults.
MUST_USE fault_t inputs_evaluate (step_run_t *self, const action_t *action);

#endif
