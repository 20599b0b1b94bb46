/* completion.c - see completion.h. */

#include "workflow/lint/completion.h"

#include "workflow/expression/function.h"
#include "workflow/lint/lint_ref.h"
#include "workflow/schema/schema_json.h"

#include <string.h>

static const value_t *texts (arena_t *arena, const char *text)
{
    value_t *list = value_array (arena);
    while (*(text += strspn (text, " "))) {
        size_t size = strcspn (text, " ");
        value_push (arena, list, value_string_n (arena, text, size));
        text += size;
    }
    return list;
}

// One row a path: a job and a call have keys of the same names, with the same contexts.
static const value_t *places (arena_t *arena)
{
    static const char *const copied[] = {"path", "contexts", "functions"};
    const value_t *keys = schema_keys_json (arena, &schema_workflow);
    value_t *list = value_array (arena), *seen = value_object (arena);
    for (size_t i = 0; i < keys->list.count; i++) {
        const value_t *row = keys->list.items[i];
        const char *path = value_get_text (row, "path");
        if (value_get (row, "contexts")->list.count == 0 || value_get (seen, path))
            continue;
        value_t *place = value_object (arena);
        for (size_t k = 0; k < sizeof copied / sizeof copied[0]; k++)
            value_set (arena, place, copied[k], value_get (row, copied[k]));
        value_set (arena, seen, path, place);
        value_push (arena, list, place);
    }
    return list;
}

static const value_t *contexts (arena_t *arena)
{
    value_t *object = value_object (arena);
    for (const ref_names_t *context = ref_names; context->of; context++) {
        value_t *list = value_array (arena);
        for (const char *const *name = context->names; *name; name++)
            value_push (arena, list, value_string (arena, *name));
        value_set (arena, object, context->of, list);
    }
    return object;
}

static const value_t *functions (arena_t *arena)
{
    value_t *object = value_object (arena);
    const function_t *function;
    for (size_t i = 0; (function = function_at (i)); i++)
        value_set (arena, object, function->name, value_string (arena, function->meaning));
    return object;
}

static const value_t *actions (arena_t *arena)
{
    value_t *object = value_object (arena);
    const char *action, *inputs;
    for (size_t i = 0; lint_known_action (i, &action, &inputs); i++)
        value_set (arena, object, action, texts (arena, inputs));
    return object;
}

const value_t *completion_json (arena_t *arena)
{
    value_t *all = value_object (arena);
    value_set (arena, all, "places", places (arena));
    value_set (arena, all, "contexts", contexts (arena));
    value_set (arena, all, "functions", functions (arena));
    value_set (arena, all, "actions", actions (arena));
    return all;
}
