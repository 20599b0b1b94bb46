/* secret_names.c - see secret_names.h. */

#include "workflow/plan/secret_names.h"

#include <string.h>
#include <strings.h>

#define NESTING 64 // Of the definition; a workflow file cannot be nested deeper

static void add (secret_names_t *out, const char *name)
{
    for (size_t i = 0; i < out->count; i++)
        if (strcasecmp (out->names[i], name) == 0)
            return;
    if (out->count == SECRET_NAMES)
        out->all = true;
    else
        out->names[out->count++] = name;
}

static void add_refs (arena_t *arena, const expression_t *expression, secret_names_t *out)
{
    expression_ref_t *refs;
    size_t count;
    expression_refs (expression, arena, &refs, &count);
    for (size_t i = 0; i < count; i++) {
        if (refs[i].count == 0 || strcasecmp (refs[i].path[0], "secrets") != 0)
            continue;
        if (refs[i].count == 1 || strcmp (refs[i].path[1], "*") == 0)
            out->all = true;
        else
            add (out, refs[i].path[1]);
    }
}

static void read_text (arena_t *arena, const char *key, const char *text, secret_names_t *out)
{
    const expression_t *expression;
    expression_error_t error;
    size_t size = strlen (text);
    if (!secret_names_any (text))
        return;
    bool condition = key && strcmp (key, "if") == 0;
    if (!condition && !template_has_expression (text))
        return;
    fault_t fault = condition ? condition_parse (arena, text, size, &expression, &error)
                              : template_parse (arena, text, size, &expression, &error);
    if (fault == OK)
        add_refs (arena, expression, out);
}

static void walk (arena_t *arena, const char *key, const value_t *value, secret_names_t *out, int depth)
{
    if (value->kind == VALUE_STRING)
        read_text (arena, key, value_to_text (arena, value), out);
    if ((value->kind != VALUE_OBJECT && value->kind != VALUE_ARRAY) || depth == NESTING)
        return;
    for (size_t i = 0; i < value->list.count; i++)
        walk (arena, value->kind == VALUE_OBJECT ? value->list.keys[i] : NULL, value->list.items[i], out,
              depth + 1);
}

void secret_names (arena_t *arena, const char *definition, secret_names_t *out)
{
    const value_t *value;
    const char *error;
    *out = (secret_names_t){.names = arena_array (arena, SECRET_NAMES, sizeof (char *))};
    if (value_from_json (arena, definition, strlen (definition), &value, &error) == OK)
        walk (arena, NULL, value, out, 0);
}

bool secret_names_any (const char *definition)
{
    return strcasestr (definition, "secrets") != NULL;
}
