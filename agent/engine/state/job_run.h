/* job_run.h - one running job: what the engine's parts share. Private to agent/engine.
 *
 * A job is a queue of step runs: "Set up job", the pre stages, the steps, the post stages (the last registered first),
 * "Complete job". Its arena holds what outlives a step; each step run has an arena of its own. */

#ifndef OPENCICD_AGENT_ENGINE_STATE_JOB_RUN_H
#define OPENCICD_AGENT_ENGINE_STATE_JOB_RUN_H

#include "agent/engine/actions/action_store.h"
#include "agent/engine/builtin/builtin_uploaded.h"
#include "agent/engine/folder/job_limits.h"
#include "agent/engine/folder/workspace.h"
#include "agent/engine/output/mask.h"
#include "agent/engine/output/matcher.h"
#include "agent/engine/output/output.h"
#include "agent/engine/process/environ.h"
#include "agent/engine/process/stop.h"
#include "agent/engine/state/engine_port.h"
#include "agent/engine/state/frame.h"
#include "agent/engine/state/handler.h"
#include "agent/engine/state/lane.h"
#include "common/os/give.h"
#include "common/os/sandbox_link.h"
#include "workflow/model/job.h"

typedef struct containers containers_t; // container/containers.h

#define READ_BUFFER   (64 << 10)
#define LINGERING_MAX 32 // Pipes that leftover processes hold open; one more closes the oldest

typedef struct {
    int fd;
    output_t *output;
} output_stream_t;

struct job_run {
    const engine_options_t *options;
    const workspace_t *folders; // As its steps see them
    const workspace_t *outside; // As this program does; the same where the job has no container
    sandbox_link_t *sandbox;    // Where its processes run on this machine; NULL: none
    sandbox_link_t *inside;     // The first process of its container, where its steps run instead; NULL: none
    containers_t *containers;   // NULL: it has none
    give_t user;                // Of its container: what this program makes in its folders becomes his
    int64_t ahead_us;           // Of CLOCK_BOOTTIME: the time of day when the job began; its times go by that
    int orphans;                // Readable when a child ended
    const limit_rules_t *rules; // NULL: none
    job_limits_t *limits;       // NULL likewise
    arena_t *arena;
    const engine_sink_t *sink;
    const engine_job_t *offer;
    const job_t *job;
    mask_t *mask;
    matchers_t *matchers;
    annotation_count_t annotated;
    environ_t base; // What steps inherit: the agent's own variables, or those of the container
    environ_t own;  // The agent's
    action_store_options_t *store_options;
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
    bool held; // It failed and was held: whatever came then, it failed
    stop_t stop;
    double minutes;           // The job's timeout-minutes, or its limit
    const char *broken;       // The limit for which it was stopped; NULL: none
    fault_t log_fault;        // The sink refused the log: the job stops
    int64_t output_bytes;     // Of all steps' outputs
    int64_t set_bytes;        // Of what they set for later ones
    uploaded_seen_t uploaded; // Artifacts that were searched for test reports
    const value_t *subjects;  // By name, what steps declared to have made (effects/subjects.h); NULL: nothing
    const char *node;         // The node that the log has already named

    output_stream_t lingering[LINGERING_MAX]; // The oldest first
    size_t lingering_count;
    char *read_buffer;
};

#endif
