/* What a refusal over HTTP says is read back as it was said, and what something else says is not taken for ours. */

#include "proto/problem.h"

#include "tests/unit/test.h"

#include <string.h>

TEST (a_problem_is_read_as_it_was_printed)
{
    arena_t *arena = arena_new ();
    buffer_t *text = buffer_new (PROBLEM_MAX);
    problem_print (text, 503, fault_text (OVERLOADED), "a \"detail\"", fault_name (OVERLOADED), "q1");
    problem_t problem = problem_read (arena, 503, buffer_text (text), buffer_size (text));
    CHECK (problem.ours);
    CHECK_INT (problem.fault, OVERLOADED);
    CHECK_STR (problem.text, "a \"detail\"");
    CHECK (strstr (buffer_text (text), "\"request_id\":\"q1\""));
    buffer_destroy (&text);
    arena_destroy (&arena);
}

TEST (only_a_body_with_a_code_is_a_problem_of_ours)
{
    static const struct {
        int status;
        const char *body;
        bool ours;
        fault_t fault;
        const char *text;
    } cases[] = {{404, "{\"detail\":\"d\",\"code\":\"NOT_FOUND\",\"more\":[{}]}", true, NOT_FOUND, "d"},
                 {404, "{\"code\":\"GONE\",\"title\":\"t\"}", true, GONE, "t"}, // The code is what counts
                 {410, "{\"code\":\"FROM_A_NEWER_SERVER\"}", true, GONE, ""},
                 {404, "404 page not found\n", false, NOT_FOUND, ""},
                 {404, "{\"detail\":\"of a proxy\"}", false, NOT_FOUND, "of a proxy"},
                 {404, "{\"code\":7}", false, NOT_FOUND, ""},
                 {404, "{\"code\":\"NOT_FOUND\"", false, NOT_FOUND, ""},
                 {404, "[\"code\"]", false, NOT_FOUND, ""},
                 {404, "", false, NOT_FOUND, ""},
                 {418, "", false, BAD_INPUT, ""},
                 {503, "", false, OVERLOADED, ""},
                 {302, "", false, BROKEN, ""},
                 {502, "", false, BROKEN, ""}};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        problem_t problem = problem_read (arena, cases[i].status, cases[i].body, strlen (cases[i].body));
        CHECK_INT (problem.ours, cases[i].ours);
        CHECK_INT (problem.fault, cases[i].fault);
        CHECK_STR (problem.text, cases[i].text);
    }
    arena_destroy (&arena);
}

TEST (a_body_too_large_or_too_deep_for_a_problem_is_not_read)
{
    arena_t *arena = arena_new ();
    static char deep[400], large[PROBLEM_MAX + 40];
    memset (deep, '[', 300);
    memset (large, ' ', PROBLEM_MAX);
    memcpy (large + PROBLEM_MAX, "{\"code\":\"GONE\"}", 15);
    CHECK (!problem_read (arena, 404, deep, strlen (deep)).ours);
    CHECK (!problem_read (arena, 404, large, strlen (large)).ours);
    CHECK (problem_read (arena, 404, large + 100, strlen (large + 100)).ours);
    arena_destroy (&arena);
}
