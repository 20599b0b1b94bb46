/* engine_port.h - what a job is run with: the program's options, the job itself, and the sink to which what happens is reported. */

#ifndef OPENCICD_AGENT_ENGINE_STATE_ENGINE_PORT_H
#define OPENCICD_AGENT_ENGINE_STATE_ENGINE_PORT_H

#include "agent/engine/actions/action_settings.h"
#include "agent/engine/folder/job_sandbox.h"
#include "agent/engine/output/annotation.h"
#include "agent/engine/process/stop.h"
#include "common/base/arena.h"
#include "common/base/fault.h"
#include "proto/states.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ENGINE_STEPS 1000 // Steps of one job

struct artifact_port;
struct process;
struct cache_port;

// How jobs get containers.
typedef struct {
    const char *host; // Of the container engine: a socket, or an address (docker.h). NULL: there is none here
    const char *program; // opencicd-inside; NULL: it is missing
    bool pulls;          // An image is asked for at its registry also where the engine has it
    bool
        may_all; // Jobs may open this machine: its folders and devices, privileged containers, the engine's own socket
} container_options_t;

typedef struct {
    const char *work_dir;     // Made where it is missing
    const char *name;         // The runner's
    const char *server;       // GITHUB_SERVER_URL, unless the job's contexts have one
    const char *node_folders; // Folders with node that come before PATH, separated by colons; NULL: none
    const char *tool_cache;   // RUNNER_TOOL_CACHE; NULL: below work_dir
    const char *hook_job_started, *hook_job_completed; // Scripts around each job's steps; NULL: none
    action_settings_t actions;                         // cache NULL: below work_dir
    isolation_t isolation;
    container_options_t containers;
} engine_options_t;

typedef struct {
    const char *name, *value;
} engine_variable_t;

typedef struct {
    const char *id;
    const char *definition; // JSON, for job_load
    const char *contexts;   // JSON object: github, needs, matrix, strategy, inputs, vars, secrets
    const char *repository, *ref, *sha;
    const char *
        workflow; // The file that has the job, "./PATH" or another repository's "owner/repo/PATH@ref"; "" or NULL: unknown
    const char *workflow_url, *workflow_sha; // Of that other repository; "" or NULL: it is the run's own
    const char
        *token; // github.token and secrets.GITHUB_TOKEN, unless the contexts have them; "" or NULL: none
    const engine_variable_t *secrets; // Beside those of `contexts`; ends with a NULL name. NULL: none
    const char *keep; // Folder for the workspace of a job that does not succeed; NULL or "": it is removed
    const char *resume_from;   // Continues the kept workspace at this step; NULL or "": from the start
    const char *const *labels; // That it asks for
    size_t label_count;
    const action_pins_t *pins; // Where actions are locked; NULL: nowhere
    cancel_t *cancel;          // To stop the job; borrowed
    const char *image; // A job that names no container runs in this one's; NULL or "": on this machine
    const engine_variable_t
        *services; // For actions alone, ACTIONS_RUNTIME_URL and its like; ends with a NULL name. NULL: none
    uint32_t hold_minutes;             // It is held if it fails; 0: it is not
    const engine_variable_t *identity; // For every step, ACTIONS_ID_TOKEN_REQUEST_URL and its like; likewise
} engine_job_t;

// As proto's step_row says.
typedef struct {
    uint32_t number;
    const char *id;
    const char *name;
    step_state_t state;
    result_t outcome, conclusion;
    int64_t started_us, finished_us;
    int64_t exit_code;
    bool out_of_memory;
} engine_step_t;

// A job that is held.
typedef struct {
    void *self;
    // Starts a shell where the job's steps ran, with what they had; `tty` is its terminal (common/os/pty.h), `terminal` the name of its kind.
    fault_t (*start) (void *self, int tty, const char *terminal, struct process **out, const char **error);
    int cancel;         // Readable when the job is to stop
    const char *reason; // Why it failed
} engine_hold_t;

typedef struct {
    void *self;
    // Bytes of the log, secrets masked. A fault stops the job.
    fault_t (*log) (void *self, uint32_t step, const void *data, size_t size);
    // A step was added, has started, or has ended. Strings live until engine_run returns.
    void (*step) (void *self, const engine_step_t *step);
    // A step annotated the code. Strings live until engine_run returns. NULL: not wanted.
    void (*annotation) (void *self, const engine_annotation_t *annotation);
    // The job failed: holds it, and returns, with why, when that is over. NULL: no job is held here.
    const char *(*hold) (void *self, const engine_hold_t *hold);
    const struct artifact_port *artifacts; // NULL: there are none here
    const struct cache_port *caches;       // Likewise
} engine_sink_t;

typedef struct {
    result_t result;
    const char *reason;          // "" for a success
    const char *outputs;         // JSON object of strings
    bool given_back;             // It was stopped because this program is shutting down: cancel_give_back
    const char *environment_url; // Of what the job deployed to; "" where it names none
} engine_result_t;

#endif
