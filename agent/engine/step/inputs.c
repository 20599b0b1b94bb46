/* inputs.c - the inputs of an action: what the step gives, over the defaults that its action.yml declares. */

#include "agent/engine/step/inputs.h"

#include "agent/engine/log/log.h"

#include <string.h>
#include <strings.h>

static const action_input_t *find_input (const action_t *action, const char *name)
{
    for (size_t i = 0; i < action->input_count; i++)
        if (strcasecmp (action->inputs[i].name.text, name) == 0)
            return &action->inputs[i];
    return NULL;
}

static void warn_of_given (step_run_t *self, const action_t *action, const value_t *given)
{
    for (size_t i = 0; i < given->list.count; i++) {
        const char *name = given->list.keys[i];
        const action_input_t *input = find_input (action, name);
        if (!input)
            step_warning (self, "%s does not know the input `%s`", self->of->step->uses.text, name);
        else if (input->deprecation.text)
            step_warning (self, "The input `%s` is deprecated: %s", name, input->deprecation.text);
    }
}

static fault_t set_default (step_run_t *self, const action_input_t *input)
{
    const char *text = NULL;
    if (value_get (self->with, input->name.text))
        return OK;
    fault_t fault = scope_text (&self->scope, &input->fallback, &text);
    if (!fault)
        value_set (self->scope.arena, self->with, input->name.text,
                   value_string (self->scope.arena, text ? text : ""));
    return fault;
}

fault_t inputs_evaluate (step_run_t *self, const action_t *action)
{
    arena_t *arena = self->scope.arena;
    self->with = value_object (arena);
    fault_t fault = scope_pairs (&self->scope, &self->of->step->with, arena, self->with);
    if (!fault && self->stage == STAGE_MAIN)
        warn_of_given (self, action, self->with);
    for (size_t i = 0; i < action->input_count && !fault; i++)
        fault = set_default (self, action->inputs + i);
    return fault;
}
