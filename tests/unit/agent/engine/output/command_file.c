/* command_file.c - what steps write into GITHUB_ENV and its like. */

#include "agent/engine/output/command_file.h"

#include "tests/unit/test.h"

#include <string.h>

// "a=1;b=2" of what was read, or the error.
static const char *read_back (arena_t *arena, const char *text)
{
    assignments_t found = {.count = 0};
    const char *error = "", *out = "";
    if (command_file_parse (arena, text, strlen (text), &found, &error) != OK)
        return error;
    for (size_t i = 0; i < found.count; i++)
        out = arena_printf (arena, "%s%s=%s;", out, found.items[i].name, found.items[i].value);
    return out;
}

TEST (assignments_and_heredocs_are_read)
{
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"a=1\nb=2\n", "a=1;b=2;"},
        {"a=1\r\n\r\nb=x=y", "a=1;b=x=y;"},
        {"a<<END\nx\n\ny\nEND\nb=2\n", "a=x\n\ny;b=2;"},
        {"a<<END\nEND\n", "a=;"},
        {"a<<END\r\nx\r\ny\r\nEND\r\nb=2\r\n", "a=x\r\ny;b=2;"},
        {"a<<E=F\nx\nE=F\n", "a=x;"},
        {"a=b<<c\n", "a=b<<c;"},
        {"", ""},
        {"a=\n", "a=;"},
        {"x=1\nnothing\n", "line 2: \"nothing\" is neither NAME=VALUE nor NAME<<DELIMITER"},
        {"=1\n", "line 1: \"=1\" is neither NAME=VALUE nor NAME<<DELIMITER"},
        {"a<<END\nx\n", "line 1: the end \"END\" of this value is missing"},
        {"a<<\nx\n", "line 1: no delimiter follows <<"},
        {"\xef\xbb\xbf"
         "a=1\n",
         "a=1;"},
    };
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof (cases) / sizeof (cases[0]); i++)
        CHECK_STR (read_back (arena, cases[i].text), cases[i].wanted);
    arena_destroy (&arena);
}

TEST (a_nul_byte_is_refused)
{
    arena_t *arena = arena_new ();
    assignments_t found = {.count = 0};
    const char *error = "";
    CHECK_INT (command_file_parse (arena, "a=\0b\n", 5, &found, &error), INVALID);
    CHECK_STR (error, "it holds a NUL byte");
    arena_destroy (&arena);
}

TEST (a_line_of_a_path_file_with_a_nul_byte_is_not_a_path)
{
    arena_t *arena = arena_new ();
    assignments_t found = {.count = 0};
    command_file_lines (arena, "\0\n/a\0b\n/c\n", 10, &found);
    CHECK_INT (found.count, 1);
    CHECK_STR (found.items[0].name, "/c");
    arena_destroy (&arena);
}

TEST (lines_of_a_path_file_are_read)
{
    arena_t *arena = arena_new ();
    assignments_t found = {.count = 0};
    command_file_lines (arena, "/a\r\n\n/b", 7, &found);
    CHECK_INT (found.count, 2);
    CHECK_STR (found.items[0].name, "/a");
    CHECK_STR (found.items[1].name, "/b");
    arena_destroy (&arena);
}
