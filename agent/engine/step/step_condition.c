/* step_condition.c - see step_condition.h. */

#include "agent/engine/step/step_condition.h"

#include "agent/engine/step/inputs.h"

static const text_t no_text;

// Steps that wait for others have none, and always run.
static bool is_conditional (const step_t *step)
{
    return step->kind == STEP_RUN || step->kind == STEP_USES;
}

// Of an action's pre or post: it sees the action's inputs, as its other expressions do.
static fault_t stage_condition (step_run_t *self, const action_t *action, const text_t *text, bool *out)
{
    scope_t scope = self->scope;
    frame_t frame = *scope.frame;
    if (inputs_evaluate (self, action) == OK) // Else the stage itself reports it
        frame.inputs = self->with;
    scope.frame = &frame;
    fault_t fault = scope_condition (&scope, text, out);
    self->scope.error = scope.error;
    return fault;
}

fault_t step_condition (step_run_t *self, bool *out)
{
    *out = true;
    if (!is_conditional (self->of->step))
        return OK;
    if (self->stage == STAGE_MAIN)
        return scope_condition (&self->scope, &self->of->step->condition, out);
    const builtin_t *builtin = self->of->builtin;
    if (builtin && self->stage == STAGE_POST && builtin->post_on_success)
        return scope_condition (&self->scope, &no_text, out);
    const action_t *action = self->of->found ? self->of->found->action : NULL;
    const text_t *text = !action ? &no_text : self->stage == STAGE_PRE ? &action->pre_if : &action->post_if;
    return text->text ? stage_condition (self, action, text, out) : OK;
}
