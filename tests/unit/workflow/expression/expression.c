/* Literals, operators, their precedence, access and filters, and where a wrong expression is wrong. */

#include "tests/unit/workflow/evaluated.h"

#include <string.h>

#define NO_CONTEXTS "{}"

TEST (literals_are_what_they_say)
{
    static const evaluated_t rows[] = {
        {"null", "null"},
        {"true", "true"},
        {"false", "false"},
        {"0", "0"},
        {"711", "711"},
        {"-9.2", "-9.2"},
        {"+3", "3"},
        {"0xff", "255"},
        {"0xFF", "255"},
        {"0o17", "15"},
        {"-2.99e-2", "-0.0299"},
        {"1E3", "1000"},
        {".5", "0.5"},
        {"-.5", "-0.5"},
        {"5.", "5"},
        {"'Mona the Octocat'", "\"Mona the Octocat\""},
        {"'It''s open source!'", "\"It's open source!\""},
        {"''", "\"\""},
        {"''''", "\"'\""},
        {"'a''''b'", "\"a''b\""},
        {"'${{ }} \"x\"'", "\"${{ }} \\\"x\\\"\""},
        {"  'around'\t\r\n ", "\"around\""},
        {"", "null"},
        {"   ", "null"},
        {"NaN", "null"},
        {"Infinity", "null"},
    };
    CHECK_TABLE (evaluated, NO_CONTEXTS, rows);
}

TEST (keywords_know_their_case_and_contexts_and_functions_do_not)
{
    static const evaluated_t rows[] = {
        {"True", "@0 Unrecognized named-value: 'True'"},
        {"NULL", "@0 Unrecognized named-value: 'NULL'"},
        {"nan", "@0 Unrecognized named-value: 'nan'"},
        {"GitHub.REF", "\"main\""},
        {"github['Ref']", "\"main\""},
        {"STARTSWITH('abc', 'A')", "true"},
        {"github.true", "1"},
        {"github.null", "2"},
        {"github.NaN", "3"},
    };
    CHECK_TABLE (evaluated, "{\"github\": {\"ref\": \"main\", \"true\": 1, \"null\": 2, \"NaN\": 3}}", rows);
}

TEST (and_and_or_give_the_operand_that_decides)
{
    static const evaluated_t rows[] = {
        {"'a' && 'b'", "\"b\""},
        {"'' && 'b'", "\"\""},
        {"0 && 'b'", "0"},
        {"null && 'b'", "null"},
        {"1 && 2 && 3", "3"},
        {"1 && 0 && 3", "0"},
        {"'a' || 'b'", "\"a\""},
        {"'' || 'b'", "\"b\""},
        {"null || 0 || ''", "\"\""},
        {"NaN || 'x'", "\"x\""},
        {"false || fromJSON('[]') && 'list is true'", "\"list is true\""},
        {"true && 'yes' || 'no'", "\"yes\""},
        {"false && 'yes' || 'no'", "\"no\""},
        {"true || fromJSON('broken')", "true"},
        {"false && fromJSON('broken')", "false"},
    };
    CHECK_TABLE (evaluated, NO_CONTEXTS, rows);
}

TEST (operators_bind_as_the_documentation_lists_them)
{
    static const evaluated_t rows[] = {
        {"!true == false", "true"},
        {"!(true == false)", "true"},
        {"!false && false", "false"},
        {"!(false && false)", "true"},
        {"1 < 2 == true", "true"},
        {"true == 1 < 2", "true"},
        {"1 == 1 && 2 == 2", "true"},
        {"1 == 2 || 2 == 2", "true"},
        {"true || false && false", "true"},
        {"(true || false) && false", "false"},
        {"3 > 2 > 1", "false"},
        {"1 == 1 == true", "true"},
        {"1 != 2 == true", "true"},
        {"!!1", "true"},
        {"! ! ! ''", "true"},
        {"!'x' == !'y'", "true"},
        {"!fromJSON('{\"a\": true}').a", "false"},
        {"((((1))))", "1"},
    };
    CHECK_TABLE (evaluated, NO_CONTEXTS, rows);
}

