/* Templates and conditions. */

#include "tests/unit/workflow/evaluated.h"

#include <string.h>

#define CONTEXTS "{\"github\": {\"ref\": \"refs/heads/main\", \"n\": 7, \"list\": [1, \"a\"], \"no\": false}}"

TEST (a_lone_expression_keeps_its_kind_and_text_around_makes_a_string)
{
    static const evaluated_t rows[] = {
        {"", "\"\""},
        {"plain", "\"plain\""},
        {"${{ github.n }}", "7"},
        {"${{github.n}}", "7"},
        {"${{ github.list }}", "[1,\"a\"]"},
        {"${{ null }}", "null"},
        {"${{ true }}", "true"},
        {" ${{ github.n }}", "\" 7\""},
        {"${{ github.n }}\n", "\"7\\n\""},
        {"a ${{ github.ref }} b ${{ github.n }}", "\"a refs/heads/main b 7\""},
        {"${{ github.n }}${{ github.n }}", "\"77\""},
        {"[${{ github.list }}|${{ null }}|${{ true }}|${{ 1.50 }}]", "\"[Array||true|1.5]\""},
        {"$${{ 1 }}", "\"$1\""},
        {"{ ${{ 1 }} }", "\"{ 1 }\""},
        {"$ {{ 1 }}", "\"$ {{ 1 }}\""},
        {"{{ 1 }}", "\"{{ 1 }}\""},
        {"}} ${{ 1 }} }}", "\"}} 1 }}\""},
        {"it's ${{ 'it''s' }}", "\"it's it's\""},
        {"${{ '}}' }}", "\"}}\""},
        {"${{ '${{' }}", "\"${{\""},
        {"${{ '{{ literal }}' }}", "\"{{ literal }}\""},
        {"${{ format('{0}}}', 1) }}", "\"1}\""},
        {"${{\n  github.n\n}}", "7"},
        {"ä${{ 'ö' }}ü", "\"äöü\""},
    };
    CHECK_TABLE (evaluated_template, CONTEXTS, rows);
}

TEST (a_text_around_a_secret_is_secret)
{
    static const struct {
        const char *text;
        bool secret;
    } rows[] = {{"${{ secrets.x }}", true},
                {"x-${{ secrets.x }}", true},
                {"${{ github.ref }}${{ secrets.x }}", true},
                {"${{ secrets.x }}${{ github.ref }}", true},
                {"x-${{ github.ref }}", false},
                {"x-${{ secrets.x == 'k' }}", false}};
    arena_t *arena = arena_new ();
    expression_scope_t scope =
        evaluated_scope (arena, "{\"secrets\": {\"x\": \"k\"}, \"github\": {\"ref\": \"main\"}}");
    ((value_t *) value_get (value_get (scope.self, "secrets"), "x"))->secret = true;
    for (size_t i = 0; i < COUNT_OF (rows); i++) {
        const expression_t *expression;
        expression_error_t error;
        const value_t *value;
        CHECK_INT (template_parse (arena, rows[i].text, strlen (rows[i].text), &expression, &error), OK);
        CHECK_INT (expression_eval (arena, expression, &scope, &value, &error), OK);
        if (value->secret != rows[i].secret)
            test_fail (__FILE__, __LINE__, "%s is %ssecret", rows[i].text, rows[i].secret ? "not " : "");
    }
    arena_destroy (&arena);
}

TEST (an_error_in_a_template_has_its_offset_in_the_whole_text)
{
    static const evaluated_t rows[] = {
        {"${{ }}", "@0 An expression was expected"},
        {"${{}}", "@0 An expression was expected"},
        {"a ${{ \t }}", "@2 An expression was expected"},
        {"${{", "@0 The expression is not closed: there is no '}}' for this '${{'"},
        {"a ${{ 1 }} ${{ 2", "@11 The expression is not closed: there is no '}}' for this '${{'"},
        {"${{ 1 }", "@0 The expression is not closed: there is no '}}' for this '${{'"},
        {"${{ 'a }}", "@0 The expression is not closed: there is no '}}' for this '${{'"},
        {"${{ github ref }}", "@11 Unexpected symbol: 'ref'"},
        {"ä ${{ 1 }} ${{ == }}", "@15 Unexpected symbol: '=='"},
        {"x ${{ nope(1) }}", "@6 Unrecognized function: 'nope'"},
        {"x ${{ gitub.a }}", "@6 Unrecognized named-value: 'gitub'"},
        {"ää ${{ fromJSON('{') }}",
         "@7 Error parsing fromJSON: the JSON text ends too early at line 1, column 2"},
        {"${{ ${{ 1 }} }}", "@4 Unexpected symbol: '${{'"},
        {"${{ \"a\" }}", "@4 Unexpected symbol: '\"a\"'"},
    };
    CHECK_TABLE (evaluated_template, CONTEXTS, rows);
}

