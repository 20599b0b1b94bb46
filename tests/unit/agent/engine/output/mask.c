/* mask.c - secrets are covered however the bytes arrive, and nothing else is. */

#include "agent/engine/output/mask.h"

#include "common/base/buffer.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void collect (void *self, const void *data, size_t size)
{
    buffer_add (self, data, size);
}

static mask_t *mask_of (const char *const *values)
{
    mask_t *mask = mask_new ();
    for (; *values; values++)
        CHECK_INT (mask_add (mask, *values, strlen (*values)), OK);
    return mask;
}

// The text through a stream, in pieces of `piece` bytes.
static const char *covered (const mask_t *mask, const char *text, size_t size, size_t piece, buffer_t *out)
{
    mask_stream_t *stream = mask_stream_new (mask, collect, out);
    for (size_t at = 0; at < size; at += piece)
        mask_stream_add (stream, text + at, size - at < piece ? size - at : piece);
    mask_stream_end (stream);
    mask_stream_destroy (&stream);
    return buffer_text (out);
}

TEST (secrets_are_covered)
{
    static const struct {
        const char *values[4], *text, *wanted;
    } cases[] = {
        {{"hunter2"}, "is hunter2 it", "is *** it"},
        {{"hunter2"}, "hunter2hunter2", "******"},
        {{"abc", "cde"}, "xabcdex", "x***x"},
        {{"abc", "abcdef"}, "abcdef abcde", "*** ***de"},
        {{"aa"}, "aaa", "***"},
        {{"x"}, "axb", "a***b"},
        {{"one\n  two\r\n"}, "one two onetwo", "*** *** ******"},
        {{"secret\n}\n"}, "} secret", "} ***"},
        {{"hunter2"}, "hunter", "hunter"},
        {{NULL}, "nothing", "nothing"},
        {{"", "\n"}, "nothing\n", "nothing\n"},
    };
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++)
        for (size_t piece = 1; piece < 16; piece++) {
            mask_t *mask = mask_of (cases[i].values);
            buffer_t *out = buffer_new (1000);
            CHECK_STR (covered (mask, cases[i].text, strlen (cases[i].text), piece, out), cases[i].wanted);
            buffer_destroy (&out);
            mask_destroy (&mask);
        }
}

// What must come out, by the plainest algorithm.
static void cover_plainly (const char *const *values, const char *text, size_t size, buffer_t *out)
{
    size_t cover = 0;
    for (size_t i = 0; i < size; i++) {
        size_t end = 0;
        for (size_t v = 0; values[v]; v++) {
            size_t length = strlen (values[v]);
            if (length <= size - i && memcmp (text + i, values[v], length) == 0 && i + length > end)
                end = i + length;
        }
        if (end && i >= cover)
            buffer_puts (out, "***");
        if (end > cover)
            cover = end;
        if (i >= cover)
            buffer_putc (out, text[i]);
    }
}

TEST (any_text_in_any_pieces_is_covered_as_if_it_came_whole)
{
    unsigned state = 12345;
    for (int round = 0; round < 3000; round++) {
        char text[200], words[3][8];
        const char *values[4] = {NULL};
        size_t size = 0;
        for (; size < sizeof (text); size++) {
            state = state * 1103515245u + 12345u;
            text[size] = (char) ("abc"[(state >> 16) % 3]);
        }
        for (size_t w = 0; w < 3; w++) {
            state = state * 1103515245u + 12345u;
            size_t length = 1 + (state >> 16) % 6;
            snprintf (words[w], sizeof (words[w]), "%.*s", (int) length, text + (state >> 20) % 150);
            values[w] = words[w];
        }
        mask_t *mask = mask_of (values);
        buffer_t *out = buffer_new (2000), *wanted = buffer_new (2000);
        cover_plainly (values, text, size, wanted);
        CHECK_STR (covered (mask, text, size, 1 + (size_t) round % 9, out), buffer_text (wanted));
        buffer_destroy (&out);
        buffer_destroy (&wanted);
        mask_destroy (&mask);
    }
}

TEST (a_very_long_secret_is_covered_to_its_end)
{
    size_t size = 3 * MASK_LENGTH_MAX + 5;
    char *text = malloc (size + 1);
    unsigned state = 1;
    for (size_t i = 0; i < size; i++) {
        state = state * 1103515245u + 12345u;
        text[i] = (char) ('a' + (state >> 16) % 26);
    }
    text[size] = 0;
    mask_t *mask = mask_new ();
    CHECK_INT (mask_add (mask, text, size), OK);
    buffer_t *out = buffer_new (size * 2);
    covered (mask, text, size, 4096, out);
    CHECK (strspn (buffer_text (out), "*") == buffer_size (out));
    buffer_destroy (&out);
    mask_destroy (&mask);
    free (text);
}

