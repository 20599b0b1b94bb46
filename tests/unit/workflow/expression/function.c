/* Every function: what it gives, how it coerces, how it fails. */

#include "tests/unit/workflow/evaluated.h"

#include "workflow/expression/function.h"

#include <string.h>

#define NO_CONTEXTS "{}"

TEST (contains_looks_into_texts_and_lists)
{
    static const evaluated_t rows[] = {
        {"contains('Hello world', 'llo')", "true"},
        {"contains('Hello world', 'LLO')", "true"},
        {"contains('Hello world', 'xyz')", "false"},
        {"contains('Hello world', '')", "true"},
        {"contains('', '')", "true"},
        {"contains('', 'a')", "false"},
        {"contains('abc', 'abcd')", "false"},
        {"contains('GRÜßE', 'rüß')", "true"},
        {"contains(123456, 345)", "true"},
        {"contains('true', true)", "true"},
        {"contains(null, '')", "true"},
        {"contains('a', null)", "true"},
        {"contains(1.50, '.5')", "true"},
        {"contains(fromJSON('[\"push\", \"pull_request\"]'), 'PUSH')", "true"},
        {"contains(fromJSON('[\"push\", \"pull_request\"]'), 'pus')", "false"},
        {"contains(fromJSON('[1, 2]'), '2')", "true"},
        {"contains(fromJSON('[null]'), '')", "true"},
        {"contains(fromJSON('[true]'), 1)", "true"},
        {"contains(fromJSON('[]'), null)", "false"},
        {"contains(fromJSON('[[1]]'), fromJSON('[1]'))", "false"},
        {"contains(fromJSON('{\"a\": 1}'), 'a')", "false"},
        {"contains('abc', fromJSON('[\"abc\"]'))", "false"},
        {"contains(fromJSON('[]'), fromJSON('broken'))", "false"},
        {"contains('a')", "@0 Too few parameters supplied: 'contains' (it takes 2 arguments)"},
        {"1 && contains('a', 'b', 'c')",
         "@5 Too many parameters supplied: 'contains' (it takes 2 arguments)"},
    };
    CHECK_TABLE (evaluated, NO_CONTEXTS, rows);
}

TEST (starts_with_and_ends_with_ignore_case_and_coerce)
{
    static const evaluated_t rows[] = {
        {"startsWith('Hello world', 'He')", "true"},
        {"startsWith('Hello world', 'HELLO')", "true"},
        {"startsWith('Hello world', 'world')", "false"},
        {"startsWith('Hello', '')", "true"},
        {"startsWith('', 'a')", "false"},
        {"startsWith('ab', 'abc')", "false"},
        {"startsWith(123, 12)", "true"},
        {"startsWith(true, 'TR')", "true"},
        {"startsWith(null, '')", "true"},
        {"startsWith('Éa', 'éA')", "true"},
        {"startsWith(fromJSON('[\"a\"]'), 'a')", "false"},
        {"startsWith('a', fromJSON('[]'))", "false"},
        {"endsWith('Hello world', 'ld')", "true"},
        {"endsWith('Hello world', 'WORLD')", "true"},
        {"endsWith('Hello world', 'Hello')", "false"},
        {"endsWith('Hello', '')", "true"},
        {"endsWith('c', 'abc')", "false"},
        {"endsWith(12.5, '.5')", "true"},
        {"endsWith('straÉ', 'é')", "true"},
        {"endsWith('x', fromJSON('{}'))", "false"},
        {"startsWith('a')", "@0 Too few parameters supplied: 'startsWith'"},
        {"endsWith('a', 'b', 'c')", "@0 Too many parameters supplied: 'endsWith'"},
    };
    CHECK_TABLE (evaluated, NO_CONTEXTS, rows);
}

TEST (format_puts_arguments_in_place)
{
    static const evaluated_t rows[] = {
        {"format('Hello {0} {1} {2}', 'Mona', 'the', 'Octocat')", "\"Hello Mona the Octocat\""},
        {"format('{{Hello {0} {1} {2}!}}', 'Mona', 'the', 'Octocat')", "\"{Hello Mona the Octocat!}\""},
        {"format('{1}{0}{1}', 'a', 'b')", "\"bab\""},
        {"format('{0}|{1}|{2}|{3}', null, true, 1.50, 'x')", "\"|true|1.5|x\""},
        {"format('{0}{1}', fromJSON('[1]'), fromJSON('{}'))", "\"ArrayObject\""},
        {"format('plain')", "\"plain\""},
        {"format('')", "\"\""},
        {"format(null)", "\"\""},
        {"format(12)", "\"12\""},
        {"format('{00}', 'a')", "\"a\""},
        {"format('{0:}', 'a')", "\"a\""},
        {"format('unused', fromJSON('broken'))", "\"unused\""},
        {"format('{{0}}', 'a')", "\"{0}\""},
        {"format('{{{0}}}', 'a')", "\"{a}\""},
        {"format('{10}', 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 'ten')", "\"ten\""},
        {"format('ä{0}ö', 'ß')", "\"äßö\""},
    };
    CHECK_TABLE (evaluated, NO_CONTEXTS, rows);
}

