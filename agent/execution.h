/* execution.h - one job under way: what the engine's parts share. Private to agent/engine*.c and execution*.c.
 *
 * Two lifetimes: the job's arena, and one for the step that runs. */

#ifndef OPENCICD_AGENT_EXECUTION_H
#define OPENCICD_AGENT_EXECUTION_H

#include "agent/engine.h"
#include "agent/mask.h"
#include "agent/output.h"
#include "agent/variables.h"
#include "agent/workspace.h"
#include "workflow/job.h"

#define LINGERING_MAX 32 // Pipes that processes in the background hold open; past it they are killed

typedef struct {
    int fd;
    output_t *output;
} stream_t;

typedef struct execution {
    engine_t *engine;
    const workspace_t *folders;
    arena_t *arena; // The job's
    arena_t *turn;  // The step's
    const engine_sink_t *sink;
    const engine_job_t *offer;
    const job_t *job;
    mask_t *mask;
    variables_t variables;

    // Contexts
    value_t *github, *runner, *job_context, *steps;
    const value_t *offered; // needs, matrix, strategy, inputs, vars, secrets by name
    value_t *env;           // The workflow's, the job's, and what GITHUB_ENV added
    value_t *step_env;      // The same with the step's
    const char *added_path; // What GITHUB_PATH added, with colons

    // How it stands
    result_t status;
    const char *reason;
    bool soft_taken;      // It was told to stop; only steps with always() and cancelled() run
    bool stopped;         // No step runs any more
    bool timed_out;       // That is why
    double minutes;       // The job's timeout-minutes
    int64_t deadline_us;  // Monotonic
    fault_t log_fault;    // The sink takes no more
    const char *error;    // What the last fault was about
    char last_byte;       // Of the log
    int64_t output_bytes; // Of all steps' outputs

    // The step that runs
    const step_t *step;
    engine_step_t *row;
    stream_t lingering[LINGERING_MAX];
    size_t lingering_count;
    char *read_buffer;
} execution_t;

// ---- execution_context.c: contexts and expressions. Faults leave execution->error.
MUST_USE fault_t execution_contexts (execution_t *self);
MUST_USE fault_t execution_text (execution_t *self, const text_t *text,
                                 const char **out); // NULL for an absent one
MUST_USE fault_t execution_condition (execution_t *self, const text_t *text, bool *out);
MUST_USE fault_t execution_number (execution_t *self, const text_t *text, double fallback, double *out);
MUST_USE fault_t execution_flag (execution_t *self, const text_t *text, bool *out); // Absent: false
// Evaluates each pair and sets it in `object`, a context; values see those of the pairs before only where `object` is one.
MUST_USE fault_t execution_pairs (execution_t *self, const pairs_t *pairs, value_t *object);
const value_t *execution_context (void *self, const char *name);

// ---- execution_variables.c
void execution_variables (execution_t *self);                        // Those of the whole job
void execution_step_variables (execution_t *self, variables_t *out); // With the step's
void execution_prepend_path (execution_t *self, const char *folder);

// ---- execution_log.c
void execution_log (execution_t *self, const char *format, ...) __attribute__ ((format (printf, 2, 3)));
void execution_emit (void *self, const void *data, size_t size); // Masked bytes, to the sink
void execution_command (void *self, const command_t *command);   // A workflow command in a step's output
void execution_error (execution_t *self, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

// ---- execution_files.c
void execution_prepare_files (execution_t *self);
MUST_USE fault_t execution_take_files (execution_t *self);
void execution_set_output (execution_t *self, const char *name, const char *value);

// ---- execution_process.c
typedef struct {
    char *const *arguments;
    char *const *variables;
    const char *folder;
    int64_t deadline_us; // Monotonic; NEVER for none but the job's
    buffer_t *capture;   // Where its standard output goes instead of the log; may be NULL
} process_t;
typedef enum { PROCESS_ENDED, PROCESS_STOPPED, PROCESS_TIMED_OUT, PROCESS_FAILED } process_end_t;
// Runs it to its end, or stops it. FAILED: it did not start, execution->error says why.
process_end_t execution_process (execution_t *self, const process_t *process, int *exit_code);
void execution_end_processes (execution_t *self); // All that were left behind

// ---- execution_step.c
void execution_step (execution_t *self, const step_t *step, engine_step_t *row);

// ---- execution_script.c, execution_uses.c: the two kinds of steps. Each gives its outcome.
result_t execution_script (execution_t *self, int64_t deadline_us);
result_t execution_uses (execution_t *self, int64_t deadline_us);
// ---- execution.c: the whole job
void execution_run (execution_t *self, engine_result_t *out);
// Looks whether it was told to stop, or its time is over: sets status, soft_taken, stopped.
void execution_look (execution_t *self);

// ---- engine.c
const engine_options_t *engine_settings (const engine_t *self);
const workspace_t *engine_folders (const engine_t *self);

#endif
