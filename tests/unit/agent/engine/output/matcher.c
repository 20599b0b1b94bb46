/* matcher.c - problem matchers, as actions/toolkit docs/problem-matchers.md describes them. */

#include "agent/engine/output/matcher.h"

#include "tests/unit/test.h"

#include <string.h>

#define COMPILER                                                                                             \
    "{\"problemMatcher\": [{\"owner\": \"cc\", // of a compiler\n"                                           \
    "  \"pattern\": [{\"regexp\": \"^(.+):(\\\\d+):(\\\\d+): (warning|error): (.*?)(?: \\\\[(.+)\\\\])?$\"," \
    "  \"file\": 1, \"line\": 2, \"column\": 3, \"severity\": 4, \"message\": 5, \"code\": 6}]}]}"

// A heading with the file, then lines below it, any number.
#define LINTER                                                                                \
    "{\"problemMatcher\": [{\"owner\": \"linter\", \"severity\": \"warning\", \"pattern\": [" \
    "  {\"regexp\": \"^([^ ].*)$\", \"file\": 1},"                                            \
    "  {\"regexp\": \"^ +(\\\\d+): (.*)$\", \"line\": 1, \"message\": 2, \"loop\": true}]}]}"

#define THREE                                                                                          \
    "{\"problemMatcher\": [{\"owner\": \"three\", \"pattern\": [{\"regexp\": \"^A(.)\", \"file\": 1}," \
    "  {\"regexp\": \"^B\"}, {\"regexp\": \"^C(.)\", \"message\": 1}]}]}"

// Each problem as owner,severity,file:line:column,code,message; lines between | give "" where there is none.
static const char *find_all (matchers_t *matchers, arena_t *arena, const char *lines)
{
    const char *out = "";
    while (*lines) {
        matched_problem_t found;
        size_t size = strcspn (lines, "|");
        if (matchers_find (matchers, arena, lines, size, &found))
            out = arena_printf (arena, "%s%s,%s,%s:%s:%s,%s,%s;", out, found.owner, found.severity,
                                found.file, found.line, found.column, found.code, found.message);
        lines += size + (lines[size] == '|');
    }
    return out;
}

static const char *find_in (arena_t *arena, const char *json, const char *lines)
{
    const char *error = "";
    matchers_t *matchers = matchers_new ();
    CHECK_INT (matchers_add (matchers, arena, json, &error), OK);
    const char *out = find_all (matchers, arena, lines);
    matchers_destroy (&matchers);
    return out;
}

TEST (a_matcher_finds_problems_in_lines)
{
    static const struct {
        const char *json, *lines, *wanted;
    } cases[] = {
        {COMPILER, "a.c:3:7: error: no such thing [-Wall]", "cc,error,a.c:3:7,-Wall,no such thing;"},
        {COMPILER, "a.c:3:7: warning: slow|nothing", "cc,warning,a.c:3:7,,slow;"},
        {COMPILER, "\x1b[1ma.c:3:7: \x1b[0m\x1b[01;31m\x1b[Kerror: \x1b[m\x1b[Kx", "cc,error,a.c:3:7,,x;"},
        {LINTER, "a.js|  1: x|  2: y||  3: z", "linter,warning,a.js:1:,,x;linter,warning,a.js:2:,,y;"},
        {LINTER, "  1: x|a.js|b.js|  1: x", "linter,warning,b.js:1:,,x;"},
        {THREE, "A1|B|C2|C3", "three,error,1::,,2;"},
        {THREE, "A1|A2|B|C3", "three,error,2::,,3;"},
        {THREE, "A1|B|x|C3|B|C4", ""},
    };
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++)
        CHECK_STR (find_in (arena, cases[i].json, cases[i].lines), cases[i].wanted);
    arena_destroy (&arena);
}

