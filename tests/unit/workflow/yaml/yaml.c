/* yaml.c - how YAML is read, what of it is refused, its bounds, and finding a place in the file again. */

#include "workflow/yaml/yaml.h"
#include "tests/unit/workflow/loaded.h"

#include <stdlib.h>
#include <string.h>

// The tree as JSON, or its findings.
static const char *parsed (arena_t *arena, const char *text)
{
    findings_t findings;
    node_t *node = NULL;
    findings_init (&findings, arena, "test.yml");
    if (yaml_parse (arena, text, strlen (text), &findings, &node) != OK)
        return findings_text (arena, &findings);
    return value_to_json (arena, node_value (arena, node), 0);
}

static const row_t scalars[] = {
    {"", "null"},
    {"# only a comment\n", "null"},
    {"~", "null"},
    {"[null, Null, NULL, nUll]", "[null,null,null,\"nUll\"]"},
    {"[true, True, TRUE, tRue, false, False, FALSE]", "[true,true,true,\"tRue\",false,false,false]"},
    {"[yes, no, on, off, y, n]", "[\"yes\",\"no\",\"on\",\"off\",\"y\",\"n\"]"},
    {"[0, 7, -3, +4, 012, 1_000]", "[0,7,-3,4,12,\"1_000\"]"},
    {"[0x1F, 0xg, 0o17, 0o8, 0b11, -0x1]", "[31,\"0xg\",15,\"0o8\",\"0b11\",\"-0x1\"]"},
    {"[0x, 0o, 0x0, 0o0]", "[\"0x\",\"0o\",0,0]"},
    {"[1.5, .5, 1., 1e3, 1E-2, -2.5e+1, 1e, e1, .]", "[1.5,0.5,1,1000,0.01,-25,\"1e\",\"e1\",\".\"]"},
    {"[1.10, 1.2.3, 12:30, 2024-01-01]", "[1.1,\"1.2.3\",\"12:30\",\"2024-01-01\"]"},
    {"['1', \"true\", '~', \"\"]", "[\"1\",\"true\",\"~\",\"\"]"},
    {"a: |\n  1\n", "{\"a\":\"1\\n\"}"},
    {"a: >-\n  b\n  c\n", "{\"a\":\"b c\"}"},
    {"{\"a\": [1, {\"b\": null}], \"c\":\"d\"}", "{\"a\":[1,{\"b\":null}],\"c\":\"d\"}"},
    {"\xEF\xBB\xBF"
     "a: 1",
     "{\"a\":1}"},
    {"a: &x [1, 2]\nb: *x\n", "{\"a\":[1,2],\"b\":[1,2]}"},
    {"a: &x 1\nb: &x 2\nc: *x\n", "{\"a\":1,\"b\":2,\"c\":2}"},
    {"on: push\ntrue: x\n1: y\n", "{\"on\":\"push\",\"true\":\"x\",\"1\":\"y\"}"},
    {"%YAML 1.2\n---\na: 1\n...\n", "{\"a\":1}"},
    {"[!!str 1, !!str 'x', !!str true, !!str '']", "[\"1\",\"x\",\"true\",\"\"]"},
    {"[!!int 7, !!int -0x, !!int 0x1F, !!int 0o17]", "1:11 \"-0x\" is not a value of the tag \"!!int\""},
    {"[!!int 7, !!int -3, !!int 0x1F, !!float 2, !!float .5e1, !!float .inf]", "[7,-3,31,2,5,null]"},
    {"[!!bool true, !!bool FALSE, !!null ~, !!null null]", "[true,false,null,null]"},
    {"!!map {a: !!seq [!!str 1], !!str b: !mine {c: 1}}", "{\"a\":[\"1\"],\"b\":{\"c\":1}}"},
};

TEST (yaml_scalars_are_those_of_the_core_schema)
{
    CHECK_ROWS (parsed, scalars);
}