TEST (a_condition_implies_success_unless_it_asks_itself)
{
    static const evaluated_t rows[] = {
        {"", "true"},
        {"  \n", "true"},
        {"github.n == 7", "true"},
        {"${{ github.n == 7 }}", "true"},
        {"${{ github.n }} == 7", "\"7 == 7\""},
        {"!${{ github.no }}", "\"!false\""},
        {"${{ false }}\n", "\"false\\n\""},
        {"github.no", "false"},
        {"github.nope", "null"},
        {"failure()", "false"},
        {"always() && github.n", "7"},
        {"${{ always() }}", "true"},
        {"contains(github.ref, 'x') || ALWAYS()", "true"},
        {"${{ 'false' }}", "false"},
        {"${{ 'failure()' }}", "false"},
        {"${{ '' }}", "true"},
        {"'a string'", "\"a string\""},
        {"github.n == ", "@9 Unexpected end of expression: '=='"},
        {"  github n", "@9 Unexpected symbol: 'n'"},
        {"${{ github n }}", "@11 Unexpected symbol: 'n'"},
        {"${{ 'a b' }}", "@7 Unexpected symbol: 'b'"},
        {"${{ }}", "@0 An expression was expected"},
        {"github.ref == \"refs/heads/main\"", "@14 Unexpected symbol: '\"refs/heads/main\"'"},
    };
    CHECK_TABLE (evaluated_condition, CONTEXTS, rows);
}

static bool deny (void *self, const char *name)
{
    (void) self;
    return strcmp (name, "always") == 0;
}

TEST (after_a_failure_only_conditions_that_ask_for_it_hold)
{
    static const struct {
        const char *text;
        bool holds;
    } rows[] = {{"", false},
                {"true", false},
                {"${{ true }}", false},
                {"text ${{ 1 }}", false},
                {"always()", true},
                {"true || success()", true},
                {"!success()", true},
                {"${{ 'true' }}", false},
                {"${{ always() }} text", true}};
    const expression_scope_t scope = {.status = deny};
    for (size_t i = 0; i < COUNT_OF (rows); i++) {
        arena_t *arena = arena_new ();
        const expression_t *expression;
        expression_error_t error;
        const value_t *value;
        CHECK_INT (condition_parse (arena, rows[i].text, strlen (rows[i].text), &expression, &error), OK);
        CHECK_INT (expression_eval (arena, expression, &scope, &value, &error), OK);
        if (value_truthy (value) != rows[i].holds)
            test_fail (__FILE__, __LINE__, "if: %s", rows[i].text);
        arena_destroy (&arena);
    }
}

TEST (text_around_an_expression_is_recognized)
{
    static const struct {
        const char *text;
        bool is_text;
    } rows[] = {{"plain", false}, {"${{ 1 }}", false}, {"${{ 1 }} ", true}, {"a${{ 1 }}", true}};
    for (size_t i = 0; i < COUNT_OF (rows); i++) {
        arena_t *arena = arena_new ();
        const expression_t *expression;
        expression_error_t error;
        CHECK_INT (template_parse (arena, rows[i].text, strlen (rows[i].text), &expression, &error), OK);
        CHECK_INT (expression_is_text (expression), rows[i].is_text);
        CHECK_INT (template_has_expression (rows[i].text), i > 0);
        arena_destroy (&arena);
    }
    CHECK (!template_has_expression (NULL));
}

static const char *long_text (arena_t *arena, size_t size, const char *end)
{
    char *text = arena_alloc (arena, size + 1);
    memset (text, 'x', size);
    return arena_printf (arena, "%s%s", text, end);
}

// GitHub counts the format('xxx{0}', 1) that it makes of it.
TEST (a_long_text_may_hold_no_expression_and_may_be_any_length_without)
{
    static const char too_long[] = "@0 Exceeded max expression length 21000";
    arena_t *arena = arena_new ();
    CHECK (evaluated_template (arena, CONTEXTS, long_text (arena, 50000, ""))[0] == '"');
    CHECK (evaluated_template (arena, CONTEXTS, long_text (arena, 20984, "${{ 1 }}"))[0] == '"');
    CHECK (strstr (evaluated_template (arena, CONTEXTS, long_text (arena, 20985, "${{ 1 }}")), too_long));
    CHECK (strstr (evaluated_template (arena, CONTEXTS, long_text (arena, 20983, "{${{ 1 }}")), too_long));
    arena_destroy (&arena);
}