TEST (equality_coerces_and_ignores_case)
{
    static const evaluated_t rows[] = {
        {"1 == 1.0", "true"},
        {"1 == '1'", "true"},
        {"1 == ' 1 '", "true"},
        {"16 == '0x10'", "true"},
        {"8 == '0o10'", "true"},
        {"0 == ''", "true"},
        {"0 == '  '", "true"},
        {"0 == null", "true"},
        {"0 == false", "true"},
        {"1 == true", "true"},
        {"2 == true", "false"},
        {"'' == null", "true"},
        {"'x' == null", "false"},
        {"'true' == true", "false"},
        {"'1' == true", "true"},
        {"null == null", "true"},
        {"null == false", "true"},
        {"'Abc' == 'aBC'", "true"},
        {"'abc' == 'abd'", "false"},
        {"'1' == '1.0'", "false"},
        {"'ÄÖÜß' == 'äöüß'", "true"},
        {"'ЖЩ' == 'жщ'", "true"},
        {"'Σίσυφος' == 'ΣΊΣΥΦΟΣ'", "true"},
        {"NaN == NaN", "false"},
        {"NaN != NaN", "true"},
        {"'abc' == 0", "false"},
        {"Infinity == 'Infinity'", "true"},
        {"-Infinity == '-Infinity'", "true"},
        {"-0 == 0", "true"},
        {"fromJSON('[]') == fromJSON('[]')", "false"},
        {"fromJSON('{}') == fromJSON('{}')", "false"},
        {"fromJSON('[1]') == 1", "false"},
        {"fromJSON('[]') == ''", "false"},
        {"github == github", "true"},
        {"github == env", "false"},
        {"github.list == github.list", "true"},
        {"github.list != github.list", "false"},
    };
    CHECK_TABLE (evaluated, "{\"github\": {\"list\": [1]}, \"env\": {}}", rows);
}

TEST (relations_coerce_and_compare_text_by_its_upper_case)
{
    static const evaluated_t rows[] = {
        {"1 < 2", "true"},
        {"2 <= 2", "true"},
        {"2 > 2", "false"},
        {"2 >= 2", "true"},
        {"'10' < 9", "false"},
        {"'10' < '9'", "true"},
        {"'a' < 'B'", "true"},
        {"'b' > 'A'", "true"},
        {"'abc' <= 'ABC'", "true"},
        {"'abc' < 'abcd'", "true"},
        {"'_' > 'z'", "true"},
        {"null < 1", "true"},
        {"null > null", "false"},
        {"null >= null", "true"},
        {"null <= null", "true"},
        {"false < true", "true"},
        {"true > false", "true"},
        {"true < true", "false"},
        {"NaN < 1", "false"},
        {"NaN <= 1", "false"},
        {"NaN >= 1", "false"},
        {"NaN <= NaN", "false"},
        {"NaN >= NaN", "false"},
        {"1 < 'x'", "false"},
        {"1 <= 'x'", "false"},
        {"1 >= 'x'", "false"},
        {"1 > 'x'", "false"},
        {"1 < Infinity", "true"},
        {"fromJSON('[]') < 1", "false"},
        {"fromJSON('[1]') <= 1", "false"},
        {"fromJSON('[]') <= fromJSON('[]')", "false"},
        {"fromJSON('[]') >= fromJSON('[]')", "false"},
        {"github >= github", "true"},
        {"'\xEF\xBF\xBD' > '\xF0\x9F\x98\x80'", "true"},
    };
    CHECK_TABLE (evaluated, "{\"github\": {}}", rows);
}

