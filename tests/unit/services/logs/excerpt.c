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
