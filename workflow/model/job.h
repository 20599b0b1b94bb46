/* job.h - a job of a workflow as plain structs: steps, container, strategy, ... each text with its place.
 *
 * Nothing is evaluated: a text keeps its ${{ }} and carries it parsed. A job_t is complete in itself, with what it inherits from its workflow.
 * It comes from workflow_load (plan/load.h), or, on an agent, from job_load of the definition that plan.h made. All of it lives in the arena. */

#ifndef OPENCICD_WORKFLOW_JOB_H
#define OPENCICD_WORKFLOW_JOB_H

#include "workflow/expression/expression.h"
#include "workflow/yaml/yaml.h"

typedef struct {
    const char *text;               // NULL where the key is absent
    const expression_t *expression; // The template, parsed; NULL where it is constant. Of an `if`: always set
    const node_t *node;             // For node_locate; NULL where nothing was written
    int line, column;
} text_t;

typedef struct {
    const text_t *items;
    size_t count;
    text_t whole; // Where one expression is in place of the list
} texts_t;

typedef struct {
    text_t key, value;
    bool insert; // The key is `${{ insert }}`: it is replaced by the map that the value gives
} pair_t;

typedef struct {
    const pair_t *items;
    size_t count;
    text_t whole; // Where one expression is in place of the map
} pairs_t;

typedef struct {
    text_t shell;
    text_t working_directory;
} defaults_t;

typedef struct {
    text_t group;                     // text NULL: no concurrency declared
    text_t cancel_in_progress, queue; // "true", "false" or an expression; "single" or "max"
} concurrency_t;

typedef enum { STEP_RUN, STEP_USES, STEP_WAIT, STEP_WAIT_ALL, STEP_CANCEL, STEP_PARALLEL } step_kind_t;

typedef struct step step_t;
struct step {
    step_kind_t kind;
    int line, column;
    text_t id;        // Generated where the file gives none: "__run", "__run_2", "__actions_checkout"
    text_t name;      // text NULL where the file gives none
    text_t condition; // Parsed as condition: an absent one is success()
    text_t run, uses, shell, working_directory, timeout_minutes, continue_on_error;
    pairs_t with, env;
    bool background;
    texts_t targets;       // Of wait and cancel: step ids
    const step_t *members; // Of parallel
    size_t member_count;
};

typedef struct {
    text_t image; // text NULL: no container
    pairs_t env, credentials;
    texts_t ports, volumes;
    text_t options;
    text_t entrypoint, command; // Services only
} container_t;

typedef struct {
    text_t name;
    container_t container;
} service_container_t;

typedef struct {
    text_t name, url, deployment; // name.text NULL: none
} environment_t;

typedef struct {
    const node_t *matrix;                  // NULL: none. A map, or an expression as a string
    text_t fail_fast, max_parallel, whole; // whole: one expression in place of the map
} strategy_t;

typedef struct job job_t;
struct job {
    text_t key;
    text_t name;
    texts_t needs;
    const size_t *needed; // Where each of them is among the workflow's jobs, or JOB_NONE
    text_t condition;     // Parsed as condition: an absent one is success()
    texts_t labels;       // runs-on: one, a list, `labels:` of a map, or a whole expression
    text_t group;         // runs-on.group
    strategy_t strategy;
    pairs_t workflow_env; // The workflow's: evaluated first, then `env` over it
    pairs_t env;
    defaults_t defaults; // The job's over the workflow's
    pairs_t outputs;
    const step_t *steps;
    size_t step_count;
    container_t container;
    const service_container_t *services;
    size_t service_count;
    text_t services_whole; // One expression in place of the map
    environment_t environment;
    concurrency_t concurrency;
    pairs_t permissions; // The job's, else the workflow's. `whole`: "read-all" or "write-all"
    bool has_permissions;
    text_t timeout_minutes, cancel_timeout_minutes, continue_on_error;
    text_t uses; // A reusable workflow; then no steps
    pairs_t with, secrets;
    bool inherit_secrets;
    const node_t *node; // As written
};

// INVALID where an error finding was added.
MUST_USE fault_t job_load (arena_t *arena, const char *bytes, size_t size, findings_t *findings,
                           const job_t **out);

#endif
