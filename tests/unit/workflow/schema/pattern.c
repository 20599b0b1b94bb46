/* Filter patterns, from GitHub's cheat sheet and beyond it. */

#include "tests/unit/workflow/evaluated.h"

#include "workflow/schema/pattern.h"

#include <string.h>

typedef struct {
    const char *pattern, *text;
    bool matches;
} matched_t;

static void check_matches (const matched_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pattern_match (rows[i].pattern, rows[i].text) != rows[i].matches)
            test_fail (__FILE__, __LINE__, "'%s' %s '%s'", rows[i].pattern,
                       rows[i].matches ? "does not match" : "matches", rows[i].text);
}

TEST (branch_patterns_match_what_the_cheat_sheet_says)
{
    static const matched_t rows[] = {
        {"feature/*", "feature/my-branch", true},
        {"feature/*", "feature/your-branch", true},
        {"feature/*", "feature/a/b", false},
        {"feature/*", "feature/", true},
        {"feature/**", "feature/beta-a/my-branch", true},
        {"feature/**", "feature/mona/the/octocat", true},
        {"feature/**", "feature", false},
        {"main", "main", true},
        {"main", "Main", false},
        {"main", "main2", false},
        {"main", "amain", false},
        {"releases/mona-the-octocat", "releases/mona-the-octocat", true},
        {"*", "main", true},
        {"*", "releases", true},
        {"*", "a/b", false},
        {"*", "", true},
        {"**", "all/the/branches", true},
        {"**", "every/tag", true},
        {"**", "", true},
        {"*feature", "mona-feature", true},
        {"*feature", "feature", true},
        {"*feature", "ver-10-feature", true},
        {"*feature", "a/feature", false},
        {"v2*", "v2", true},
        {"v2*", "v2.0", true},
        {"v2*", "v2.9", true},
        {"v2*", "v3", false},
        {"v[12].[0-9]+.[0-9]+", "v1.10.1", true},
        {"v[12].[0-9]+.[0-9]+", "v2.0.0", true},
        {"v[12].[0-9]+.[0-9]+", "v3.0.0", false},
        {"v[12].[0-9]+.[0-9]+", "v1..0", false},
        {"v[12].[0-9]+.[0-9]+", "v1x0.0", false},
    };
    check_matches (rows, COUNT_OF (rows));
}

TEST (path_patterns_match_what_the_cheat_sheet_says)
{
    static const matched_t rows[] = {
        {"*", "README.md", true},
        {"*", "server.rb", true},
        {"*", "docs/README.md", false},
        {"*.jsx?", "page.js", true},
        {"*.jsx?", "page.jsx", true},
        {"*.jsx?", "page.jsxx", false},
        {"**", "all/the/files.md", true},
        {"*.js", "app.js", true},
        {"*.js", "js/index.js", false},
        {"**.js", "index.js", true},
        {"**.js", "js/index.js", true},
        {"**.js", "src/js/app.js", true},
        {"docs/*", "docs/README.md", true},
        {"docs/*", "docs/file.txt", true},
        {"docs/*", "docs/a/b.txt", false},
        {"docs/**", "docs/README.md", true},
        {"docs/**", "docs/mona/octocat.txt", true},
        {"docs/**", "docs", false},
        {"docs/**/*.md", "docs/README.md", true},
        {"docs/**/*.md", "docs/mona/hello-world.md", true},
        {"docs/**/*.md", "docs/a/markdown/file.md", true},
        {"docs/**/*.md", "docsx/file.md", false},
        {"**/docs/**", "docs/hello.md", true},
        {"**/docs/**", "dir/docs/my-file.txt", true},
        {"**/docs/**", "space/docs/plan/space.doc", true},
        {"**/docs/**", "mydocs/a", false},
        {"**/README.md", "README.md", true},
        {"**/README.md", "js/README.md", true},
        {"**/README.md", "js/XREADME.md", false},
        {"**/*src/**", "a/src/app.js", true},
        {"**/*src/**", "my-src/code/js/app.js", true},
        {"**/*-post.md", "my-post.md", true},
        {"**/*-post.md", "path/their-post.md", true},
        {"**/migrate-*.sql", "migrate-10909.sql", true},
        {"**/migrate-*.sql", "db/migrate-v1.0.sql", true},
        {"**/migrate-*.sql", "db/sept/migrate-v1.sql", true},
    };
    check_matches (rows, COUNT_OF (rows));
}

TEST (quantifiers_brackets_and_escapes_work_together)
{
    static const matched_t rows[] = {
        {"Octoc?t", "Octot", true},
        {"Octoc?t", "Octoct", true},
        {"Octoc?t", "Octocat", false},
        {"ab+c", "abc", true},
        {"ab+c", "abbbbc", true},
        {"ab+c", "ac", false},
        {"[CB]at", "Cat", true},
        {"[CB]at", "Bat", true},
        {"[CB]at", "cat", false},
        {"[1-2]00", "100", true},
        {"[1-2]00", "300", false},
        {"[0-9a-z]+", "a0z", true},
        {"[0-9a-z]+", "", false},
        {"[ab]?c", "c", true},
        {"[ab]?c", "abc", false},
        {"[a.-]x", ".x", true},
        {"[a.-]x", "-x", true},
        {"[a\\]]x", "]x", true},
        {"\\*", "*", true},
        {"\\*", "a", false},
        {"a\\?", "a?", true},
        {"a\\+b", "a+b", true},
        {"\\[a]", "[a]", true},
        {"\\\\", "\\", true},
        {"\\!a", "!a", true},
        {"!a", "!a", true},
        {"?", "?", true},
        {"+a", "+a", true},
        {"*?", "x?", true},
        {"ä?b", "b", true},
        {"ä+", "ää", true},
        {"[äö]", "ö", true},
        {"a**b", "a/x/b", true},
        {"a**/b", "ax/b", true},
        {"a**/b", "ab", false},
        {"a/**/b", "a/b", true},
        {"a/**/b", "a/x/y/b", true},
        {"a/**/b", "axb", false},
        {"a/***", "a/b/c", true},
        {"**/", "a/", true},
        {"", "", true},
        {"", "a", false},
        {"[", "", false},
        {"[ab", "a", true},
        {"a\\", "a\\", true},
    };
    check_matches (rows, COUNT_OF (rows));
}

