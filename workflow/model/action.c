/* action.c - an action's metadata file to its model. */

#include "workflow/model/action.h"
#include "workflow/model/model_read.h"
#include "workflow/schema/schema.h"

#include <string.h>

static void read_inputs (arena_t *arena, const node_t *map, action_t *out)
{
    if (!map || map->kind != NODE_MAP)
        return;
    action_input_t *inputs = arena_array (arena, map->count, sizeof (action_input_t));
    for (size_t i = 0; i < map->count; i++) {
        const node_t *node = map->items[i], *required = node_get (node, "required");
        inputs[i] = (action_input_t){.name = read_text (arena, map->keys[i]),
                                     .description = read_key (arena, node, "description"),
                                     .deprecation = read_key (arena, node, "deprecationMessage"),
                                     .fallback = read_key (arena, node, "default"),
                                     .required = required && value_truthy (node_value (arena, required))};
    }
    out->inputs = inputs;
    out->input_count = map->count;
}

static void read_outputs (arena_t *arena, const node_t *map, action_t *out)
{
    if (!map || map->kind != NODE_MAP)
        return;
    declared_t *outputs = arena_array (arena, map->count, sizeof (declared_t));
    for (size_t i = 0; i < map->count; i++)
        outputs[i] = (declared_t){.name = read_text (arena, map->keys[i]),
                                  .description = read_key (arena, map->items[i], "description"),
                                  .value = read_key (arena, map->items[i], "value")};
    out->outputs = outputs;
    out->output_count = map->count;
}

// Of pre and post: unlike a step's `if` it does not imply success().
static text_t read_stage_condition (arena_t *arena, const node_t *runs, const char *key)
{
    text_t text = read_key (arena, runs, key);
    expression_error_t error;
    const expression_t *plain;
    if (!text.text)
        return text;
    size_t size = strlen (text.text);
    fault_t fault = template_has_expression (text.text)
                        ? template_parse (arena, text.text, size, &plain, &error)
                        : expression_parse (arena, text.text, size, &plain, &error);
    if (!fault) // Else the schema has reported it
        text.expression = plain;
    return text;
}

static void read_runs (arena_t *arena, const node_t *runs, findings_t *findings, action_t *out)
{
    out->kind = node_get (runs, "steps")   ? ACTION_COMPOSITE
                : node_get (runs, "image") ? ACTION_DOCKER
                                           : ACTION_NODE;
    out->using = read_key (arena, runs, "using");
    out->main = read_key (arena, runs, "main");
    out->pre = read_key (arena, runs, "pre");
    out->post = read_key (arena, runs, "post");
    out->pre_if = read_stage_condition (arena, runs, "pre-if");
    out->post_if = read_stage_condition (arena, runs, "post-if");
    out->image = read_key (arena, runs, "image");
    out->entrypoint = read_key (arena, runs, "entrypoint");
    out->pre_entrypoint = read_key (arena, runs, "pre-entrypoint");
    out->post_entrypoint = read_key (arena, runs, "post-entrypoint");
    out->args = read_texts (arena, node_get (runs, "args"));
    out->env = read_pairs (arena, node_get (runs, "env"));
    out->steps = read_steps (arena, node_get (runs, "steps"), findings, &out->step_count);
}

fault_t action_load (arena_t *arena, const char *file, const char *bytes, size_t size, findings_t *findings,
                     const action_t **out)
{
    action_t *self = arena_alloc (arena, sizeof (*self));
    self->file = arena_strdup (arena, file);
    *out = self;
    node_t *root = NULL;
    size_t errors = findings->errors;
    (void) !yaml_parse (arena, bytes, size, findings, &root); // What can be read of it is checked
    if (root) {
        schema_check (arena, root, &schema_action, findings);
        self->name = read_key (arena, root, "name");
        self->description = read_key (arena, root, "description");
        read_inputs (arena, node_get (root, "inputs"), self);
        read_outputs (arena, node_get (root, "outputs"), self);
        read_runs (arena, node_get (root, "runs"), findings, self);
    }
    findings_sort (findings);
    return findings->errors == errors ? OK : INVALID;
}
