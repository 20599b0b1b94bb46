/* The reader takes what another parser takes and refuses what it refuses, and costs what is kept of a document. */

#include "common/base/json_reader.h"
#include "common/base/buffer.h"
#include "tests/unit/test.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static bool takes (const char *text, size_t size)
{
    json_reader_t reader;
    if (json_shape (text, size).depth > JSON_DEPTH)
        return false;
    json_reader_begin (&reader, text, size);
    (void) json_reader_skip (&reader);
    return json_reader_end (&reader);
}

static bool other_takes (const char *text, size_t size)
{
    if (json_shape (text, size).depth > JSON_DEPTH)
        return false;
    json_t *root = json_loadb (text, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
    json_decref (root);
    return root != NULL;
}

static const char *const documents[] = {
    "{}",
    "[]",
    " [ 1 , -0.5e+3, 0, 12E2 , true,false ,null ] ",
    "{\"a\":{\"b\":[{\"c\":\"\\u00e9\\ud83d\\ude00\\n\\\\\\\"/\\/\"}]},\"\":\"\"}",
    "\"\xC3\xA9\xF0\x9F\x98\x80\"",
    "{\"a\":1,\"b\":2,\"a\":3}",
    "{\"a\":1,\"aa\":2,\"ab\":[{\"a\":1},{\"a\":1}],\"b\":{\"a\":1}}",
    "[1 2]",
    "[01]",
    "[1.]",
    "[-]",
    "[\"\\x\"]",
    "[\"\\ud800\"]",
    "[\"\\udc00\\ud800\"]",
    "[\"a\nb\"]",
    "[\"a]",
    "{\"a\"}",
    "{a:1}",
    "{\"a\":1,}",
    "[1,]",
    "[,1]",
    "nul",
    "truefalse",
    "{} {}",
    "",
    "\"\xC3\"",
    "[\"\\u12g4\"]",
};

TEST (json_is_taken_or_refused_as_another_parser_does)
{
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
        const char *text = documents[i];
        if (takes (text, strlen (text)) != other_takes (text, strlen (text)))
            test_fail (__FILE__, __LINE__, "%s: %d", text, takes (text, strlen (text)));
    }
}

TEST (json_with_any_byte_changed_or_any_end_cut_off_is_taken_or_refused_as_another_parser_does)
{
    static const char bytes[] = "{}[]\",:\\ut0e-. \n\x01\xC3";
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
        size_t size = strlen (documents[i]);
        char *text = malloc (size + 1);
        for (size_t at = 0; at < size; at++)
            for (size_t b = 0; b < sizeof bytes; b++) {
                memcpy (text, documents[i], size + 1);
                text[at] = bytes[b];
                size_t end = b + 1 == sizeof bytes ? at : size;
                if (takes (text, end) != other_takes (text, end))
                    test_fail (__FILE__, __LINE__, "%.*s: %d", (int) end, text, takes (text, end));
            }
        free (text);
    }
}

TEST (numbers_are_read_where_they_are)
{
    static const char json[] = " [ 1 , -9223372036854775808 , 1e2, 9223372036854775808 ] ";
    static const struct {
        bool whole;
        int64_t number;
    } wanted[] = {{true, 1}, {true, INT64_MIN}, {false, 0}, {false, 0}};
    json_reader_t reader;
    bool whole;
    int64_t number;
    json_reader_begin (&reader, json, sizeof json - 1);
    CHECK_INT (json_reader_next (&reader), JSON_IS_ARRAY);
    CHECK_INT (json_reader_count (&reader), 4);
    CHECK (json_reader_enter (&reader));
    for (size_t i = 0; i < 4; i++) {
        CHECK (json_reader_more (&reader, ']') && json_reader_number (&reader, &whole, &number));
        CHECK_INT (whole, wanted[i].whole);
        CHECK (!whole || number == wanted[i].number);
    }
    CHECK (!json_reader_more (&reader, ']') && json_reader_end (&reader));
}

TEST (a_value_is_read_where_it_is)
{
    arena_t *arena = arena_new ();
    json_reader_t reader;
    static const char json[] =
        " { \"a\\u0062c\" : \"x\\n\\u0000y\" , \"raw\" : { \"k\" : [ 1.50 , \"a b\\\" ]\" ] } } ";
    const char *text;
    char key[9];
    size_t size;
    json_reader_begin (&reader, json, sizeof json - 1);
    CHECK_INT (json_reader_next (&reader), JSON_IS_OBJECT);
    CHECK (json_reader_enter (&reader) && json_reader_more (&reader, '}'));
    CHECK (json_reader_key (&reader, key, sizeof key));
    CHECK_STR (key, "a\\u0062c"); // There is no room to unescape it
    CHECK (json_reader_string (&reader, arena, &text, &size));
    CHECK_INT (size, 4);
    CHECK (memcmp (text, "x\n\0y", 5) == 0);
    CHECK (json_reader_more (&reader, '}') && json_reader_key (&reader, key, sizeof key));
    CHECK_STR (key, "raw");
    CHECK (json_reader_raw (&reader, arena, &text, &size));
    CHECK_STR (text, "{\"k\":[1.50,\"a b\\\" ]\"]}");
    CHECK_INT (size, strlen (text));
    CHECK (!json_reader_more (&reader, '}') && json_reader_end (&reader));
    arena_destroy (&arena);
}

TEST (what_is_wrong_is_reported_with_its_location)
{
    json_reader_t reader;
    size_t line, column;
    static const char json[] = "{\n  \"a\": 1,\n  \"b\": x}";
    json_reader_begin (&reader, json, sizeof json - 1);
    CHECK (!json_reader_skip (&reader));
    CHECK (!json_reader_skip (&reader)); // It stays so
    CHECK (!json_reader_end (&reader));
    CHECK_STR (reader.error, "expected a value");
    json_reader_location (&reader, &line, &column);
    CHECK_INT (line, 3);
    CHECK_INT (column, 8);
}

TEST (the_shape_of_a_text_is_known_before_it_is_read)
{
    static const char json[] = "{\"a,[{\":[1,2,{\"b\":\"\\\",\"}],\"c\":[[[]]]}";
    json_shape_t shape = json_shape (json, sizeof json - 1);
    CHECK_INT (shape.depth, 4);
    CHECK_INT (shape.values, 9);
    CHECK_INT (json_shape ("", 0).depth, 0);
    CHECK_INT (json_shape ("]]]][", 5).depth, 1);
}
