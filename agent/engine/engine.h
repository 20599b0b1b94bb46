/* engine.h - runs one job: its steps, their conditions, environments, outputs and processes.
 *
 * Knows no server: what happens is reported to a sink. The agent's sink sends it on; the command line's prints it. A process runs
 * one engine, and one job at a time in it (child.h says why). */

#ifndef OPENCICD_AGENT_ENGINE_ENGINE_H
#define OPENCICD_AGENT_ENGINE_ENGINE_H

#include "agent/engine/folder/limits.h"
#include "agent/engine/state/engine_port.h"

typedef struct engine engine_t;

// A fault from errno; *error, in the arena, says which folder.
MUST_USE fault_t engine_new (engine_t **out, arena_t *arena, const engine_options_t *options,
                             const char **error);
// Before engine_clean: what jobs may use from now on; borrows the rules. A fault: the detail says what this machine does not allow.
MUST_USE fault_t engine_limit (engine_t *self, turn_t *turn, const limit_rules_t *rules);
void engine_destroy (engine_t **self_p);
// Why jobs do not run in a sandbox; "": they do. Borrowed.
const char *engine_not_isolated (const engine_t *self);
// Runs the job to its end. It cannot fail: what is wrong with the job is in *out, whose strings live in the arena.
void engine_run (engine_t *self, arena_t *arena, const engine_job_t *job, const engine_sink_t *sink,
                 engine_result_t *out);
// Makes the folders as new, at once; their old content is removed in the background. Call it between jobs. If it fails, the
// next job fails at once, rather than see another's files.
MUST_USE fault_t engine_clean (engine_t *self, const char **error);

#endif
