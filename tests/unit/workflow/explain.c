/* Each part of an evaluation, in its order. */

#include "tests/unit/workflow/evaluated.h"

#include "workflow/explain.h"

#include <string.h>

static const char *explained (arena_t *arena, const char *contexts, const char *text)
{
    expression_scope_t scope = evaluated_scope (arena, contexts);
    const expression_t *expression;
    expression_error_t error;
    explanation_t *steps;
    const value_t *value;
    size_t count;
    const char *story = "";
    if (condition_parse (arena, text, strlen (text), &expression, &error) != OK)
        return error.message;
    fault_t fault = expression_explain (arena, expression, &scope, &steps, &count, &value, &error);
    for (size_t i = 0; i < count; i++)
        story = arena_printf (arena, "%s%d:%zu %s = %s\n", story, steps[i].depth, steps[i].offset,
                              steps[i].source, value_to_json (arena, steps[i].value, 0));
    return fault == OK ? story : arena_printf (arena, "%s%s", story, error.message);
}

TEST (an_explanation_lists_the_parts_that_were_evaluated)
{
    static const evaluated_t rows[] = {
        {"always() && (github.ref == 'x' || github['ref'])",
         "1:0 always() = true\n"
         "4:13 github = {\"ref\":\"main\"}\n"
         "3:13 github.ref = \"main\"\n"
         "2:13 github.ref == 'x' = false\n"
         "3:34 github = {\"ref\":\"main\"}\n"
         "2:34 github['ref'] = \"main\"\n"
         "1:13 (github.ref == 'x' || github['ref']) = \"main\"\n"
         "0:0 always() && (github.ref == 'x' || github['ref']) = "
         "\"main\"\n"},
        {"false || true",
         "1:0 success() = true\n1:0 false || true = true\n0:0 success() && (false || true) = true\n"},
        {"failure() && github.x", "1:0 failure() = false\n0:0 failure() && github.x = false\n"},
        {"always() && fromJSON('x')", "1:0 always() = true\n"
                                      "Error parsing fromJSON: a JSON value is expected at line 1, column 1"},
        {"!always()", "1:1 always() = true\n0:0 !always() = false\n"},
        {"case(always(), format('{0}{0}', 1 < 2), 3)", "1:5 always() = true\n2:32 1 < 2 = true\n"
                                                       "1:15 format('{0}{0}', 1 < 2) = \"truetrue\"\n"
                                                       "0:0 case(always(), format('{0}{0}', 1 < 2), 3) = "
                                                       "\"truetrue\"\n"},
    };
    CHECK_TABLE (explained, "{\"github\": {\"ref\": \"main\"}}", rows);
}
