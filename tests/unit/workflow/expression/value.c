/* Values: building, look-up, coercions, number text, JSON both ways. Text: its case pairs and order. */

#include "tests/unit/workflow/evaluated.h"

#include "workflow/expression/text.h"
#include "workflow/expression/value.h"

#include <math.h>
#include <string.h>

typedef struct {
    const char *text;
    double want;
} number_text_t;

static void check_numbers (const number_text_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double got = value_parse_number (rows[i].text, strlen (rows[i].text));
        if (got != rows[i].want && !(isnan (got) && isnan (rows[i].want)))
            test_fail (__FILE__, __LINE__, "'%s' is %g, not %g", rows[i].text, got, rows[i].want);
    }
}

TEST (text_reads_as_a_number_the_way_github_reads_it)
{
    static const number_text_t rows[] = {
        {"", 0},
        {" \t\r\n", 0},
        {"1", 1},
        {" 1 ", 1},
        {"\xC2\xA0"
         "1\xE3\x80\x80",
         1},
        {"-1", -1},
        {"+1", 1},
        {".5", .5},
        {"5.", 5},
        {"1e3", 1000},
        {"1E+3", 1000},
        {"1.5e-3", .0015},
        {"0x10", 16},
        {"0xFf", 255},
        {"0x7fffffff", 2147483647},
        {"0xffffffff", -1},
        {"0o17", 15},
        {"0o777", 511},
        {"017", 17},
        {"Infinity", INFINITY},
        {"-Infinity", -INFINITY},
        {"+Infinity", INFINITY},
        {"1e999", INFINITY},
        {"-1e999", -INFINITY},
        {"00000000000000000000000000000000000000000000000000000000000000000000000000000000000042", 42}};
    check_numbers (rows, COUNT_OF (rows));
}

TEST (text_that_is_not_a_number_is_nan)
{
    static const number_text_t rows[] = {
        {"0x100000000", NAN}, {"0o8", NAN},   {"0b1", NAN},   {"0X10", NAN}, {"0O17", NAN},
        {"0x", NAN},          {"0o", NAN},    {"-0x10", NAN}, {"0xg", NAN},  {"infinity", NAN},
        {"INF", NAN},         {"NaN", NAN},   {"nan", NAN},   {"1e", NAN},   {"1e+", NAN},
        {"e1", NAN},          {".", NAN},     {"-", NAN},     {"--1", NAN},  {"1 2", NAN},
        {"1,000", NAN},       {"1_000", NAN}, {"true", NAN},  {"0x1p3", NAN}};
    check_numbers (rows, COUNT_OF (rows));
}

TEST (a_number_prints_with_up_to_fifteen_digits)
{
    static const struct {
        double number;
        const char *want;
    } rows[] = {{0, "0"},
                {-0.0, "0"},
                {1, "1"},
                {-1.5, "-1.5"},
                {.1 + .2, "0.3"},
                {1. / 3, "0.333333333333333"},
                {100000000000000, "100000000000000"},
                {999999999999999, "999999999999999"},
                {1e15, "1E+15"},
                {1234567890123456, "1.23456789012346E+15"},
                {1e21, "1E+21"},
                {1.5e300, "1.5E+300"},
                {.0001, "0.0001"},
                {.00001, "1E-05"},
                {.000012345, "1.2345E-05"},
                {5e-324, "4.94065645841247E-324"},
                {INFINITY, "Infinity"},
                {-INFINITY, "-Infinity"},
                {NAN, "NaN"}};
    for (size_t i = 0; i < COUNT_OF (rows); i++) {
        char text[VALUE_NUMBER_TEXT];
        value_print_number (rows[i].number, text);
        CHECK_STR (text, rows[i].want);
    }
}

