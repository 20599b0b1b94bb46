/* execution_step.c - one step: its condition, its environment, its time, how it ended and how that counts. */

#include "agent/execution.h"

#include "common/clock.h"

#include <string.h>

static void tell (execution_t *self)
{
    self->sink->step (self->sink->self, self->row);
}

// The workflow's and the job's variables, and the step's own over them.
static fault_t step_environment (execution_t *self)
{
    value_t *env = value_object (self->arena);
    env->cased = true;
    for (size_t i = 0; i < self->env->list.count; i++)
        value_set (self->arena, env, self->env->list.keys[i], self->env->list.items[i]);
    self->step_env = self->env;
    fault_t fault = execution_pairs (self, &self->step->env, env);
    self->step_env = env;
    return fault;
}

static fault_t step_name (execution_t *self)
{
    const char *name;
    fault_t fault = execution_text (self, &self->step->name, &name);
    if (!fault && name && *name)
        self->row->name = arena_strdup (self->arena, mask_text (self->mask, self->turn, name));
    return fault;
}

static fault_t step_deadline (execution_t *self, int64_t *out)
{
    double minutes;
    fault_t fault = execution_number (self, &self->step->timeout_minutes, 0, &minutes);
    *out = minutes > 0 && minutes < 1e6 ? clock_monotonic_us () + (int64_t) (minutes * 60e6) : NEVER;
    return fault;
}

static result_t run (execution_t *self)
{
    int64_t deadline_us = NEVER;
    fault_t fault = step_environment (self);
    if (!fault)
        fault = step_name (self);
    if (!fault)
        fault = step_deadline (self, &deadline_us);
    if (fault) {
        execution_error (self, "%s", self->error);
        return result_failure;
    }
    execution_prepare_files (self);
    result_t outcome = result_failure;
    if (self->step->kind == STEP_RUN && !self->step->background)
        outcome = execution_script (self, deadline_us);
    else if (self->step->kind == STEP_USES && !self->step->background)
        outcome = execution_uses (self, deadline_us);
    else
        execution_error (self, "this agent does not run steps in the background yet");
    fault = execution_take_files (self);
    if (fault) {
        execution_error (self, "%s", self->error);
        outcome = outcome == result_success ? result_failure : outcome;
    }
    return outcome;
}

static void set_text (execution_t *self, value_t *object, const char *key, result_t result)
{
    value_set (self->arena, object, key, value_string (self->arena, state_name (&states_result, result)));
}

// How it counts, for the steps that follow and for the job.
static void conclude (execution_t *self, result_t outcome)
{
    bool goes_on = false;
    result_t conclusion = outcome;
    if (outcome == result_failure) {
        if (execution_flag (self, &self->step->continue_on_error, &goes_on) != OK)
            execution_error (self, "%s", self->error);
        conclusion = goes_on ? result_success : result_failure;
    }
    if (conclusion == result_failure && self->status == result_success) {
        self->status = result_failure;
        self->reason =
            arena_printf (self->arena, "step %u, \"%s\", failed", self->row->number, self->row->name);
    }
    value_t *entry = (value_t *) value_get (self->steps, self->step->id.text ? self->step->id.text : "");
    if (entry) {
        set_text (self, entry, "outcome", outcome);
        set_text (self, entry, "conclusion", conclusion);
    }
    set_text (self, self->job_context, "status", self->status);
    self->row->outcome = outcome;
    self->row->conclusion = conclusion;
    self->row->state = step_finished;
}

static void enter (execution_t *self)
{
    value_t *entry = value_object (self->arena);
    value_set (self->arena, entry, "outputs", value_object (self->arena));
    if (self->step->id.text && *self->step->id.text)
        value_set (self->arena, self->steps, self->step->id.text, entry);
}

void execution_step (execution_t *self, const step_t *step, engine_step_t *row)
{
    bool runs = false;
    self->step = step;
    self->row = row;
    self->step_env = self->env;
    arena_reset (self->turn);
    enter (self);
    execution_look (self);
    fault_t fault = self->stopped ? OK : execution_condition (self, &step->condition, &runs);
    if (!fault && !runs) {
        conclude (self, result_skipped);
        tell (self);
        return;
    }
    row->state = step_running;
    row->started_us = clock_now_us (clock_system ());
    tell (self);
    if (fault)
        execution_error (self, "%s", self->error);
    result_t outcome = fault ? result_failure : run (self);
    execution_look (self);
    row->finished_us = clock_now_us (clock_system ());
    conclude (self, outcome);
    tell (self);
}
