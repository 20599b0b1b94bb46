/* handler.h - how each kind of step runs: one row per kind. To add one: a handlers/run_*.c with its row, and a line in step/resolve.c that chooses it. */

#ifndef OPENCICD_AGENT_ENGINE_STATE_HANDLER_H
#define OPENCICD_AGENT_ENGINE_STATE_HANDLER_H

#include "proto/states.h"

#include <stdbool.h>

typedef struct job_run job_run_t;
typedef struct step_run step_run_t;
typedef struct job_step job_step_t;

typedef struct handler {
    const char *name;
    result_t (*run) (step_run_t *self); // The stage that self->stage says
    bool has_files;                     // Its process gets GITHUB_ENV and the like (files.h)
    // Does the step have that stage? NULL: only main
    bool (*has_pre) (const job_step_t *step);
    bool (*has_post) (const job_step_t *step);
} step_handler_t;

extern const step_handler_t handler_script, handler_builtin, handler_composite, handler_node, handler_docker,
    handler_wait, handler_cancel, handler_hook, handler_hold;

#endif
