/* plan_inputs.c - what somebody gave for the inputs of a workflow: known, complete, and of the declared types. */

#include "workflow/plan/plan.h"
#include "workflow/plan/plan_scope.h"

#include <math.h>
#include <string.h>
#include <strings.h>

static void complain (plan_scope_t *self, const input_t *input, const char *message)
{
    findings_add (self->findings, input->name.line, input->name.column, SEVERITY_ERROR, "inputs", "%s",
                  message);
}

static const value_t *to_boolean (plan_scope_t *self, const input_t *input, const value_t *value)
{
    const char *text = value_to_text (self->arena, value);
    if (value->kind == VALUE_BOOL)
        return value;
    // A text too: forms, and most who post to the API, send nothing else
    if (strcasecmp (text, "true") == 0 || strcasecmp (text, "false") == 0)
        return value_bool (strcasecmp (text, "true") == 0);
    complain (self, input,
              arena_printf (self->arena, "input \"%s\" must be true or false, not \"%.100s\"",
                            input->name.text, text));
    return NULL;
}

static const value_t *to_number (plan_scope_t *self, const input_t *input, const value_t *value)
{
    double number = value_to_number (value); // By the rules of expressions: "0x10" is 16, "" is 0
    if (!isnan (number))
        return value_number (self->arena, number);
    complain (self, input,
              arena_printf (self->arena, "input \"%s\" must be a number, not \"%.100s\"", input->name.text,
                            value_to_text (self->arena, value)));
    return NULL;
}

static const value_t *to_choice (plan_scope_t *self, const input_t *input, const value_t *value)
{
    const char *text = value_to_text (self->arena, value), *list = "";
    for (size_t i = 0; i < input->options.count; i++) {
        const char *option = input->options.items[i].text;
        if (strcmp (option, text) == 0)
            return value_string (self->arena, option);
        // For the message, which need not have all
        if (strlen (list) < 1000)
            list = arena_printf (self->arena, "%s%s%.100s", list, *list ? ", " : "", option);
    }
    complain (self, input,
              arena_printf (self->arena, "input \"%s\" must be one of: %s; not \"%.100s\"", input->name.text,
                            list, text));
    return NULL;
}

static const value_t *coerce (plan_scope_t *self, const input_t *input, const value_t *value)
{
    const char *type = input->type.text;
    if (strcmp (type, "boolean") == 0)
        return to_boolean (self, input, value);
    if (strcmp (type, "number") == 0)
        return to_number (self, input, value);
    if (strcmp (type, "choice") == 0 && input->options.count > 0)
        return to_choice (self, input, value);
    if (value->kind == VALUE_OBJECT || value->kind == VALUE_ARRAY) {
        complain (self, input, arena_printf (self->arena, "input \"%s\" must be a string", input->name.text));
        return NULL;
    }
    return value_string (self->arena, value_to_text (self->arena, value));
}

// What an input is that nobody gave.
static const value_t *fallback_of (plan_scope_t *self, const input_t *input)
{
    if (input->fallback && input->fallback->kind != NODE_NULL)
        return plan_node (self, input->fallback);
    if (input->required) {
        complain (self, input, arena_printf (self->arena, "input \"%s\" is required", input->name.text));
        return NULL;
    }
    if (strcmp (input->type.text, "boolean") == 0)
        return value_bool (false);
    if (strcmp (input->type.text, "number") == 0)
        return value_number (self->arena, 0);
    bool choice = strcmp (input->type.text, "choice") == 0 && input->options.count > 0;
    return value_string (self->arena, choice ? input->options.items[0].text : "");
}

static void check_unknown (plan_scope_t *self, const interface_t *interface, const value_t *given)
{
    for (size_t i = 0; given && given->kind == VALUE_OBJECT && i < given->list.count; i++)
        if (!interface_input (interface, given->list.keys[i]))
            findings_add (self->findings, 1, 1, SEVERITY_ERROR, "inputs",
                          "the workflow has no input \"%.100s\"", given->list.keys[i]);
}

fault_t plan_inputs (arena_t *arena, const interface_t *interface, const value_t *given,
                     const plan_context_t *context, findings_t *findings, const value_t **out)
{
    plan_scope_t self = {.arena = arena, .findings = findings, .context = context};
    size_t errors = findings->errors;
    check_unknown (&self, interface, given);
    value_t *inputs = value_object (arena);
    for (size_t i = 0; i < interface->input_count; i++) {
        const input_t *input = &interface->inputs[i];
        const value_t *value = value_get (given, input->name.text);
        bool missing = !value || value->kind == VALUE_NULL;
        value = missing ? fallback_of (&self, input) : value;
        // A default too: it may be an expression, or of another type than it is declared with
        value = value ? coerce (&self, input, value) : NULL;
        if (value)
            value_set (arena, inputs, input->name.text, value);
    }
    *out = inputs;
    return findings->errors == errors ? OK : INVALID;
}