TEST (only_six_values_are_falsy)
{
    arena_t *arena = arena_new ();
    CHECK (!value_truthy (value_null ()));
    CHECK (!value_truthy (value_bool (false)));
    CHECK (!value_truthy (value_number (arena, 0)));
    CHECK (!value_truthy (value_number (arena, -0.0)));
    CHECK (!value_truthy (value_number (arena, NAN)));
    CHECK (!value_truthy (value_string (arena, "")));
    CHECK (value_truthy (value_bool (true)));
    CHECK (value_truthy (value_number (arena, INFINITY)));
    CHECK (value_truthy (value_string (arena, "0")));
    CHECK (value_truthy (value_string (arena, "false")));
    CHECK (value_truthy (value_array (arena)));
    CHECK (value_truthy (value_object (arena)));
    arena_destroy (&arena);
}

TEST (keys_keep_order_and_case_and_are_found_in_any_case)
{
    arena_t *arena = arena_new ();
    value_t *object = value_object (arena);
    value_set (arena, object, "Zebra", value_number (arena, 1));
    value_set (arena, object, "ant", value_string (arena, "x"));
    value_set (arena, object, "ZEBRA", value_number (arena, 2));
    CHECK_STR (value_to_json (arena, object, 0), "{\"Zebra\":2,\"ant\":\"x\"}");
    CHECK_INT (value_get (object, "zebra")->number, 2);
    CHECK_STR (value_get_text (object, "ANT"), "x");
    CHECK_STR (value_get_text (object, "zebra"), "");
    CHECK (!value_get (object, "bee"));
    CHECK (!value_get (NULL, "bee"));
    CHECK (!value_get (value_null (), "bee"));
    CHECK (value_string (arena, NULL)->kind == VALUE_NULL);
    arena_destroy (&arena);
}

TEST (a_cased_object_distinguishes_keys_by_case)
{
    arena_t *arena = arena_new ();
    value_t *env = value_object (arena);
    env->cased = true;
    value_set (arena, env, "Path", value_string (arena, "a"));
    value_set (arena, env, "PATH", value_string (arena, "b"));
    CHECK_STR (value_get_text (env, "Path"), "a");
    CHECK_STR (value_get_text (env, "PATH"), "b");
    CHECK (!value_get (env, "path"));
    arena_destroy (&arena);
}

static const char *json_again (arena_t *arena, const char *text, size_t size, int indent)
{
    const value_t *value;
    const char *error;
    if (value_from_json (arena, text, size, &value, &error) != OK)
        return error;
    return value_to_json (arena, value, indent);
}

TEST (json_is_read_strictly_and_its_errors_have_a_place)
{
    static const evaluated_t rows[] = {
        {"null", "null"},
        {" [ ] ", "[]"},
        {"[1,2.50,-0,1e2,1E-2]", "[1,2.5,0,100,0.01]"},
        {"{\"b\":1,\"a\":{\"c\":[true,false,null]}}", "{\"b\":1,\"a\":{\"c\":[true,false,null]}}"},
        {"{\"a\":1,\"A\":2,\"b\":3}", "{\"a\":2,\"b\":3}"},
        {"\"\\u0041\\n\\/\\u00e9\"", "\"A\\n/é\""},
        {"\"\\ud83d\\ude00\"", "\"😀\""},
        {"\"\\ud83d\"", "\"\xEF\xBF\xBD\""},
        {"\"\\ude00x\"", "\"\xEF\xBF\xBDx\""},
        {"\"\\ud83d\\u0041\"", "\"\xEF\xBF\xBD"
                               "A\""},
        {"12345678901234567890", "1.2345678901234567e+19"},
        {"0.1", "0.1"},
        {"9007199254740993", "9007199254740992"},
        {"1e999", "null"},
        {"", "the JSON text ends too early at line 1, column 1"},
        {"[1,", "the JSON text ends too early at line 1, column 4"},
        {"[1,]", "a JSON value is expected at line 1, column 4"},
        {"[1 2]", "',' or ']' is expected at line 1, column 4"},
        {"{\"a\":1,}", "a key in double quotes is expected at line 1, column 8"},
        {"{\"a\" 1}", "':' is expected at line 1, column 6"},
        {"{'a': 1}", "a key in double quotes is expected at line 1, column 2"},
        {"{\n  \"ä\": tru\n}", "a JSON value is expected at line 2, column 8"},
        {"\"a", "this string is not closed at line 1, column 1"},
        {"\"a\nb\"", "a control character must be escaped at line 1, column 3"},
        {"\"\\x\"", "there is no such escape at line 1, column 2"},
        {"\"\\u12g4\"", "there is no such escape at line 1, column 2"},
        {"\"\xFF\"", "this is not UTF-8 at line 1, column 2"},
        {"{\"\\u0000\": 1}", "a key may not hold U+0000 at line 1, column 2"},
        {"01", "this is not a number at line 1, column 1"},
        {"1.", "this is not a number at line 1, column 1"},
        {"-", "this is not a number at line 1, column 1"},
        {"1e", "this is not a number at line 1, column 1"},
        {"+1", "a JSON value is expected at line 1, column 1"},
        {".5", "a JSON value is expected at line 1, column 1"},
        {"NaN", "a JSON value is expected at line 1, column 1"},
        {"True", "a JSON value is expected at line 1, column 1"},
        {"1 2", "the JSON text should end here at line 1, column 3"},
        {"[] // x", "the JSON text should end here at line 1, column 4"},
    };
    for (size_t i = 0; i < COUNT_OF (rows); i++) {
        arena_t *arena = arena_new ();
        CHECK_STR (json_again (arena, rows[i].text, strlen (rows[i].text), 0), rows[i].want);
        arena_destroy (&arena);
    }
}