#define TREE                                                                                                   \
    "{\"github\": {\"event\": {\"issue\": {\"labels\": [{\"name\": \"bug\"}, {\"name\": \"help\", \"id\": 7}," \
    " {\"id\": 8}, \"text\", null]}}, \"sha-1\": \"abc\", \"_x\": 1, \"0\": \"zero\", \"\": \"empty\"},"       \
    " \"needs\": {\"a\": {\"outputs\": {\"v\": 1}, \"list\": [1, 2]}, \"b\": {\"outputs\": {\"v\": null}, "    \
    "\"list\": [3]}, \"c\": {}, \"d\": 5},"                                                                    \
    " \"matrix\": [[1, 2], [3], {\"0\": \"key\"}, \"x\"]}"

TEST (access_by_property_and_index_finds_what_is_there_and_is_null_safe)
{
    static const evaluated_t rows[] = {
        {"github.event.issue.labels[0].name", "\"bug\""},
        {"github.event.issue.labels[1]['name']", "\"help\""},
        {"github['event']['issue'].labels['1'].name", "\"help\""},
        {"github.event.issue.labels[true].name", "\"help\""},
        {"github.event.issue.labels[''].name", "\"bug\""},
        {"github.event.issue.labels[null].name", "\"bug\""},
        {"github.event.issue.labels[1.9].name", "\"help\""},
        {"github.event.issue.labels[5]", "null"},
        {"github.event.issue.labels[-1]", "null"},
        {"github.event.issue.labels['x']", "null"},
        {"github.event.issue.labels[NaN]", "null"},
        {"github.event.issue.labels[Infinity]", "null"},
        {"github.event.issue.labels[1e99]", "null"},
        {"github.event.issue.labels.name", "null"},
        {"github.sha-1", "\"abc\""},
        {"github._x", "1"},
        {"github[0]", "\"zero\""},
        {"github[null]", "\"empty\""},
        {"github[needs]", "null"},
        {"github.nope", "null"},
        {"github.nope.nope['nope'][3]", "null"},
        {"github.nope[fromJSON('broken')]", "null"},
        {"github.sha-1.x", "null"},
        {"(github).sha-1", "\"abc\""},
        {"(github.event || 1).issue.labels[3]", "\"text\""},
        {"fromJSON('[[1,2],[3]]')[0][1]", "2"},
        {"github\n .\tsha-1", "\"abc\""},
        {"github [ 'sha-1' ]", "\"abc\""},
        {"github[format('sha-{0}', 1)]", "\"abc\""},
        {"job.status", "null"},
    };
    CHECK_TABLE (evaluated, TREE, rows);
}

// A list's room in memory grows by doubling: for some of these lengths nothing of it is after the last item.
TEST (after_the_last_item_of_a_list_of_any_length_there_is_nothing)
{
    arena_t *arena = arena_new ();
    for (int count = 1; count <= 64; count++) {
        const char *json = "";
        for (int i = 0; i < count; i++)
            json = arena_printf (arena, "%s%s7", json, i ? "," : "");
        const char *list = arena_printf (arena, "fromJSON('[%s]')", json);
        CHECK_STR (evaluated (arena, "{}", arena_printf (arena, "%s[%d]", list, count - 1)), "7");
        CHECK_STR (evaluated (arena, "{}", arena_printf (arena, "%s[%d]", list, count)), "null");
    }
    arena_destroy (&arena);
}

