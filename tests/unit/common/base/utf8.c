/* utf8.c - well-formed sequences and the others. */

#include "common/base/utf8.h"
#include "tests/unit/test.h"

#include <string.h>

TEST (well_formed_utf8_is_distinguished_from_the_rest)
{
    static const struct {
        const char *text;
        bool valid;
    } cases[] = {
        {"", true},
        {"plain ascii, more than eight", true},
        {"\xc3\xa9", true},
        {"12345678\xe2\x82\xac", true},
        {"\xf0\x9f\x98\x80", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\x80", false},
        {"\xc0\x80", false},         // Overlong NUL
        {"\xe0\x80\xaf", false},     // Overlong slash
        {"\xed\xa0\x80", false},     // Surrogate
        {"\xf4\x90\x80\x80", false}, // Past U+10FFFF
        {"\xff", false},
        {"abc\xe2\x82", false}, // Cut
        {"1234567\xc3", false},
    };
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++)
        if (utf8_valid (cases[i].text, strlen (cases[i].text)) != cases[i].valid)
            test_fail (__FILE__, __LINE__, "case %zu", i);
}

TEST (text_is_repaired_and_cut_at_a_whole_character)
{
    static const struct {
        const char *text;
        size_t size, most;
        const char *wanted;
    } cases[] = {
        {"abc", 3, 3, "abc"},
        {"abc", 3, 2, "ab"},
        {"a\xc3\xa9", 3, 2, "a"},
        {"a\xff\xe2\x82", 4, 100, "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"a\0b", 3, 100,
         "a\xef\xbf\xbd"
         "b"},
        {"a\xff", 2, 3, "a"},
        {"", 0, 0, ""},
    };
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++)
        CHECK_STR (utf8_repair (arena, cases[i].text, cases[i].size, cases[i].most), cases[i].wanted);
    arena_destroy (&arena);
}