TEST (json_on_the_wire_keeps_every_digit)
{
    arena_t *arena = arena_new ();
    static const double numbers[] = {.1 + .2, 1. / 3, 1e300, 123456789012345680., 5e-324, -2.5};
    for (size_t i = 0; i < COUNT_OF (numbers); i++) {
        const char *text = value_to_json (arena, value_number (arena, numbers[i]), 0);
        CHECK (value_parse_number (text, strlen (text)) == numbers[i]);
    }
    arena_destroy (&arena);
}

TEST (indented_json_looks_as_github_prints_it)
{
    static const char text[] = "{\"a\":{},\"b\":[],\"c\":[1,[2]],\"d\":{\"e\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t"
                               "\\u0001\\u001f\\u007f\\u0085\\u2028\\u2029<>&'ä\"}}";
    static const char want[] =
        "{\n  \"a\": {},\n  \"b\": [],\n  \"c\": [\n    1,\n    [\n      2\n    ]\n  ],\n"
        "  \"d\": {\n    \"e\": \"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7F\\u0085\\u2028"
        "\\u2029<>&'ä\"\n  }\n}";
    arena_t *arena = arena_new ();
    CHECK_STR (json_again (arena, text, strlen (text), 2), want);
    arena_destroy (&arena);
}

TEST (a_text_with_a_nul_in_it_survives_json)
{
    arena_t *arena = arena_new ();
    CHECK_STR (json_again (arena, "\"a\\u0000b\"", 10, 0), "\"a\\u0000b\"");
    arena_destroy (&arena);
}

TEST (json_is_bounded_in_depth_and_memory)
{
    char deep[2 * VALUE_JSON_DEPTH + 3];
    arena_t *arena = arena_new ();
    const value_t *value;
    const char *error;
    memset (deep, '[', VALUE_JSON_DEPTH + 1);
    memset (deep + VALUE_JSON_DEPTH + 1, ']', VALUE_JSON_DEPTH + 1);
    CHECK_INT (value_from_json (arena, deep + 1, 2 * VALUE_JSON_DEPTH, &value, &error), OK);
    CHECK_INT (value_from_json (arena, deep, 2 * VALUE_JSON_DEPTH + 2, &value, &error), INVALID);
    CHECK (strstr (error, "nested too deeply"));
    CHECK_INT (value_from_json_within (arena, "[1,2,3,4,5,6,7,8,9]", 19, 100, &value, &error), INVALID);
    CHECK (strstr (error, "too much memory"));
    arena_destroy (&arena);
}