TEST (a_filter_goes_into_each_item_and_drops_what_is_missing)
{
    static const evaluated_t rows[] = {
        {"github.event.issue.labels.*.name", "[\"bug\",\"help\"]"},
        {"github.event.issue.labels[*].id", "[7,8]"},
        {"github.event.issue.labels.*['name']", "[\"bug\",\"help\"]"},
        {"github.event.issue.labels.*.nope", "[]"},
        {"needs.*.outputs.v", "[1,null]"},
        {"needs.*.list", "[[1,2],[3]]"},
        {"needs.*.list[0]", "[1,3]"},
        {"needs.*.list[1]", "[2]"},
        {"needs.*.list.*", "[1,2,3]"},
        {"needs.*.list[*]", "[1,2,3]"},
        {"needs.*.*.v", "[1,null]"},
        {"needs.a.*", "[{\"v\":1},[1,2]]"},
        {"matrix.*[0]", "[1,3,\"key\"]"},
        {"matrix.*.*", "[1,2,3,\"key\"]"},
        {"(needs.*.list)[0]", "[1,3]"},
        {"github.nope.*", "[]"},
        {"github.nope.*.x.*", "[]"},
        {"github.sha-1.*", "[]"},
        {"fromJSON('[1,2]').*", "[1,2]"},
        {"join(needs.*.list.*, '-')", "\"1-2-3\""},
        {"contains(github.event.issue.labels.*.name, 'HELP')", "true"},
        {"needs.*.list == needs.*.list", "false"},
        {"toJSON(needs.*.nope)", "\"[]\""},
    };
    CHECK_TABLE (evaluated, TREE, rows);
}

TEST (an_error_names_the_first_token_that_cannot_stand_there)
{
    static const evaluated_t rows[] = {
        {"github ref", "@7 Unexpected symbol: 'ref'"},
        {"github..ref", "@7 Unexpected symbol: '.'"},
        {"github.", "@6 Unexpected end of expression: '.'"},
        {"github.'ref'", "@7 Unexpected symbol: ''ref''"},
        {"github.1", "@7 Unexpected symbol: '1'"},
        {"github.-x", "@7 Unexpected symbol: '-x'"},
        {"github[", "@6 Unexpected end of expression: '['"},
        {"github[]", "@7 Unexpected symbol: ']'"},
        {"github['a'", "@7 Unexpected end of expression: ''a''"},
        {"github['a')", "@10 Unexpected symbol: ')'"},
        {"'a'.b", "@3 Unexpected symbol: '.'"},
        {"'a'['b']", "@3 Unexpected symbol: '['"},
        {"1 == ", "@2 Unexpected end of expression: '=='"},
        {"== 1", "@0 Unexpected symbol: '=='"},
        {"1 = 1", "@2 Unexpected symbol: '='"},
        {"1 & 1", "@2 Unexpected symbol: '&'"},
        {"1 &&& 1", "@4 Unexpected symbol: '&'"},
        {"1 | 1", "@2 Unexpected symbol: '|'"},
        {"1 === 1", "@4 Unexpected symbol: '='"},
        {"1 => 1", "@2 Unexpected symbol: '='"},
        {"true and false", "@5 Unexpected symbol: 'and'"},
        {"1 + 1", "@2 Unexpected symbol: '+'"},
        {"1+1", "@0 Unexpected symbol: '1+1'"},
        {"0xfg", "@0 Unexpected symbol: '0xfg'"},
        {"1.2.3", "@0 Unexpected symbol: '1.2.3'"},
        {"12abc", "@0 Unexpected symbol: '12abc'"},
        {".", "@0 Unexpected symbol: '.'"},
        {"*", "@0 Unexpected symbol: '*'"},
        {"1 * 2", "@2 Unexpected symbol: '*'"},
        {"\"main\"", "@0 Unexpected symbol: '\"main\"'"},
        {"github.ref == \"main\"", "@14 Unexpected symbol: '\"main\"'"},
        {"'open", "@0 Unexpected symbol: ''open'"},
        {"'it's'", "@4 Unexpected symbol: 's''"},
        {"(1", "@1 Unexpected end of expression: '1'"},
        {"(", "@0 Unexpected end of expression: '('"},
        {")", "@0 Unexpected symbol: ')'"},
        {"()", "@1 Unexpected symbol: ')'"},
        {"(1))", "@3 Unexpected symbol: ')'"},
        {"(1, 2)", "@2 Unexpected symbol: ','"},
        {"1, 2", "@1 Unexpected symbol: ','"},
        {"!", "@0 Unexpected end of expression: '!'"},
        {"1 !", "@2 Unexpected symbol: '!'"},
        {"contains('a' 'b')", "@13 Unexpected symbol: ''b''"},
        {"contains('a',)", "@13 Unexpected symbol: ')'"},
        {"contains(,'a')", "@9 Unexpected symbol: ','"},
        {"contains('a', 'b'", "@14 Unexpected end of expression: ''b''"},
        {"contains(", "@8 Unexpected end of expression: '('"},
        {"${{ github.ref }}", "@0 Unexpected symbol: '${{'"},
        {"env.a%b", "@4 Unexpected symbol: 'a%b'"},
        {"a-b.c", "@0 Unrecognized named-value: 'a-b'"},
        {"'äöü' == x y", "@11 Unexpected symbol: 'y'"},
        {"env:NAME", "@0 Unexpected symbol: 'env:NAME'"},
        {"#", "@0 Unexpected symbol: '#'"},
        {"1 == 2 # comment", "@7 Unexpected symbol: '#'"},
    };
    CHECK_TABLE (evaluated, NO_CONTEXTS, rows);
}