TEST (a_wrong_format_string_is_reported_where_it_is_written)
{
    static const evaluated_t rows[] = {
        {"format('{0}')", "@7 Format string references {0} but only 0 argument(s) provided"},
        {"format('{0} {1}', 'a')", "@7 Format string references {1} but only 1 argument(s) provided"},
        {"format('{')", "@7 Invalid format string: '{'"},
        {"format('a } b')", "@7 Invalid format string: 'a } b'"},
        {"format('{}', 1)", "@7 Invalid format string: '{}'"},
        {"format('{a}', 1)", "@7 Invalid format string: '{a}'"},
        {"format('{-1}', 1)", "@7 Invalid format string: '{-1}'"},
        {"format('{0', 1)", "@7 Invalid format string: '{0'"},
        {"format('{0:x}', 1)", "@7 Invalid format string: '{0:x}'"},
        {"format('{0:}}', 1)", "@7 Invalid format string: '{0:}}'"},
        {"format('{0:', 1)", "@7 Invalid format string: '{0:'"},
        {"format('{:}', 1)", "@7 Invalid format string: '{:}'"},
        {"format('{255}', 1)", "@7 Format string references {255} but only 1 argument(s) provided"},
        {"format('{256}', 1)", "@7 Invalid format string: '{256}'"},
        {"format('{999}', 1)", "@7 Invalid format string: '{999}'"},
        {"format('{{0}', 1)", "@7 Invalid format string: '{{0}'"},
        {"format('{', 1) && 1 2", "@20 Unexpected symbol: '2'"},
        {"format('}', 1) == format('{', 1)", "@7 Invalid format string: '}'"},
        {"1 && format(env.f, 1)", "@5 Invalid format string: '{'"},
        {"format(env.g, 1)", "@0 Format string references {7} but only 1 argument(s) provided"},
        {"format()", "@0 Too few parameters supplied: 'format' (it takes at least 1 argument)"},
    };
    CHECK_TABLE (evaluated, "{\"env\": {\"f\": \"{\", \"g\": \"{7}\"}}", rows);
}

TEST (join_puts_a_separator_between)
{
    static const evaluated_t rows[] = {
        {"join(fromJSON('[\"bug\", \"help wanted\"]'), ', ')", "\"bug, help wanted\""},
        {"join(fromJSON('[\"a\", \"b\"]'))", "\"a,b\""},
        {"join(fromJSON('[1, true, null, \"x\", [2], {}]'), '|')", "\"1|true||x|Array|Object\""},
        {"join(fromJSON('[\"a\", \"b\"]'), '')", "\"ab\""},
        {"join(fromJSON('[\"a\", \"b\"]'), 0)", "\"a0b\""},
        {"join(fromJSON('[\"a\", \"b\"]'), null)", "\"ab\""},
        {"join(fromJSON('[\"a\", \"b\"]'), fromJSON('[]'))", "\"a,b\""},
        {"join(fromJSON('[\"a\"]'), fromJSON('broken'))", "\"a\""},
        {"join(fromJSON('[]'), '-')", "\"\""},
        {"join('text', '-')", "\"text\""},
        {"join(12)", "\"12\""},
        {"join(null)", "\"\""},
        {"join(fromJSON('{\"a\": 1}'))", "\"\""},
        {"join()", "@0 Too few parameters supplied: 'join'"},
        {"join(1, 2, 3)", "@0 Too many parameters supplied: 'join'"},
    };
    CHECK_TABLE (evaluated, NO_CONTEXTS, rows);
}

