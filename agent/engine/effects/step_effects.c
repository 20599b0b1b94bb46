/* step_effects.c - see step_effects.h. */

#include "agent/engine/effects/step_effects.h"

#include "agent/engine/actions/toolkit.h"
#include "agent/engine/log/log.h"
#include "agent/engine/state/lanes.h"

#include <string.h>
#include <strings.h>

#define OUTPUTS_MAX (1 << 20) // Bytes of the outputs of all steps of a job
#define SET_MAX     (16 << 20) // Bytes that all steps of a job set for later ones, also those that were replaced

// What later steps get stays in memory until the job ends: counted before it is kept, past its bound the step fails.
static bool may_keep (step_run_t *self, int64_t *count, size_t bytes, int64_t most, const char *what)
{
    *count += (int64_t) bytes;
    if (*count <= most)
        return true;
    if (!self->refused)
        step_error (self, "%s of this job's steps are larger than %lld bytes", what, (long long) most);
    self->refused = true;
    return false;
}

static bool may_set (step_run_t *self, size_t bytes)
{
    return may_keep (self, &self->job->set_bytes, bytes, SET_MAX, "the variables, paths and state");
}

void step_set_output (step_run_t *self, const char *name, const char *value)
{
    arena_t *arena = self->job->arena;
    value = toolkit_output (self->scope.arena, value, value_get_text (self->scope.github, "server_url"));
    if (may_keep (self, &self->job->output_bytes, strlen (name) + strlen (value), OUTPUTS_MAX, "the outputs"))
        value_set (arena, self->outputs, name, value_string (arena, value));
}

void step_set_env (step_run_t *self, const char *name, const char *value)
{
    arena_t *arena = self->job->arena;
    if (strcasecmp (name, "NODE_OPTIONS") == 0) { // As GitHub compares it
        step_error (self, "NODE_OPTIONS may not be set for later steps: it would change what actions run");
    } else if (may_set (self, strlen (name) + strlen (value))) {
        value_set (arena, self->lane->env, name, value_string (arena, value));
        lane_note (self, name, value);
    }
}

void step_keep_state (step_run_t *self, const char *name, const char *value)
{
    arena_t *arena = self->job->arena;
    if (self->of && may_set (self, strlen (name) + strlen (value)))
        value_set (arena, self->of->state, name, value_string (arena, value));
}

static const char *or_empty (const char *text)
{
    return text ? text : "";
}

const char *step_path_with (job_run_t *job, const char *folder)
{
    return arena_printf (job->arena, "%s:%s", folder, or_empty (job->lane.added_path));
}

// Each folder makes the whole list anew: that is what counts.
void step_add_path (step_run_t *self, const char *folder)
{
    const char *before = or_empty (self->lane->added_path);
    if (!may_set (self, strlen (folder) + strlen (before)))
        return;
    self->lane->added_path = arena_printf (self->job->arena, "%s:%s", folder, before);
    lane_note (self, NULL, folder);
}

// The steps around it have a post too then, in which this one runs.
void step_register_post (step_run_t *self)
{
    for (job_step_t *of = self->of; of && !of->registered; of = of->outer) {
        job_step_t **posts = of->outer ? &of->outer->posts : &self->job->posts;
        of->registered = true;
        of->next_post = *posts;
        *posts = of;
    }
}

// Steps without an id of their own are in no context.
void step_publish (step_run_t *self, result_t outcome, result_t conclusion)
{
    arena_t *arena = self->job->arena;
    const char *id = self->of->step->id.text;
    if (!id || !*id || strncmp (id, "__", 2) == 0 || self->stage != STAGE_MAIN)
        return;
    value_t *entry = value_object (arena);
    value_set (arena, entry, "outputs", self->outputs);
    value_set (arena, entry, "outcome", value_string (arena, state_name (&states_result, outcome)));
    value_set (arena, entry, "conclusion", value_string (arena, state_name (&states_result, conclusion)));
    value_set (arena, self->of->frame->steps, id, entry);
}

// Where the log cannot be written that is the reason, whatever fails after it: the log cannot say so.
void job_blame (job_run_t *job, const engine_step_t *row)
{
    if (!job->log_fault)
        job->reason = arena_printf (job->arena, "step %u, \"%s\", failed", row->number, row->name);
}