TEST (an_error_says_what_was_probably_meant)
{
    static const evaluated_t rows[] = {
        {"gitub.ref", "@0 Unrecognized named-value: 'gitub' (did you mean 'github'?)"},
        {"1 == Stpes.x", "@5 Unrecognized named-value: 'Stpes' (did you mean 'steps'?)"},
        {"zebra.x", "@0 Unrecognized named-value: 'zebra'"},
        {"contain('a', 'b')", "@0 Unrecognized function: 'contain' (did you mean 'contains'?)"},
        {"fromJson2('1')", "@0 Unrecognized function: 'fromJson2' (did you mean 'fromJSON'?)"},
        {"quux(1)", "@0 Unrecognized function: 'quux'"},
        {"\"a\"", "@0 Unexpected symbol: '\"a\"' (strings are written in single quotes)"},
        {"'a", "@0 Unexpected symbol: ''a' (the string is not closed)"},
        {"1 = 1", "@2 Unexpected symbol: '=' (equality is written ==)"},
    };
    CHECK_TABLE (evaluated, NO_CONTEXTS, rows);
}

TEST (names_can_be_checked_against_a_list)
{
    static const char *const names[] = {"github", "env"};
    arena_t *arena = arena_new ();
    const expression_t *expression;
    expression_error_t error = {0};
    CHECK_INT (expression_parse (arena, "GITHUB.x && Env.y", 17, &expression, &error), OK);
    CHECK_INT (expression_check (arena, expression, names, 2, &error), OK);
    CHECK_INT (expression_parse (arena, "github[envs.x]", 14, &expression, &error), OK);
    CHECK_INT (expression_check (arena, expression, names, 2, &error), INVALID);
    CHECK_INT (error.offset, 7);
    CHECK_STR (error.message, "Unrecognized named-value: 'envs' (did you mean 'env'?)");
    arena_destroy (&arena);
}

static const char *repeated (arena_t *arena, size_t times, const char *before, const char *middle,
                             const char *after)
{
    buffer_t *text = buffer_new (1 << 20);
    for (size_t i = 0; i < times; i++)
        buffer_puts (text, before);
    buffer_puts (text, middle);
    for (size_t i = 0; i < times; i++)
        buffer_puts (text, after);
    char *copy = arena_strdup (arena, buffer_text (text));
    buffer_destroy (&text);
    return copy;
}

// What expression_check says of what was parsed, also where it could not be to its end; "" for nothing.
static const char *named (arena_t *arena, const char *text, bool as_template)
{
    static const char *const names[] = {"github", "env"};
    const expression_t *expression;
    expression_error_t error = {0};
    fault_t fault =
        (as_template ? template_parse : expression_parse) (arena, text, strlen (text), &expression, &error);
    if (expression_check (arena, expression, names, COUNT_OF (names), &error) != OK)
        return arena_printf (arena, "@%zu %s", error.offset, error.message);
    return fault == OK ? "" : "syntax";
}