TEST (json_goes_out_and_in)
{
    static const evaluated_t rows[] = {
        {"toJSON(null)", "\"null\""},
        {"toJSON('a')", "\"\\\"a\\\"\""},
        {"toJSON(1e20)", "\"1E+20\""},
        {"toJSON(-0)", "\"0\""},
        {"toJSON(NaN)", "\"NaN\""},
        {"toJSON(fromJSON('[]'))", "\"[]\""},
        {"toJSON(fromJSON('{}'))", "\"{}\""},
        {"toJSON(fromJSON('[1,{\"b\":[],\"a\":null}]'))",
         "\"[\\n  1,\\n  {\\n    \\\"b\\\": [],\\n    \\\"a\\\": null\\n  }\\n]\""},
        {"fromJSON('true')", "true"},
        {"fromJSON(' 12.5e1 ')", "125"},
        {"fromJSON('\"x\"')", "\"x\""},
        {"fromJSON(true)", "true"},
        {"fromJSON(3)", "3"},
        {"fromJSON('{\"a\":{\"B\":2}}').A.b", "2"},
        {"fromJSON('9007199254740993')", "9007199254740992"},
        {"fromJSON(toJSON(env)).a", "\"b\""},
        {"fromJSON('')", "@0 Error parsing fromJSON: the JSON text ends too early at line 1, column 1"},
        {"1 && fromJSON('{a: 1}')",
         "@5 Error parsing fromJSON: a key in double quotes is expected at line 1, column 2"},
        {"fromJSON(null)", "@0 Error parsing fromJSON: the JSON text ends too early at line 1, column 1"},
        {"toJSON()", "@0 Too few parameters supplied: 'toJSON' (it takes 1 argument)"},
        {"fromJSON('1', '2')", "@0 Too many parameters supplied: 'fromJSON'"},
    };
    CHECK_TABLE (evaluated, "{\"env\": {\"a\": \"b\"}}", rows);
}

TEST (case_takes_the_first_true_branch_and_evaluates_no_other)
{
    static const evaluated_t rows[] = {
        {"case(true, 'a', 'z')", "\"a\""},
        {"case(false, 'a', 'z')", "\"z\""},
        {"case(false, 'a', 1 == 1, 'b', 'z')", "\"b\""},
        {"case(false, 'a', false, 'b', 'z')", "\"z\""},
        {"case(true, fromJSON('[1]'), fromJSON('broken'))", "[1]"},
        {"case(true, 1, fromJSON('broken'), 2, 3)", "1"},
        {"case(false, fromJSON('broken'), null)", "null"},
        {"CASE(true, 1, 2)", "1"},
        {"case('x', 1, 2)", "@5 case predicate must evaluate to a boolean value"},
        {"case(1, 1, 2)", "@5 case predicate must evaluate to a boolean value"},
        {"case(false, 1, null, 2, 3)", "@15 case predicate must evaluate to a boolean value"},
        {"case(true, 1)", "@0 Too few parameters supplied: 'case' (it takes at least 3 arguments)"},
        {"1 && case(true, 1, false, 2)",
         "@5 Even number of parameters supplied, requires an odd number of parameters: 'case'"},
    };
    CHECK_TABLE (evaluated, NO_CONTEXTS, rows);
}

TEST (status_functions_and_hash_files_ask_the_scope)
{
    static const evaluated_t rows[] = {
        {"success()", "true"},
        {"ALWAYS()", "true"},
        {"failure()", "false"},
        {"!cancelled()", "true"},
        {"success ( )", "true"},
        {"always('job')", "@0 Too many parameters supplied: 'always' (it takes 0 arguments)"},
        {"success", "@0 Unrecognized named-value: 'success'"},
        {"hashFiles('**/go.sum')", "\"hash of 1 from **/go.sum\""},
        {"hashFiles('a', 'b', '!c')", "\"hash of 3 from a\""},
        {"hashFiles(12)", "\"hash of 1 from 12\""},
        {"hashFiles()", "@0 Too few parameters supplied: 'hashFiles'"},
    };
    CHECK_TABLE (evaluated, NO_CONTEXTS, rows);
}

TEST (success_and_failure_of_named_jobs_look_at_what_is_needed)
{
    static const evaluated_t rows[] = {
        {"success('a')", "true"},           {"success('A', 'b')", "true"},
        {"success('a', 'c')", "false"},     {"success('a', 'd')", "false"},
        {"success('zebra')", "false"},      {"failure('a')", "false"},
        {"failure('a', 'c')", "true"},      {"failure('d')", "false"},
        {"failure('zebra', 'c')", "false"}, {"failure('c', 'zebra')", "true"},
        {"success(needs.name)", "true"},
    };
    CHECK_TABLE (
        evaluated,
        "{\"needs\": {\"a\": {\"result\": \"success\"}, \"b\": {\"result\": \"Success\"}, \"c\": {\"result\": "
        "\"failure\"}, \"d\": {\"result\": \"skipped\"}, \"name\": \"a\"}}",
        rows);
}

