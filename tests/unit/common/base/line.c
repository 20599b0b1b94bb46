/* A text is read line by line, whatever its lines end with. */

#include "common/base/line.h"

#include "tests/unit/test.h"

#include <string.h>

static const char *lines_of (arena_t *arena, const char *text, bool trimmed)
{
    const char *all = "";
    for (line_t line = line_begin (text, strlen (text)); line_next (&line);) {
        if (trimmed)
            line_trim (&line);
        all = arena_printf (arena, "%s%zu[%.*s]", all, line.number, (int) line.size, line.text);
    }
    return all;
}

TEST (each_line_comes_once_and_without_its_end)
{
    arena_t *arena = arena_new ();
    CHECK_STR (lines_of (arena, "", false), "");
    CHECK_STR (lines_of (arena, "a", false), "1[a]");
    CHECK_STR (lines_of (arena, "a\n", false), "1[a]");
    CHECK_STR (lines_of (arena, "\n", false), "1[]");
    CHECK_STR (lines_of (arena, "a\n\nb\r\n c", false), "1[a]2[]3[b\r]4[ c]");
    CHECK_STR (lines_of (arena, "\ta \r\n \t\r\n b c", true), "1[a]2[]3[b c]");
    arena_destroy (&arena);
}

TEST (bytes_are_lines_too_and_a_zero_is_one_of_them)
{
    line_t line = line_begin ("a\0b\nc", 5);
    CHECK (line_next (&line));
    CHECK_INT (line.size, 3);
    CHECK (line_next (&line));
    CHECK (!line_next (&line));
    CHECK_INT (line.left, 0);
}

TEST (lines_are_copied_counted_and_found)
{
    arena_t *arena = arena_new ();
    line_t line = line_begin ("one\ntwo", 7);
    CHECK_STR (line_take (&line, arena), "one");
    CHECK_STR (line.rest, "two");
    CHECK_STR (line_take (&line, arena), "two");
    CHECK_STR (line_take (&line, arena), "");
    CHECK_INT (line_count (""), 0);
    CHECK_INT (line_count ("a\nb"), 2);
    CHECK_INT (line_count ("a\nb\n"), 2);
    CHECK (line_is_in ("one\ntwo", "two", 3));
    CHECK (!line_is_in ("one\ntwo", "tw", 2));
    CHECK (!line_is_in ("", "", 0));
    arena_destroy (&arena);
}
