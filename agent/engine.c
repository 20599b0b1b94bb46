/* engine.c - what outlives a job: the folders. */

#include "agent/engine.h"

#include "agent/child.h"
#include "agent/execution.h"
#include "agent/stray.h"

#include <stdlib.h>

struct engine {
    engine_options_t options;
    workspace_t folders;
};

fault_t engine_new (engine_t **out, arena_t *arena, const engine_options_t *options, const char **error)
{
    engine_t *self = calloc (1, sizeof (engine_t));
    if (!self)
        abort ();
    self->options = *options;
    fault_t fault = workspace_open (&self->folders, arena, options->work_dir, error);
    if (fault) {
        engine_destroy (&self);
        return fault;
    }
    child_become_reaper ();
    *out = self;
    return OK;
}

void engine_destroy (engine_t **self_p)
{
    free (*self_p);
    *self_p = NULL;
}

fault_t engine_clean (engine_t *self, const char **error)
{
    return workspace_clean (&self->folders, error);
}

size_t engine_end_strays (const engine_t *self)
{
    arena_t *arena = arena_new ();
    size_t count = strays_kill (tracking_id (arena, self->folders.root));
    arena_destroy (&arena);
    return count;
}

const engine_options_t *engine_settings (const engine_t *self)
{
    return &self->options;
}

const workspace_t *engine_folders (const engine_t *self)
{
    return &self->folders;
}

void engine_run (engine_t *self, arena_t *arena, const engine_job_t *job, const engine_sink_t *sink,
                 engine_result_t *out)
{
    execution_t execution = {.engine = self,
                             .folders = &self->folders,
                             .arena = arena,
                             .offer = job,
                             .sink = sink,
                             .status = result_success,
                             .reason = ""};
    *out = (engine_result_t){.result = result_failure, .reason = "", .outputs = "{}"};
    execution_run (&execution, out);
}