TEST (in_a_list_the_last_pattern_that_matches_decides)
{
    static const struct {
        const char *patterns[4], *text;
        bool matches;
    } rows[] = {
        {{"releases/**", "!releases/**-alpha"}, "releases/10", true},
        {{"releases/**", "!releases/**-alpha"}, "releases/beta/mona", true},
        {{"releases/**", "!releases/**-alpha"}, "releases/10-alpha", false},
        {{"releases/**", "!releases/**-alpha"}, "releases/beta/3-alpha", false},
        {{"*.md", "!README.md"}, "hello.md", true},
        {{"*.md", "!README.md"}, "README.md", false},
        {{"*.md", "!README.md"}, "docs/hello.md", false},
        {{"*.md", "!README.md", "README*"}, "README.md", true},
        {{"*.md", "!README.md", "README*"}, "README.doc", true},
        {{"!main"}, "main", false},
        {{"!main"}, "other", false},
        {{"!main", "**"}, "main", true},
        {{NULL}, "main", false},
        {{"\\!main"}, "!main", true},
    };
    for (size_t i = 0; i < COUNT_OF (rows); i++) {
        size_t count = 0;
        while (rows[i].patterns[count])
            count++;
        if (patterns_match (rows[i].patterns, count, rows[i].text, NULL) != rows[i].matches)
            test_fail (__FILE__, __LINE__, "row %zu: %s", i, rows[i].text);
    }
}

TEST (a_match_takes_at_most_the_steps_it_is_given_and_says_so)
{
    static const char *const patterns[] = {"**a*a*a*a*b", "aa"};
    static const char text[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    size_t steps = 1000000;
    CHECK (!patterns_match (patterns, 2, text, &steps));
    size_t taken = 1000000 - steps;
    CHECK (taken > 0 && taken <= (sizeof patterns[0] + 16) * sizeof text);
    steps = taken + 1;
    CHECK (!patterns_match (patterns, 2, text, &steps));
    CHECK_INT (steps, 1); // As many as it takes are enough
    steps = taken;
    (void) patterns_match (patterns, 2, text, &steps);
    CHECK_INT (steps, 0);                                    // One less is not
    CHECK (!patterns_match (&patterns[1], 1, "aa", &steps)); // And nothing is known from then on
}

TEST (a_wrong_pattern_is_reported_with_its_location)
{
    static const struct {
        const char *pattern;
        int offset; // -1: nothing is wrong
        const char *message;
    } rows[] = {{"main", -1, ""},
                {"v[12].[0-9]+.[a-zA-Z]?", -1, ""},
                {"**/*.js?", -1, ""},
                {"!docs/**", -1, ""},
                {"\\[a\\]", -1, ""},
                {"a.b-c_d", -1, ""},
                {"[-a]", -1, ""},
                {"", 0, "empty"},
                {"!", 0, "empty"},
                {"ä[b", 1, "no ']'"},
                {"a[]", 1, "empty"},
                {"[z-a]", 1, "range"},
                {"[a-Z]", 1, "range"},
                {"[x.-9]", 2, "range"},
                {"?a", 0, "'?' needs"},
                {"!+a", 1, "'+' needs"},
                {"*?", 1, "'?' needs"},
                {"a++", 2, "'+' needs"},
                {"ab\\", 2, "nothing after it"}};
    for (size_t i = 0; i < COUNT_OF (rows); i++) {
        arena_t *arena = arena_new ();
        pattern_error_t error = {0, ""};
        fault_t fault = pattern_check (arena, rows[i].pattern, &error);
        if ((fault != OK) != (rows[i].offset >= 0) || !strstr (error.message, rows[i].message))
            test_fail (__FILE__, __LINE__, "'%s': %s", rows[i].pattern, error.message);
        if (fault != OK)
            CHECK_INT (error.offset, rows[i].offset);
        arena_destroy (&arena);
    }
}

TEST (a_hostile_pattern_takes_linear_time)
{
    char pattern[PATTERN_LENGTH + 2] = "", text[20001];
    for (size_t i = 0; i + 2 <= PATTERN_LENGTH; i += 2)
        memcpy (pattern + i, i % 4 ? "*a" : "a?", 3);
    memset (text, 'a', sizeof (text) - 1);
    text[sizeof (text) - 1] = 0;
    CHECK (pattern_match (pattern, text));
    text[sizeof (text) - 2] = 'b';
    CHECK (!pattern_match (pattern, text));
    memset (pattern, '*', PATTERN_LENGTH + 1);
    CHECK (!pattern_match (pattern, "a"));
}