TEST (too_many_masks_are_refused)
{
    mask_t *mask = mask_new ();
    char value[32];
    for (int i = 0; i < MASKS_MAX; i++) {
        snprintf (value, sizeof (value), "secret-%d", i);
        CHECK_INT (mask_add (mask, value, strlen (value)), OK);
    }
    CHECK_INT (mask_add (mask, "secret-1", 8), OK);
    CHECK_INT (mask_add (mask, "one more", 8), OVERLOADED);
    mask_destroy (&mask);
}

TEST (a_secret_is_covered_in_every_form_in_which_it_is_printed)
{
    static const struct {
        const char *value, *text, *wanted;
    } cases[] = {
        // base64 of "hunter2", "xhunter2", "xyhunter2", each alone and before more
        {"hunter2", "aHVudGVyMg== eGh1bnRlcjI= eHlodW50ZXIy", "*** eG*** eHl***"},
        {"hunter2", "aHVudGVyMiAx eGh1bnRlcjIgMQ== eHlodW50ZXIyIDE=", "***iAx eG***IgMQ== eHl***IDE="},
        {"\xff\xfe\xfd?>", "//79Pz4= __79Pz4=", "*** ***"},
        {"a\"b\\c\td", "a\\\"b\\\\c\\td", "***"},
        {"a\x01z", "a\\u0001z", "***"},
        {"p@ss w/rd", "p%40ss%20w%2Frd p%40ss%20w%2frd p%40ss+w%2Frd", "*** *** ***"},
        {"<a&\"b'>", "&lt;a&amp;&quot;b&apos;&gt;", "***"},
        {"it's", "it''s it'\\''s", "*** ***"},
        {"say \"x\"", "say \\\"x\\\"", "***"},
        {"\"quoted words\"", "quoted words", "***"},
        {"\"short\"", "short", "short"},
        {"partone&parttwo&three", "partone&parttwo& three", "*** three"},
        {"partone&+parttwo&three", "partone&+ arttwo&three", "*** ***"},
        {"ab&c", "ab& c", "ab& c"},
        // Of short ones less: base64 of one or two bytes is in every log
        {"a", "YQ== YWJj", "*** YWJj"},
        {"ab", "YWI= YWJj", "*** YWJj"},
        {"first\nsecond line", "c2Vjb25kIGxpbmU= second%20line", "*** ***"},
    };
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++)
        for (size_t piece = 1; piece < 9; piece++) {
            const char *values[] = {cases[i].value, NULL};
            mask_t *mask = mask_of (values);
            buffer_t *out = buffer_new (1000);
            CHECK_STR (covered (mask, cases[i].text, strlen (cases[i].text), piece, out), cases[i].wanted);
            buffer_destroy (&out);
            mask_destroy (&mask);
        }
}

TEST (a_value_that_was_the_form_of_another_has_forms_of_its_own)
{
    static const char *const values[] = {"a b", "a%20b", NULL};
    arena_t *arena = arena_new ();
    mask_t *mask = mask_of (values);
    CHECK_STR (mask_text (mask, arena, "a%2520b"), "***");
    mask_destroy (&mask);
    arena_destroy (&arena);
}

TEST (a_thousand_secrets_in_all_their_forms_are_added_in_a_moment)
{
    mask_t *mask = mask_new ();
    arena_t *arena = arena_new ();
    char value[64];
    for (int i = 0; i < MASKS_MAX; i++) {
        snprintf (value, sizeof (value), "it's <%d> \"secret\" &+ number %d", i, i);
        CHECK_INT (mask_add (mask, value, strlen (value)), OK);
    }
    CHECK_STR (mask_text (mask, arena, "&lt;999&gt; it''s <999> \"secret\" &+ number 999"),
               "&lt;999&gt; ***");
    mask_destroy (&mask);
    arena_destroy (&arena);
}

TEST (a_text_is_covered_in_one_go)
{
    static const char *const values[] = {"hunter2", NULL};
    arena_t *arena = arena_new ();
    mask_t *mask = mask_of (values);
    CHECK_STR (mask_text (mask, arena, "hunter2, hunter2."), "***, ***.");
    CHECK_STR (mask_text (mask, arena, ""), "");
    mask_destroy (&mask);
    arena_destroy (&arena);
}