TEST (without_a_scope_what_needs_one_is_an_error)
{
    static const struct {
        const char *text, *message;
    } rows[] = {{"success()", "'success' can be used in an 'if' only"},
                {"hashFiles('x')", "hashFiles needs a workspace: it can be used in steps only"}};
    for (size_t i = 0; i < COUNT_OF (rows); i++) {
        arena_t *arena = arena_new ();
        const expression_t *expression;
        expression_error_t error;
        const value_t *value;
        CHECK_INT (expression_parse (arena, rows[i].text, strlen (rows[i].text), &expression, &error), OK);
        CHECK_INT (expression_eval (arena, expression, NULL, &value, &error), INVALID);
        CHECK_STR (error.message, rows[i].message);
        arena_destroy (&arena);
    }
}

TEST (every_function_is_in_the_table_once_with_its_meaning)
{
    size_t count = 0;
    for (; function_at (count); count++) {
        const function_t *function = function_at (count);
        CHECK (function->meaning[0]);
        CHECK (function_find (function->name, strlen (function->name)) == function);
        CHECK (function->max_args >= function->min_args);
    }
    CHECK_INT (count, 13);
}

TEST (a_text_made_of_a_secret_is_secret)
{
    static const char *const secret[] = {"format('a{0}', secrets.x)",
                                         "toJSON(secrets)",
                                         "join(secrets.*, '')",
                                         "secrets.x",
                                         "fromJSON(format('\"{0}\"', secrets.x))",
                                         "fromJSON(format('[\"{0}\"]', secrets.x))",
                                         "fromJSON(format('[\"{0}\"]', secrets.x))[0]",
                                         "fromJSON(format('[\"{0}\"]', secrets.x)).*",
                                         "join(fromJSON('[1, 2]'), secrets.x)",
                                         "format(secrets.x)"};
    static const char *const open[] = {"format('a', secrets.x)", "secrets.x == 'k'", "toJSON(1)"};
    arena_t *arena = arena_new ();
    expression_scope_t scope = evaluated_scope (arena, "{\"secrets\": {\"x\": \"k\"}}");
    ((value_t *) value_get (value_get (scope.self, "secrets"), "x"))->secret = true;
    for (size_t i = 0; i < COUNT_OF (secret) + COUNT_OF (open); i++) {
        bool wanted = i < COUNT_OF (secret);
        const char *text = wanted ? secret[i] : open[i - COUNT_OF (secret)];
        const expression_t *expression;
        expression_error_t error;
        const value_t *value;
        CHECK_INT (expression_parse (arena, text, strlen (text), &expression, &error), OK);
        CHECK_INT (expression_eval (arena, expression, &scope, &value, &error), OK);
        if (value->secret != wanted)
            test_fail (__FILE__, __LINE__, "%s is %ssecret", text, wanted ? "not " : "");
    }
    arena_destroy (&arena);
}

TEST (expressions_together_read_and_build_at_most_the_bytes_they_are_given)
{
    static const char *const texts[] = {
        "toJSON(github)", "fromJSON('[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"]')",
        "contains('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'b')",
        "format('{0}{0}{0}', 'aaaaaaaaaaaaaaaaaaaaaaa')",
        "github.a == 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'"};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < COUNT_OF (texts); i++) {
        size_t bytes = 1 << 20;
        expression_scope_t scope =
            evaluated_scope (arena, "{\"github\": {\"a\": \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}}");
        const expression_t *expression;
        const value_t *value;
        expression_error_t error = {0};
        scope.bytes = &bytes;
        CHECK_INT (expression_parse (arena, texts[i], strlen (texts[i]), &expression, &error), OK);
        CHECK_INT (expression_eval (arena, expression, &scope, &value, &error), OK);
        size_t taken = (1 << 20) - bytes;
        CHECK (taken >= 40 && taken < 100000);
        bytes = 40;
        CHECK_INT (expression_eval (arena, expression, &scope, &value, &error), INVALID);
        CHECK (strstr (error.message, "take too much time"));
        CHECK_INT (bytes, 0);
        error = (expression_error_t){0};
        CHECK_INT (expression_eval (arena, expression, &scope, &value, &error),
                   INVALID); // Not begun any more
        CHECK (strstr (error.message, "take too much time"));
    }
    arena_destroy (&arena);
}
