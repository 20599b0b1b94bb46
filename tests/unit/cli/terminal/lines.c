/* lines.c - logs for a reader, and tables. */

#include "cli/terminal/lines.h"
#include "cli/terminal/table.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

// What a log is shown as, its bytes coming `piece` at a time.
static char *shown (const char *bytes, size_t piece, const char *name, bool colour)
{
    char *text;
    size_t length, size = strlen (bytes);
    FILE *out = open_memstream (&text, &length);
    lines_t *lines = lines_new (out, colour);
    lines_name (lines, name, 6, CYAN);
    for (size_t at = 0; at < size; at += piece)
        lines_add (lines, bytes + at, size - at < piece ? size - at : piece);
    lines_end (lines);
    lines_destroy (&lines);
    fclose (out);
    return text;
}

TEST (markers_are_made_readable_and_groups_are_indented)
{
    static const char *const cases[][2] = {
        {"a\nb\n", "a\nb\n"},
        {"a\nb", "a\nb\n"},
        {"a\r\n\n", "a\n\n"},
        {"##[group]Run x\nx\n##[endgroup]\ny\n", "> Run x\n  x\ny\n"},
        {"##[group]a\n##[group]b\nc\n", "> a\n> b\n  c\n"},
        {"##[error]bad\n##[warning]w\n##[notice]n\n##[debug]d\n##[command]c\n",
         "Error: bad\nWarning: w\nNotice: n\nDebug: d\n$ c\n"},
        {"a ##[error]b\n##[other]c\n", "a ##[error]b\n##[other]c\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t piece = 1; piece < 9; piece++) {
            char *text = shown (cases[i][0], piece, NULL, false);
            CHECK_STR (text, cases[i][1]);
            free (text);
        }
}

TEST (a_name_precedes_each_line_cut_or_padded_to_its_width)
{
    static const char *const cases[][2] = {{"ab", "ab     | x\n"},
                                           {"abcdefgh", "abcdef | x\n"},
                                           {"\303\244\303\266", "\303\244\303\266     | x\n"},
                                           {"a\033[2J", "a?[2J  | x\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = shown ("x\n", 9, cases[i][0], false);
        CHECK_STR (text, cases[i][1]);
        free (text);
    }
}

TEST (the_width_of_a_name_is_counted_in_characters)
{
    CHECK_INT (lines_width (""), 0);
    CHECK_INT (lines_width ("build"), 5);
    CHECK_INT (lines_width ("pr\xc3\xbc"
                            "fen"),
               6);
    CHECK_INT (lines_width ("0123456789 0123456789 0123456789 0123456789"), LINES_NAME);
}

TEST (colours_end_with_their_line)
{
    char *text = shown ("\033[1mbold\nplain\n##[error]x\n", 100, NULL, true);
    CHECK_STR (text, "\033[1mbold\033[0m\nplain\n\033[31mError: x\033[0m\n");
    free (text);
}

TEST (a_line_past_the_bound_is_shown_in_pieces)
{
    size_t size = LINES_LONGEST + 10;
    char *line = malloc (size + 1);
    memset (line, 'x', size);
    line[size] = 0;
    for (int ended = 0; ended < 2; ended++) { // With its end, and all of it at once
        if (ended)
            line[size - 1] = '\n';
        char *text = shown (line, ended ? size : 65536, NULL, false);
        CHECK_INT (strlen (text), size + 2 - ended);
        CHECK_INT (strchr (text, '\n') - text, LINES_LONGEST);
        free (text);
    }
    free (line);
}

TEST (columns_of_a_table_are_aligned_by_characters_and_rows_have_no_blanks_at_their_end)
{
    static const char *const headings[] = {"A", "B", "C", NULL};
    char *text;
    size_t size;
    FILE *out = open_memstream (&text, &size);
    arena_t *arena = arena_new ();
    table_t *table = table_new (arena, headings);
    table_row (table);
    table_cell (table, PLAIN, "\303\244\303\266\303\274");
    table_cell (table, PLAIN, "");
    table_cell (table, PLAIN, "z");
    table_row (table);
    table_cell (table, PLAIN,
                "a\x01"
                "b");
    table_cell (table, PLAIN, NULL);
    CHECK_INT (table_rows (table), 2);
    table_print (table, out, false);
    fclose (out);
    CHECK_STR (text, "A    B  C\n\303\244\303\266\303\274     z\na?b\n");
    arena_destroy (&arena);
    free (text);
}

TEST (what_others_wrote_never_reaches_a_terminal_as_a_control)
{
    arena_t *arena = arena_new ();
    CHECK_STR (paint_safe (arena, "\na\r\n  b\n\nc\n"), "a; b; c");
    CHECK_STR (paint_safe (arena, "a\033]0;x\007\x7f\xc2\x9b\xff\xc3\xa4"), "a?]0;x????\xc3\xa4");
    arena_destroy (&arena);
}