TEST (an_unknown_name_before_a_wrong_token_is_the_first_error)
{
    static const struct {
        const char *text;
        const char *want;
        bool as_template;
    } rows[] = {
        {"zebra giraffe", "@0 Unrecognized named-value: 'zebra'", false},
        {"github.ref == main branch", "@14 Unrecognized named-value: 'main'", false},
        {"contains(github.ref, zebra", "@21 Unrecognized named-value: 'zebra'", false},
        {"zebra.a[", "@0 Unrecognized named-value: 'zebra'", false},
        {"true || zebra", "@8 Unrecognized named-value: 'zebra'", false},
        {"github.ref env.x", "syntax", false},
        {"github.ref 'a' zebra", "syntax", false},
        {"(github.ref", "syntax", false},
        {"a ${{ zebra }} b ${{ ( }}", "@6 Unrecognized named-value: 'zebra'", true},
        {"a ${{ github }} b ${{ zebra.", "syntax", true},
        {"a ${{ github }} b ${{ zebra. }}", "@22 Unrecognized named-value: 'zebra'", true},
    };
    for (size_t i = 0; i < COUNT_OF (rows); i++) {
        arena_t *arena = arena_new ();
        CHECK_STR (named (arena, rows[i].text, rows[i].as_template), rows[i].want);
        arena_destroy (&arena);
    }
}

TEST (nesting_is_bounded_and_chains_are_not_nesting)
{
    static const struct {
        const char *before, *middle, *after;
    } shapes[] = {{"(", "1", ")"}, {"!", "1", ""}, {"", "env", ".a"}, {"", "env", "[0]"}, {"", "1", " == 1"}};
    for (size_t i = 0; i < COUNT_OF (shapes); i++) {
        arena_t *arena = arena_new ();
        const char *deepest = repeated (arena, 49, shapes[i].before, shapes[i].middle, shapes[i].after);
        const char *too_deep = repeated (arena, 50, shapes[i].before, shapes[i].middle, shapes[i].after);
        const char *absurd = repeated (arena, 4000, shapes[i].before, shapes[i].middle, shapes[i].after);
        CHECK (evaluated (arena, NO_CONTEXTS, deepest)[0] != '@');
        CHECK (strstr (evaluated (arena, NO_CONTEXTS, too_deep), "Exceeded max expression depth 50"));
        CHECK (strstr (evaluated (arena, NO_CONTEXTS, absurd), "Exceeded max expression"));
        CHECK_STR (evaluated (arena, NO_CONTEXTS, repeated (arena, 2000, "true && ", "'end'", "")),
                   "\"end\"");
        arena_destroy (&arena);
    }
}

TEST (length_is_bounded)
{
    arena_t *arena = arena_new ();
    const char *longest = repeated (arena, 1, "'", repeated (arena, 20998, "x", "", ""), "'");
    const char *too_long = repeated (arena, 1, "'", repeated (arena, 20999, "x", "", ""), "'");
    CHECK (evaluated (arena, NO_CONTEXTS, longest)[0] == '"');
    CHECK_STR (evaluated (arena, NO_CONTEXTS, too_long), "@0 Exceeded max expression length 21000");
    const char *wide = repeated (arena, 1, "'", repeated (arena, 20998, "ä", "", ""), "'");
    CHECK (evaluated (arena, NO_CONTEXTS, wide)[0] == '"');
    arena_destroy (&arena);
}

TEST (what_one_evaluation_builds_is_bounded)
{
    arena_t *arena = arena_new ();
    const char *contexts =
        repeated (arena, 1, "{\"env\": {\"big\": \"", repeated (arena, 1 << 18, "x", "", ""), "\"}}");
    contexts = arena_strndup (arena, contexts, strlen (contexts));
    const char *braces = repeated (arena, 60, "{0}", "", "");
    const char *text = arena_printf (arena, "format('%s', env.big)", braces);
    CHECK_STR (evaluated (arena, contexts, text),
               "@0 The expression takes more than 10485760 bytes of memory");
    arena_destroy (&arena);
}

