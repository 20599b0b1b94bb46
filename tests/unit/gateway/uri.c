/* Paths and queries are decoded in one way or refused. */

#include "gateway/uri.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

static turn_t turn;

static void begin (void)
{
    static arena_t *arena;
    if (arena)
        arena_reset (arena);
    else
        arena = arena_new ();
    turn_init (&turn, arena, "test", 0);
}

TEST (a_path_is_split_before_it_is_decoded)
{
    static const struct {
        const char *path, *joined; // With | between segments; NULL: refused
    } cases[] = {{"/", ""},
                 {"/runs", "runs"},
                 {"/runs/r1", "runs|r1"},
                 {"/projects/my%20app", "projects|my app"},
                 {"/a/%C3%BC+b", "a|\xc3\xbc+b"},
                 {"/a%3Fb", "a?b"},
                 {"/a%2e%2e", "a.."},
                 {"", NULL},
                 {"runs", NULL},
                 {"*", NULL},
                 {"//", NULL},
                 {"/a//b", NULL},
                 {"/a/", NULL},
                 {"/.", NULL},
                 {"/a/..", NULL},
                 {"/%2e%2e/b", NULL},
                 {"/a%2Fb", NULL},
                 {"/a%2fb", NULL},
                 {"/a%00", NULL},
                 {"/a%0d%0a", NULL},
                 {"/a%7f", NULL},
                 {"/a%", NULL},
                 {"/a%4", NULL},
                 {"/a%4g", NULL},
                 {"/a%g4", NULL},
                 {"/%ff", NULL},
                 {"/%c3", NULL},
                 {"/%ed%a0%80", NULL},
                 {"/%c0%ae", NULL}};
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        segments_t segments;
        begin ();
        fault_t fault = uri_path (&turn, cases[i].path, &segments);
        if ((fault == OK) != (cases[i].joined != NULL))
            test_fail (__FILE__, __LINE__, "%s is %s", cases[i].path, fault_name (fault));
        if (fault != OK)
            continue;
        char joined[200] = "";
        for (size_t j = 0; j < segments.count; j++)
            snprintf (joined + strlen (joined), sizeof (joined) - strlen (joined), "%s%s", j ? "|" : "",
                      segments.items[j]);
        CHECK_STR (joined, cases[i].joined);
    }
}

TEST (a_path_has_at_most_64_segments)
{
    char path[200] = "";
    segments_t segments;
    begin ();
    for (int i = 0; i < URI_SEGMENTS; i++)
        memcpy (path + 2 * i, "/a", 3);
    CHECK_INT (uri_path (&turn, path, &segments), OK);
    CHECK_INT (segments.count, 64);
    memcpy (path + 2 * URI_SEGMENTS, "/a", 3);
    CHECK_INT (uri_path (&turn, path, &segments), NOT_FOUND);
}

TEST (a_query_is_names_and_values)
{
    uri_pairs_t pairs;
    begin ();
    CHECK_INT (uri_query (&turn, "a=1&b=x+y%2Fz&c&&d=", &pairs), OK);
    CHECK_INT (pairs.count, 4);
    CHECK_STR (pairs_get (&pairs, "a"), "1");
    CHECK_STR (pairs_get (&pairs, "b"), "x y/z");
    CHECK_STR (pairs_get (&pairs, "c"), "");
    CHECK_STR (pairs_get (&pairs, "d"), "");
    CHECK (!pairs_get (&pairs, "e"));
    CHECK_INT (uri_query (&turn, NULL, &pairs), OK);
    CHECK_INT (pairs.count, 0);
}

TEST (a_query_that_says_a_thing_twice_or_hides_bytes_is_refused)
{
    static const char *const queries[] = {"a=1&a=2", "a=%00", "a=%0a",  "a=%",
                                          "a=%zz",   "a=%ff", "a%00=1", "a=1&%61=2"};
    for (size_t i = 0; i < sizeof (queries) / sizeof (queries[0]); i++) {
        uri_pairs_t pairs;
        begin ();
        if (uri_query (&turn, queries[i], &pairs) != BAD_INPUT)
            test_fail (__FILE__, __LINE__, "%s is taken", queries[i]);
    }
}

TEST (a_query_has_at_most_16_parameters)
{
    char query[200] = "";
    uri_pairs_t pairs;
    begin ();
    for (int i = 0; i < URI_PAIRS + 1; i++)
        snprintf (query + strlen (query), sizeof (query) - strlen (query), "&a%d=1", i);
    CHECK_INT (uri_query (&turn, query, &pairs), BAD_INPUT);
}