static const row_t refused[] = {
    {"a:\n\t- b", "2:1 invalid YAML: a tab cannot indent; use spaces"},
    {"a: 1\na: 2\n", "2:1 duplicate key \"a\"; it is already defined at line 1"},
    {"ab: 1\nx: {c: 1, C: 2}\nAB: 2\nab: 3\n",
     "2:11 duplicate key \"C\"; it is already defined at line 2\n3:1 duplicate key \"AB\"; it is already defined at line "
     "1\n4:1 duplicate key \"ab\"; it is already defined at line 3"},
    {"a: !!int 1.5", "1:4 \"1.5\" is not a value of the tag \"!!int\""},
    {"a: !!int '1'", "1:4 \"1\" is not a value of the tag \"!!int\""},
    {"a: !!float 0x1", "1:4 \"0x1\" is not a value of the tag \"!!float\""},
    {"a: !!bool yes", "1:4 \"yes\" is not a value of the tag \"!!bool\""},
    {"a: !!null x", "1:4 \"x\" is not a value of the tag \"!!null\""},
    {"a: !!timestamp 2024-01-01", "1:4 \"2024-01-01\" is not a value of the tag \"!!timestamp\""},
    {"if: !cancelled()", "1:5 unknown tag \"!cancelled()\"; quote the value to make it a string"},
    {"a: &x {b: 1}\nc:\n  <<: *x\n",
     "3:3 merge keys (\"<<\") are not supported; repeat the keys, or use an alias for the whole value"},
    {"a: *x", "1:4 alias \"*x\" has no anchor \"&x\" before it"},
    {"a: &x [1, *x]", "1:11 alias \"*x\" is inside the value that it names"},
    {"a: 1\n---\nb: 1\n", "2:1 a second document begins here; a file holds one"},
    {"? [a]\n: 1\n", "1:3 a key must be a single value, not a list or a map"},
    {"a: \xff", "1:4 byte 0xFF is not valid UTF-8 here"},
    {"\xc3\xa9: b\x01", "1:5 control character 0x01 is not allowed"},
    {"a: b: c", "1:5 invalid YAML: mapping values are not allowed in this context"},
    {"a: \"b\nc",
     "2:2 invalid YAML: found unexpected end of stream while scanning a quoted scalar that begins at line 1"},
    {"a: [1, 2\nb: 3\n",
     "2:2 invalid YAML: did not find expected ',' or ']' while parsing a flow sequence that begins at line 1"},
};

TEST (what_github_does_not_read_is_refused_with_its_location)
{
    CHECK_ROWS (parsed, refused);
}

TEST (nesting_is_bounded)
{
    arena_t *arena = arena_new ();
    char text[400];
    memset (text, '[', 200);
    memset (text + 200, ']', 200);
    text[399] = '\0';
    CHECK_STR (parsed (arena, text), "1:51 nested too deeply: at most 50 levels");
    arena_destroy (&arena);
}

TEST (aliases_that_multiply_are_bounded)
{
    arena_t *arena = arena_new ();
    const char *text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 9; i++)
        text = arena_printf (arena, "%sa%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", text, i,
                             i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    CHECK_STR (parsed (arena, text), "6:25 too large once its aliases are written out");
    arena_destroy (&arena);
}

TEST (a_file_past_a_mebibyte_is_refused)
{
    arena_t *arena = arena_new ();
    char *text = malloc (YAML_BYTES + 2);
    memset (text, '#', YAML_BYTES + 1);
    text[YAML_BYTES + 1] = '\0';
    CHECK_STR (parsed (arena, text), "1:1 the file is larger than 1048576 bytes");
    free (text);
    arena_destroy (&arena);
}

static const struct {
    const char *text;
    size_t offset;
    int line, column;
} places[] = {
    {"a: abc ${{ x }}", 4, 1, 8},
    {"a: 'it''s ${{ x }}'", 5, 1, 11},
    {"a: \"b \\\"c\\\" d\"", 6, 1, 13},
    {"a: |\n  one\n    two\n", 6, 3, 5},
    {"a: |\n  one\n\n  two\n", 5, 4, 3},
    {"a: >\n  one\n  two\n", 4, 3, 3},
    {"a: one\n   two", 4, 2, 4},
    {"a: \xc3\xa9t\xc3\xa9 x", 6, 1, 8},
    {"a: \"\\u00e4\\t\\x41 d\"", 5, 1, 18},
    {"a: \"b\\\n  c d\"", 3, 2, 5},
    {"a: \"b\\\n\n  c d\"", 4, 3, 5},
    {"a: \"b \n\n\n  c\"", 3, 4, 3},
    {"a: 'b ''\n  c'", 4, 2, 3},
    {"a: &x \"b c\"", 2, 1, 10},
    {"a: &x # y\n  b c", 2, 2, 5},
    {"a: b\\c 'd", 6, 1, 10},
    {"a: |2- # x\n     b\\ 'c\n", 6, 2, 9},
    {"a: >\n  b\n\n  c\n    d\n", 6, 5, 5},
};

TEST (a_place_in_a_text_is_found_in_the_file)
{
    for (size_t i = 0; i < COUNT_OF (places); i++) {
        arena_t *arena = arena_new ();
        findings_t findings;
        node_t *node = NULL;
        int line = 0, column = 0;
        findings_init (&findings, arena, "test.yml");
        CHECK (yaml_parse (arena, places[i].text, strlen (places[i].text), &findings, &node) == OK);
        node_locate (node->items[0], places[i].offset, &line, &column);
        if (line != places[i].line || column != places[i].column)
            test_fail (__FILE__, __LINE__, "row %zu: %d:%d", i, line, column);
        arena_destroy (&arena);
    }
}