TEST (references_list_paths_and_functions_in_the_order_of_the_text)
{
    static const char text[] =
        "contains(steps.build.outputs['x'], env.A) && needs.*.result == matrix[inputs.k].os";
    static const struct {
        const char *what;
        size_t offset;
    } want[] = {{"contains()", 0}, {"steps/build/outputs/x", 9},
                {"env/A", 35},     {"needs/*/result", 45},
                {"matrix", 63},    {"inputs/k", 70}};
    arena_t *arena = arena_new ();
    const expression_t *expression;
    expression_error_t error;
    expression_ref_t *refs;
    size_t count;
    CHECK_INT (expression_parse (arena, text, strlen (text), &expression, &error), OK);
    expression_refs (expression, arena, &refs, &count);
    CHECK_INT (count, COUNT_OF (want));
    for (size_t i = 0; i < count; i++) {
        const char *what =
            refs[i].function ? arena_printf (arena, "%s()", refs[i].function) : refs[i].path[0];
        for (size_t j = 1; j < refs[i].count; j++)
            what = arena_printf (arena, "%s/%s", what, refs[i].path[j]);
        CHECK_STR (what, want[i].what);
        CHECK_INT (refs[i].offset, want[i].offset);
    }
    arena_destroy (&arena);
}

TEST (an_implied_success_is_not_a_reference)
{
    static const struct {
        const char *text;
        size_t count;
    } rows[] = {{"", 0}, {"true", 0}, {"github.ref", 1}, {"success()", 1}, {"${{ success() && env.a }}", 2}};
    for (size_t i = 0; i < COUNT_OF (rows); i++) {
        arena_t *arena = arena_new ();
        const expression_t *expression;
        expression_error_t error;
        expression_ref_t *refs;
        size_t count;
        CHECK_INT (condition_parse (arena, rows[i].text, strlen (rows[i].text), &expression, &error), OK);
        expression_refs (expression, arena, &refs, &count);
        CHECK_INT (count, rows[i].count);
        arena_destroy (&arena);
    }
}

TEST (token_soup_is_parsed_and_evaluated_without_harm)
{
    static const char *const tokens[] = {
        "(",      ")",     "[",     "]",         ",",       ".",     "*",           "!",
        "==",     "!=",    "<",     "<=",        ">",       ">=",    "&&",          "||",
        "github", "env",   "x",     "'a'",       "''",      "1",     "-1e3",        "0xff",
        "null",   "true",  "NaN",   "contains(", "format(", "'{0}'", "fromJSON(",   "toJSON(",
        "join(",  "case(", "'[1]'", "success()", "${{",     "}}",    "'",           "\"",
        " ",      "\xC3",  "ä",     "&",         "=",       "+",     "startsWith(", "hashFiles("};
    uint32_t state = 20260101;
    for (int round = 0; round < 20000; round++) {
        arena_t *arena = arena_new ();
        buffer_t *text = buffer_new (4096);
        for (uint32_t left = evaluated_random (&state) % 14 + 1; left; left--)
            buffer_puts (text, tokens[evaluated_random (&state) % COUNT_OF (tokens)]);
        const char *soup = buffer_text (text);
        const char *contexts = "{\"github\": {\"x\": [1, {\"x\": 2}]}, \"env\": {\"x\": \"y\"}}";
        CHECK (evaluated (arena, contexts, soup)[0]);
        CHECK (evaluated_template (arena, contexts, soup)[0]);
        CHECK (evaluated_condition (arena, contexts, soup)[0]);
        buffer_destroy (&text);
        arena_destroy (&arena);
    }
}
