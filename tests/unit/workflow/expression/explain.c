/* Each part of an evaluation, in its order. */

#include "tests/unit/workflow/evaluated.h"

#include "workflow/expression/explain.h"

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

// A random well-formed expression, by the grammar.
static void grow (buffer_t *text, uint32_t *state, int depth)
{
    static const char *const leaves[] = {
        "github.ref", "'it''s'",        "-1.5e2",          "0x1F",     "null", "true",
        "env['a']",   "github.list[1]", "github.list.*.b", "always()", "NaN",  "''"};
    static const char *const binary[] = {" == ", " != ", "<", " >= ", " && ", "||"};
    static const char *const wrapped[] = {"(", "!", "!(", "toJSON(", "format('<{0}>', ", "join("};
    static const char *const closing[] = {")", "", ")", ")", ")", ")"};
    uint32_t choice = evaluated_random (state);
    if (depth == 0 || choice % 4 == 0) {
        buffer_puts (text, leaves[choice / 4 % COUNT_OF (leaves)]);
    } else if (choice % 4 == 1) {
        buffer_puts (text, wrapped[choice / 4 % COUNT_OF (wrapped)]);
        grow (text, state, depth - 1);
        buffer_puts (text, closing[choice / 4 % COUNT_OF (wrapped)]);
    } else {
        grow (text, state, depth - 1);
        buffer_puts (text, binary[choice / 4 % COUNT_OF (binary)]);
        grow (text, state, depth - 1);
    }
}

static void check_parts (arena_t *arena, const char *contexts, const char *text)
{
    expression_scope_t scope = evaluated_scope (arena, contexts);
    const expression_t *expression;
    expression_error_t error;
    explanation_t *steps;
    const value_t *value;
    size_t count;
    CHECK_INT (expression_parse (arena, text, strlen (text), &expression, &error), OK);
    CHECK_INT (expression_explain (arena, expression, &scope, &steps, &count, &value, &error), OK);
    CHECK (count > 0);
    CHECK_STR (steps[count - 1].source, text);
    CHECK (steps[count - 1].value == value);
    for (size_t i = 0; i < count; i++) {
        const char *again = evaluated (arena, contexts, steps[i].source);
        if (strcmp (again, value_to_json (arena, steps[i].value, 0)) != 0)
            test_fail (__FILE__, __LINE__, "%s in %s is %s", steps[i].source, text, again);
    }
}

TEST (the_text_of_each_part_parsed_again_comes_to_the_same_value)
{
    static const char contexts[] =
        "{\"github\": {\"ref\": \"r\", \"list\": [{\"b\": 1}, \"x\", {\"b\": []}]}, "
        "\"env\": {\"a\": \"7\"}}";
    uint32_t state = 7;
    for (int round = 0; round < 5000; round++) {
        arena_t *arena = arena_new ();
        buffer_t *text = buffer_new (EXPRESSION_LENGTH);
        grow (text, &state, 4);
        check_parts (arena, contexts, buffer_text (text));
        buffer_destroy (&text);
        arena_destroy (&arena);
    }
}
