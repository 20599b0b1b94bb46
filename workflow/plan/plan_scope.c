/* plan_scope.c - texts and trees to values. */

#include "workflow/plan/plan_scope.h"

#include <math.h>
#include <string.h>

static const value_t *or_empty (plan_scope_t *self, const value_t *value)
{
    return value ? value : value_object (self->arena);
}

static const value_t *find_context (void *scope, const char *name)
{
    plan_scope_t *self = scope;
    if (strcmp (name, "github") == 0)
        return or_empty (self, self->context->github);
    if (strcmp (name, "inputs") == 0)
        return or_empty (self, self->context->inputs);
    if (strcmp (name, "vars") == 0)
        return or_empty (self, self->context->vars);
    if (strcmp (name, "secrets") == 0)
        return or_empty (self, self->context->secrets);
    if (strcmp (name, "needs") == 0)
        return or_empty (self, self->needs);
    if (strcmp (name, "jobs") == 0) // Of outputs of a workflow that is called; nothing else may name it
        return or_empty (self, self->context->jobs);
    if (strcmp (name, "matrix") == 0)
        return self->matrix;
    // The rest (env, job, runner, steps) only the agent knows; the schema lets nothing that is planned name it
    return strcmp (name, "strategy") == 0 ? self->strategy : NULL;
}

static bool tell_status (void *scope, const char *name)
{
    const plan_scope_t *self = scope;
    if (strcmp (name, "always") == 0)
        return true;
    if (strcmp (name, "cancelled") == 0)
        return self->context->cancelled;
    return strcmp (name, "success") == 0 ? self->success : self->failure;
}

static expression_scope_t scope_of (plan_scope_t *self)
{
    return (expression_scope_t){
        .self = self, .context = find_context, .status = tell_status, .bytes = self->context->bytes};
}

static void complain (plan_scope_t *self, const node_t *node, int line, int column,
                      const expression_error_t *error)
{
    if (node)
        node_complain (node, error->offset, self->findings, "expression", error->message);
    else
        findings_add (self->findings, line, column, SEVERITY_ERROR, "expression", "%s", error->message);
}

static const value_t *evaluate (plan_scope_t *self, const expression_t *expression, const node_t *node,
                                int line, int column)
{
    expression_scope_t scope = scope_of (self);
    expression_error_t error = {0};
    const value_t *value = NULL;
    if (expression_eval (self->arena, expression, &scope, &value, &error) == OK)
        return value;
    complain (self, node, line, column, &error);
    return NULL;
}

const value_t *plan_explain (plan_scope_t *self, const text_t *text, explanation_t **parts, size_t *count)
{
    expression_scope_t scope = scope_of (self);
    expression_error_t error = {0};
    const value_t *value = NULL;
    if (expression_explain (self->arena, text->expression, &scope, parts, count, &value, &error) == OK)
        return value;
    complain (self, text->node, text->line, text->column, &error);
    return NULL;
}

const value_t *plan_text (plan_scope_t *self, const text_t *text)
{
    if (text->expression)
        return evaluate (self, text->expression, text->node, text->line, text->column);
    return value_string (self->arena, text->text);
}

const char *plan_string (plan_scope_t *self, const text_t *text)
{
    const value_t *value = plan_text (self, text);
    // What is wrong is a finding already: the plan goes on, so that one run finds all of it
    return value ? value_to_text (self->arena, value) : "";
}

// A constant is "true" or "false"; an expression gives a boolean, or a string that says so.
bool plan_bool (plan_scope_t *self, const text_t *text, bool fallback)
{
    const value_t *value = text->text ? plan_text (self, text) : NULL;
    if (!value || value->kind == VALUE_NULL)
        return fallback;
    if (value->kind == VALUE_STRING) // As truth, the text "false" would be true
        return strcmp (value->string.text, "true") == 0;
    return value_truthy (value);
}

double plan_number (plan_scope_t *self, const text_t *text, double fallback)
{
    const value_t *value = text->text ? plan_text (self, text) : NULL;
    return value && value->kind != VALUE_NULL ? value_to_number (value) : fallback;
}

// An item that is one expression, and gives a list, is that list's items.
static const value_t *list_value (plan_scope_t *self, const node_t *node)
{
    value_t *list = value_array (self->arena);
    for (size_t i = 0; i < node->count; i++) {
        const value_t *item = plan_node (self, node->items[i]);
        if (!item)
            return NULL;
        bool apart = node->items[i]->template && item->kind == VALUE_ARRAY;
        for (size_t j = 0; apart && j < item->list.count; j++)
            value_push (self->arena, list, item->list.items[j]);
        if (!apart)
            value_push (self->arena, list, item);
    }
    return list;
}

static bool insert (plan_scope_t *self, const node_t *at, const value_t *item, value_t *map)
{
    for (size_t i = 0; item->kind == VALUE_OBJECT && i < item->list.count; i++)
        value_set (self->arena, map, item->list.keys[i], item->list.items[i]);
    if (item->kind != VALUE_OBJECT)
        findings_add (self->findings, at->line, at->column, SEVERITY_ERROR, "expression",
                      "\"${{ insert }}\" takes a map, and this gives none");
    return item->kind == VALUE_OBJECT;
}

static const value_t *map_value (plan_scope_t *self, const node_t *node)
{
    value_t *map = value_object (self->arena);
    for (size_t i = 0; i < node->count; i++) {
        const node_t *at = node->keys[i];
        const value_t *key = at->insert ? value_null () : plan_node (self, at);
        const value_t *item = plan_node (self, node->items[i]);
        if (!item || !key)
            return NULL;
        if (!at->insert)
            value_set (self->arena, map, value_to_text (self->arena, key), item);
        else if (!insert (self, node->items[i], item, map))
            return NULL;
    }
    return map;
}

const value_t *plan_node (plan_scope_t *self, const node_t *node)
{
    if (node->template)
        return evaluate (self, node->template, node, node->line, node->column);
    return node_is_scalar (node)    ? node_value (self->arena, node)
           : node->kind == NODE_MAP ? map_value (self, node)
                                    : list_value (self, node);
}

plan_concurrency_t plan_concurrency (plan_scope_t *self, const concurrency_t *concurrency)
{
    plan_concurrency_t out = {0};
    const char *group = plan_string (self, &concurrency->group);
    // An empty name is not a group: else all such jobs would wait for each other
    if (*group == '\0')
        return out;
    out.group = group;
    out.cancel_in_progress = plan_bool (self, &concurrency->cancel_in_progress, false);
    out.queue_all = strcmp (plan_string (self, &concurrency->queue), "max") == 0;
    return out;
}
