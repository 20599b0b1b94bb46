/* An excerpt is the end of what a step printed, as a terminal would show it. */

#include "services/logs/excerpt.h"
#include "tests/unit/test.h"

#include <string.h>

static const char *text_of (arena_t *arena, const char *bytes, int64_t line, bool whole, size_t most)
{
    log_line_items_t lines;
    const char *text = "";
    excerpt_lines (arena, bytes, strlen (bytes), line, whole, most, &lines);
    for (size_t i = 0; i < lines.count; i++)
        text = arena_printf (arena, "%s%lld:%s|", text, (long long) lines.items[i].line, lines.items[i].text);
    return text;
}

TEST (an_excerpt_is_the_last_lines_with_their_numbers)
{
    arena_t *arena = arena_new ();
    CHECK_STR (text_of (arena, "one\ntwo\n\nfour\n", 1, true, 10), "1:one|2:two|4:four|");
    CHECK_STR (text_of (arena, "one\ntwo\n\nfour", 11, true, 2), "12:two|14:four|");
    CHECK_STR (text_of (arena, "ne\ntwo\n", 7, false, 10), "8:two|"); // It begins within a line
    CHECK_STR (text_of (arena, "the end of a long line", 7, false, 10), "7:the end of a long line|");
    CHECK_STR (text_of (arena, "", 1, true, 10), "");
    arena_destroy (&arena);
}

TEST (an_excerpt_leaves_out_colours_progress_and_what_the_step_runs)
{
    arena_t *arena = arena_new ();
    CHECK_STR (text_of (arena, "##[group]Run x\nx\n##[endgroup]\n\x1b[31mred\x1b[0m\n", 1, true, 10),
               "4:red|");
    CHECK_STR (text_of (arena, "10%\r20%\rdone\r\n  \t\n\x1b[0m\nend\r\n", 1, true, 10), "1:done|4:end|");
    CHECK_STR (text_of (arena, "##[group]never closed\nx\n", 1, true, 10), "1:##[group]never closed|2:x|");
    CHECK_STR (text_of (arena, "broken \xff byte\n", 1, true, 10), "1:broken \xef\xbf\xbd byte|");
    arena_destroy (&arena);
}

// What comes after a NUL is of the line too, and nothing is that comes after the line.
TEST (a_line_with_a_nul_ends_where_it_ends)
{
    arena_t *arena = arena_new ();
    log_line_items_t lines;
    memset (arena_alloc (arena, 1000), 'z', 1000);
    arena_reset (arena); // Its memory still holds what was there
    excerpt_lines (arena, "a\0bc\n", 5, 1, true, 10, &lines);
    CHECK_INT (lines.count, 1);
    CHECK (!strchr (lines.items[0].text, 'z'));
    excerpt_find (arena, "error: a\0bc\n", 12, 1, true, &(strs_t){(const char *[]){"error:"}, 1}, 10, &lines);
    CHECK_INT (lines.count, 1);
    CHECK (!strchr (lines.items[0].text, 'z'));
    arena_destroy (&arena);
}

static log_line_items_t found_in (arena_t *arena, const char *bytes, bool whole, size_t most)
{
    static const char *words[] = {"error:", "no space"};
    log_line_items_t lines;
    excerpt_find (arena, bytes, strlen (bytes), 1, whole, &(strs_t){words, 2}, most, &lines);
    return lines;
}

TEST (lines_that_have_a_word_are_found_with_those_around_them)
{
    arena_t *arena = arena_new ();
    const char *text = "##[group]Run make\nmake\n##[endgroup]\n";
    for (int i = 0; i < 500; i++)
        text = arena_printf (arena, "%sline %d\n%s", text, i,
                             i == 100   ? "\x1b[31mx.c:1: Error: y\x1b[0m\r\n"
                             : i == 400 ? "No space left"
                                        : "");
    log_line_items_t lines = found_in (arena, text, true, 100);
    CHECK_STR (lines.items[0].text, "line 99");
    CHECK_STR (lines.items[2].text, "x.c:1: Error: y");
    CHECK_INT (lines.items[2].line, 3 + 102);
    CHECK_STR (lines.items[13].text, "line 111");
    CHECK_STR (lines.items[14].text, "line 399"); // The other one, which is not the end of a line of its own
    CHECK_STR (lines.items[16].text, "No space leftline 401");
    CHECK_INT (found_in (arena, text, true, 5).count, 5);
    CHECK_INT (found_in (arena, "nothing\nto see\n", true, 5).count, 0);
    CHECK_INT (found_in (arena, "the end of an error:\nrest\n", false, 5).count, 0);
    CHECK_INT (found_in (arena, "", true, 5).count, 0);
    arena_destroy (&arena);
}

TEST (of_many_lines_that_have_a_word_the_first_and_the_last_are_given)
{
    arena_t *arena = arena_new ();
    const char *text = "";
    for (int i = 0; i < 60; i++)
        text = arena_printf (arena, "%serror: %d\n.\n.\n.\n.\n.\n.\n.\n.\n.\n.\n.\n.\n.\n.\n.\n.\n.\n.\n.\n",
                             text, i);
    log_line_items_t lines = found_in (arena, text, true, 1000);
    CHECK_STR (lines.items[0].text, "error: 0");
    int first = 0, last = 0;
    for (size_t i = 0; i < lines.count; i++) {
        first += strcmp (lines.items[i].text, "error: 7") == 0;
        last += strcmp (lines.items[i].text, "error: 56") == 0;
        CHECK (strcmp (lines.items[i].text, "error: 8") != 0 &&
               strcmp (lines.items[i].text, "error: 55") != 0);
    }
    CHECK_INT (first, 1);
    CHECK_INT (last, 1);
    CHECK_INT (lines.items[lines.count - 1].line, 59 * 20 + 1 + EXCERPT_AFTER);
    arena_destroy (&arena);
}
