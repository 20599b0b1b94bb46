/* engine.c - what outlives a job: the folders, and the place where a cancel is heard. */

#include "agent/engine.h"

#include "agent/child.h"
#include "agent/execution.h"
#include "agent/stray.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct engine {
    engine_options_t options;
    workspace_t folders;
    int cancel_handle;
    _Atomic int cancel;
};

fault_t engine_new (engine_t **out, arena_t *arena, const engine_options_t *options, const char **error)
{
    engine_t *self = calloc (1, sizeof (engine_t));
    if (!self)
        abort ();
    self->options = *options;
    self->cancel_handle = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    fault_t fault = self->cancel_handle < 0 ? fault_from_errno (errno) : OK;
    if (!fault)
        fault = workspace_open (&self->folders, arena, options->work_dir, error);
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
    engine_t *self = *self_p;
    if (!self)
        return;
    if (self->cancel_handle >= 0)
        close (self->cancel_handle);
    free (self);
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

void engine_cancel (engine_t *self, bool hard)
{
    int none = CANCEL_NONE;
    if (hard)
        atomic_store (&self->cancel, CANCEL_HARD);
    else
        atomic_compare_exchange_strong (&self->cancel, &none, CANCEL_SOFT);
    eventfd_write (self->cancel_handle, 1);
}

cancel_t engine_cancel_level (const engine_t *self)
{
    return (cancel_t) atomic_load (&self->cancel);
}

int engine_cancel_handle (const engine_t *self)
{
    return self->cancel_handle;
}

void engine_cancel_noticed (const engine_t *self)
{
    eventfd_t count;
    eventfd_read (self->cancel_handle, &count);
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
    engine_cancel_noticed (self);
    atomic_store (&self->cancel, CANCEL_NONE);
}
