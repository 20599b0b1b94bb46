/* evaluated.c - see evaluated.h. */

#include "tests/unit/workflow/evaluated.h"

#include <string.h>

typedef fault_t parse_fn (arena_t *arena, const char *text, size_t size, const expression_t **out,
                          expression_error_t *error);

static const value_t *context (void *self, const char *name)
{
    return value_get (self, name);
}

static bool status (void *self, const char *name)
{
    (void) self;
    return strcmp (name, "success") == 0 || strcmp (name, "always") == 0;
}

static fault_t hash_files (void *self, arena_t *arena, const char *const *patterns, size_t count,
                           const char **out)
{
    (void) self;
    *out = arena_printf (arena, "hash of %zu from %s", count, patterns[0]);
    return OK;
}

expression_scope_t evaluated_scope (arena_t *arena, const char *contexts)
{
    const value_t *values;
    const char *error;
    if (value_from_json (arena, contexts, strlen (contexts), &values, &error) != OK)
        test_fail (__FILE__, __LINE__, "contexts: %s", error);
    return (expression_scope_t){
        .self = (void *) values, .context = context, .status = status, .hash_files = hash_files};
}

static const char *run (arena_t *arena, const char *contexts, const char *text, parse_fn *parse)
{
    expression_scope_t scope = evaluated_scope (arena, contexts);
    const expression_t *expression;
    expression_error_t error;
    const value_t *value;
    fault_t fault = parse (arena, text, strlen (text), &expression, &error);
    if (fault == OK)
        fault = expression_eval (arena, expression, &scope, &value, &error);
    if (fault != OK)
        return arena_printf (arena, "@%zu %s", error.offset, error.message);
    return value_to_json (arena, value, 0);
}

const char *evaluated (arena_t *arena, const char *contexts, const char *text)
{
    return run (arena, contexts, text, expression_parse);
}

const char *evaluated_template (arena_t *arena, const char *contexts, const char *text)
{
    return run (arena, contexts, text, template_parse);
}

const char *evaluated_condition (arena_t *arena, const char *contexts, const char *text)
{
    return run (arena, contexts, text, condition_parse);
}

static bool is_wanted (const char *got, const char *want)
{
    size_t size = strlen (want);
    if (want[0] == '@' && strncmp (got, want, size) == 0)
        return got[size] == 0 || strncmp (got + size, " (", 2) == 0;
    return strcmp (got, want) == 0;
}

void evaluated_table (const char *file, int line, evaluated_fn *evaluate, const char *contexts,
                      const evaluated_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        arena_t *arena = arena_new ();
        const char *got = evaluate (arena, contexts, rows[i].text);
        if (!is_wanted (got, rows[i].want))
            test_fail (file, line, "%s\n    is  %s\n    not %s", rows[i].text, got, rows[i].want);
        arena_destroy (&arena);
    }
}

uint32_t evaluated_random (uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}
