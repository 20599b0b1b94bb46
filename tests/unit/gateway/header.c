/* Heads, ranges and numbers of requests, as pure functions. */

#include "gateway/header.h"
#include "gateway/text.h"
#include "tests/unit/test.h"

#include <string.h>

TEST (a_range_is_cut_to_what_there_is)
{
    static const struct {
        const char *text;
        int64_t size;
        range_t range;
        int64_t first, last;
    } cases[] = {{NULL, 10, RANGE_NONE, 0, 0},
                 {"bytes=0-9", 10, RANGE_GOOD, 0, 9},
                 {"bytes=0-", 10, RANGE_GOOD, 0, 9},
                 {"bytes=3-3", 10, RANGE_GOOD, 3, 3},
                 {"bytes=3-99", 10, RANGE_GOOD, 3, 9},
                 {"bytes=-3", 10, RANGE_GOOD, 7, 9},
                 {"bytes=-99", 10, RANGE_GOOD, 0, 9},
                 {"bytes=10-", 10, RANGE_BAD, 0, 0},
                 {"bytes=10-12", 10, RANGE_BAD, 0, 0},
                 {"bytes=-0", 10, RANGE_BAD, 0, 0},
                 {"bytes=0-", 0, RANGE_BAD, 0, 0},
                 {"bytes=-1", 0, RANGE_BAD, 0, 0},
                 {"bytes=5-3", 10, RANGE_NONE, 0, 0},
                 {"bytes=-", 10, RANGE_NONE, 0, 0},
                 {"bytes=", 10, RANGE_NONE, 0, 0},
                 {"bytes=1-2,4-5", 10, RANGE_NONE, 0, 0},
                 {"bytes=a-b", 10, RANGE_NONE, 0, 0},
                 {"bytes=1-2 ", 10, RANGE_NONE, 0, 0},
                 {"items=1-2", 10, RANGE_NONE, 0, 0},
                 {"bytes=--1", 10, RANGE_NONE, 0, 0},
                 {"bytes=9999999999999999999-", 10, RANGE_NONE, 0, 0}};
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        int64_t first = 0, last = 0;
        range_t range = header_range (cases[i].text, cases[i].size, &first, &last);
        if (range != cases[i].range)
            test_fail (__FILE__, __LINE__, "%s of %d is %d", cases[i].text, (int) cases[i].size, (int) range);
        if (range == RANGE_GOOD) {
            CHECK_INT (first, cases[i].first);
            CHECK_INT (last, cases[i].last);
        }
    }
}

TEST (a_content_range_names_what_is_sent)
{
    int64_t first, last;
    CHECK (header_content_range ("bytes 5-9/*", &first, &last) && first == 5 && last == 9);
    CHECK (header_content_range ("bytes 0-0/*", &first, &last));
    static const char *const wrong[] = {
        "",           "bytes",      "bytes 5-9",   "bytes 5-9/20", "bytes 9-5/*",
        "bytes -5/*", "bytes 5-/*", "bytes=5-9/*", "bytes 5-9/**", "bytes  5-9/*"};
    for (size_t i = 0; i < sizeof (wrong) / sizeof (wrong[0]); i++)
        CHECK (!header_content_range (wrong[i], &first, &last));
    CHECK (!header_content_range (NULL, &first, &last));
}

TEST (a_request_id_has_harmless_characters_alone)
{
    CHECK (header_id_valid ("a"));
    CHECK (header_id_valid ("Build-7.a_b"));
    static const char *const wrong[] = {
        "",      "a b",      "a\"",
        "a\r\n", "\xc3\xbc", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < sizeof (wrong) / sizeof (wrong[0]); i++)
        CHECK (!header_id_valid (wrong[i]));
}

TEST (a_character_that_has_begun_is_kept_back)
{
    static const struct {
        const char *text;
        size_t whole;
    } cases[] = {{"", 0},
                 {"abc", 3},
                 {"ab\xc3", 2},
                 {"ab\xc3\xbc", 4},
                 {"\xe2\x82", 0},
                 {"a\xe2\x82\xac", 4},
                 {"a\xf0\x9f\x98", 1},
                 {"a\xf0\x9f\x98\x80", 5},
                 {"a\xff", 2},
                 {"a\xc0", 2},
                 {"a\x80\x80\x80\x80", 5},
                 {"a\xf5\x80", 3}};
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++)
        CHECK_INT (text_whole (cases[i].text, strlen (cases[i].text)), cases[i].whole);
}