TEST (a_match_lets_the_other_matchers_begin_anew_and_an_owner_is_replaced)
{
    const char *error = "";
    arena_t *arena = arena_new ();
    matchers_t *matchers = matchers_new ();
    CHECK_INT (matchers_add (matchers, arena, LINTER, &error), OK);
    CHECK_INT (matchers_add (matchers, arena, COMPILER, &error), OK);
    CHECK_STR (find_all (matchers, arena, "a.js|  1: x|a.c:3:7: error: y|  2: z"),
               "linter,warning,a.js:1:,,x;cc,error,a.c:3:7,,y;");
    CHECK_INT (
        matchers_add (
            matchers, arena,
            "{\"problemMatcher\":[{\"owner\":\"CC\",\"pattern\":[{\"regexp\":\"(y)\",\"message\":1}]}]}",
            &error),
        OK);
    CHECK_STR (find_all (matchers, arena, "a.c:3:7: error: y"), "CC,error,::,,y;");
    matchers_remove (matchers, "cc");
    CHECK_STR (find_all (matchers, arena, "a.c:3:7: error: y"), "");
    CHECK (matchers_any (matchers));
    matchers_remove (matchers, "linter");
    CHECK (!matchers_any (matchers));
    matchers_destroy (&matchers);
    arena_destroy (&arena);
}

#define ONE(pattern) "{\"problemMatcher\":[{\"owner\":\"a\",\"pattern\":[" pattern "]}]}"

TEST (a_file_that_holds_no_matchers_is_refused_and_says_where)
{
    static const struct {
        const char *json, *wanted;
    } cases[] = {
        {"{}", "problemMatcher must be a list of matchers"},
        {"{\"problemMatcher\":[{\"pattern\":[]}]}", "matcher \"\": it needs an owner"},
        {"{\"problemMatcher\":[{\"owner\":\"a\"}]}", "matcher \"a\": it needs 1 to 20 patterns"},
        {ONE ("{\"message\":1}"), "matcher \"a\": a pattern needs a regexp of at most 8 KiB"},
        {ONE ("{\"regexp\":\"(\",\"message\":1}"),
         "matcher \"a\": regexp: at character 2: missing closing parenthesis"},
        {ONE ("{\"regexp\":\"x\"}"), "matcher \"a\": no pattern has a message"},
        {ONE ("{\"regexp\":\"x\",\"message\":\"1\"}"),
         "matcher \"a\": message must be the number of a group"},
        {ONE ("{\"regexp\":\"x\",\"message\":1.5}"), "matcher \"a\": message must be the number of a group"},
        {ONE ("{\"regexp\":\"x\",\"message\":0,\"loop\":true}"),
         "matcher \"a\": only the last of several patterns may loop"},
        {ONE ("{\"regexp\":\"x\",\"message\":0},{\"regexp\":\"y\",\"message\":0}"),
         "matcher \"a\": message is in two of its patterns"},
    };
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++) {
        const char *error = "";
        matchers_t *matchers = matchers_new ();
        CHECK_INT (matchers_add (matchers, arena, cases[i].json, &error), INVALID);
        CHECK_STR (error, cases[i].wanted);
        CHECK (!matchers_any (matchers));
        matchers_destroy (&matchers);
    }
    arena_destroy (&arena);
}

TEST (a_pattern_that_costs_too_much_is_taken_out_and_named)
{
    char line[64] = "";
    const char *error = "";
    arena_t *arena = arena_new ();
    matchers_t *matchers = matchers_new ();
    matched_problem_t found;
    CHECK_INT (matchers_add (matchers, arena,
                             ONE ("{\"regexp\":\"^(a|aa|aaa)+(?:b|(?=c)d)(?<!e)$\",\"message\":1}"), &error),
               OK);
    memset (line, 'a', sizeof line - 1);
    for (int i = 0; i < 3; i++) {
        CHECK (matchers_any (matchers));
        CHECK (!matchers_dropped (matchers, arena));
        CHECK (!matchers_find (matchers, arena, line, strlen (line), &found));
    }
    CHECK_STR (matchers_dropped (matchers, arena), "a");
    CHECK (!matchers_any (matchers));
    matchers_destroy (&matchers);
    arena_destroy (&arena);
}

TEST (past_a_hundred_no_matcher_is_added)
{
    const char *error = "";
    arena_t *arena = arena_new ();
    matchers_t *matchers = matchers_new ();
    for (int i = 0; i <= MATCHERS_MAX; i++)
        CHECK_INT (
            matchers_add (
                matchers, arena,
                arena_printf (
                    arena,
                    "{\"problemMatcher\":[{\"owner\":\"o%d\",\"pattern\":[{\"regexp\":\"x\",\"message\":0}]}]}",
                    i),
                &error),
            i < MATCHERS_MAX ? OK : OVERLOADED);
    CHECK_STR (error, "a job has at most 100 matchers");
    matchers_destroy (&matchers);
    arena_destroy (&arena);
}