TEST (an_object_of_many_keys_is_read_in_linear_time)
{
    arena_t *arena = arena_new ();
    buffer_t *text = buffer_new (64 << 20);
    const value_t *value;
    const char *error;
    buffer_putc (text, '{');
    for (int i = 0; i < 200000; i++)
        buffer_printf (text, "%s\"Key%d\":%d", i ? "," : "", i % 100000, i);
    buffer_putc (text, '}');
    CHECK_INT (value_from_json (arena, buffer_text (text), buffer_size (text), &value, &error), OK);
    CHECK_INT (value->list.count, 100000);
    CHECK_INT (value_get (value, "kEY7")->number, 100007);
    buffer_destroy (&text);
    arena_destroy (&arena);
}

TEST (text_compares_by_upper_case_in_the_order_of_utf16)
{
    static const struct {
        const char *left, *right;
        int want;
    } rows[] = {
        {"a", "A", 0},   {"a", "b", -1}, {"B", "a", 1},       {"", "a", -1},       {"ab", "a", 1},
        {"é", "É", 0},   {"ÿ", "Ÿ", 0},  {"ñ", "N", 1},       {"ж", "Ж", 0},       {"ё", "Ё", 0},
        {"σ", "ς", 0},   {"ά", "Ά", 0},  {"ք", "Ք", 0},       {"ａ", "Ａ", 0},     {"ı", "I", 1},
        {"ა", "Ა", 0}, {"ⅷ", "Ⅷ", 0},  {"ᾳ", "ᾼ", 0},       {"𐐨", "𐐀", 0},       {"ſ", "S", 1},
        {"ß", "SS", 1},  {"ő", "Ő", 0},  {"ž", "Ž", 0},       {"÷", "×", 1},       {"ả", "Ả", 0},
        {"_", "a", 1},   {"[", "Z", 1},  {"\xFF", "\xFE", 1}, {"\xFF", "\xFF", 0}, {"😀", "\xEF\xBF\xBD", -1}};
    for (size_t i = 0; i < COUNT_OF (rows); i++) {
        int got = text_compare (rows[i].left, strlen (rows[i].left), rows[i].right, strlen (rows[i].right));
        int back = text_compare (rows[i].right, strlen (rows[i].right), rows[i].left, strlen (rows[i].left));
        if (got != rows[i].want || back != -got)
            test_fail (__FILE__, __LINE__, "%s ? %s is %d and %d", rows[i].left, rows[i].right, got, back);
    }
}

TEST (text_upper_agrees_with_itself)
{
    for (uint32_t character = 0; character < 0x20000; character++) {
        uint32_t upper = text_upper (character);
        CHECK (text_upper (upper) == upper);
        CHECK (character >= 0x80 || upper < 0x80);
    }
}

TEST (an_object_with_many_keys_finds_each_of_them_and_keeps_their_order)
{
    arena_t *arena = arena_new ();
    value_t *object = value_object (arena), *cased = value_object (arena);
    cased->cased = true;
    for (int i = 0; i < 60000; i++) {
        value_set (arena, object, arena_printf (arena, "Key%d", i), value_number (arena, i));
        value_set (arena, cased, arena_printf (arena, "Key%d", i), value_bool (true));
    }
    value_set (arena, object, "KEY7", value_bool (true));
    value_set (arena, cased, "KEY7", value_bool (false));
    CHECK_INT (object->list.count, 60000);
    CHECK_INT (cased->list.count, 60001);
    CHECK_INT (value_get (object, "key59999")->number, 59999);
    CHECK (value_get (object, "key7")->boolean);
    CHECK (value_get (cased, "Key7")->boolean);
    CHECK (!value_get (cased, "KEY7")->boolean);
    CHECK (!value_get (cased, "key7"));
    CHECK (!value_get (object, "key60000"));
    CHECK_STR (object->list.keys[7], "Key7");
    arena_destroy (&arena);
}
