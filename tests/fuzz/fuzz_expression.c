/* fuzz_expression.c - any text as expression, template and condition: parsed, evaluated, explained, walked.
 *
 * Holds: errors and slips lie within the text; an explanation comes to the same value; what is parsed, in part or to
 * its end, can be walked. */

#include "tests/fuzz/fuzz.h"
#include "workflow/expression/explain.h"
#include "workflow/expression/text.h"
#include "workflow/expression/type_check.h"

#include <string.h>

typedef fault_t parse_fn (arena_t *arena, const char *text, size_t size, const expression_t **out,
                          expression_error_t *error);

static const value_t *context (void *self, const char *name)
{
    return value_get (self, name);
}

static bool status (void *self, const char *name)
{
    return value_get (self, name) != NULL;
}

static fault_t hash_files (void *self, arena_t *arena, const char *const *patterns, size_t count,
                           const char **out)
{
    (void) self;
    *out = arena_printf (arena, "%zu%s", count, patterns[count - 1]);
    return OK;
}

static const value_t *contexts (arena_t *arena)
{
    static const char text[] =
        "{\"github\": {\"ref\": \"refs/heads/main\", \"a\": [1, [2, \"x\"], {\"b\": null}]},"
        " \"env\": {\"a\": \"{0}\", \"j\": \"[{}]\", \"n\": \"-1e3\"}, \"success\": 1}";
    const value_t *value;
    const char *error;
    FUZZ_CHECK (value_from_json (arena, text, strlen (text), &value, &error) == OK);
    return value;
}

static void run (arena_t *arena, parse_fn *parse, const char *text, size_t size)
{
    const expression_scope_t scope = {
        .self = (void *) contexts (arena), .context = context, .status = status, .hash_files = hash_files};
    size_t length = text_length (text, size), count;
    const expression_t *expression;
    expression_error_t error = {0};
    fault_t parsed = parse (arena, text, size, &expression, &error);
    FUZZ_CHECK (parsed == OK || (error.message && error.offset <= length));
    expression_ref_t *refs;
    expression_refs (expression, arena, &refs, &count);
    for (size_t i = 0; i < count; i++)
        FUZZ_CHECK (refs[i].offset <= length);
    if (parsed != OK)
        return;
    type_error_t *errors;
    expression_type_errors (expression, arena, NULL, &errors, &count);
    for (size_t i = 0; i < count; i++)
        FUZZ_CHECK (errors[i].message && errors[i].offset <= length);
    const value_t *value, *again;
    explanation_t *steps;
    fault_t fault = expression_eval (arena, expression, &scope, &value, &error);
    FUZZ_CHECK (fault == OK || (error.message && error.offset <= length));
    FUZZ_CHECK (expression_explain (arena, expression, &scope, &steps, &count, &again, &error) == fault);
    FUZZ_CHECK (fault != OK ||
                strcmp (value_to_json (arena, value, 0), value_to_json (arena, again, 0)) == 0);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static parse_fn *const parsers[] = {expression_parse, template_parse, condition_parse};
    for (size_t i = 0; i < 3; i++) {
        arena_t *arena = arena_new ();
        run (arena, parsers[i], (const char *) data, size);
        arena_destroy (&arena);
    }
    return 0;
}
