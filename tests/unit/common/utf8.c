/* utf8.c - well-formed sequences and the others. */

#include "common/utf8.h"
#include "tests/unit/test.h"

#include <string.h>

TEST (well_formed_utf8_is_told_from_the_rest)
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
