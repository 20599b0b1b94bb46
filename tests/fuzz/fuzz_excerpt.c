/* fuzz_excerpt.c - any bytes as what a step printed, of which the last lines are read, and those that have a word.
 *
 * Holds: lines are in order, valid and bounded; those that are found are lines of the whole. */

#include "common/base/utf8.h"
#include "services/logs/excerpt.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void check_lines (const log_line_items_t *lines, size_t most, int64_t first, int64_t last)
{
    FUZZ_CHECK (lines->count <= most);
    for (size_t i = 0; i < lines->count; i++) {
        const log_line_t *line = &lines->items[i];
        FUZZ_CHECK (line->line >= first && line->line <= last);
        FUZZ_CHECK (i == 0 || line->line > lines->items[i - 1].line);
        FUZZ_CHECK (strlen (line->text) <= MAX_FAILURE_LINE && utf8_valid (line->text, strlen (line->text)));
    }
}

static const char *text_at (const log_line_items_t *lines, int64_t number)
{
    for (size_t i = 0; i < lines->count; i++)
        if (lines->items[i].line == number)
            return lines->items[i].text;
    return NULL;
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static const char *words[] = {"error", "fail", "x"};
    const char *bytes = (const char *) data;
    arena_t *arena = arena_new ();
    log_line_items_t last, all, found;
    int64_t newlines = 0;
    for (size_t i = 0; i < size; i++)
        newlines += bytes[i] == '\n';
    excerpt_lines (arena, bytes, size, 7, size % 2, 50, &last);
    check_lines (&last, 50, 7, 7 + newlines);
    excerpt_lines (arena, bytes, size, 7, true, size + 1, &all);
    excerpt_find (arena, bytes, size, 7, true, &(strs_t){words, 3}, MAX_EXCERPT, &found);
    check_lines (&found, MAX_EXCERPT, 7, 7 + newlines);
    for (size_t i = 0; i < found.count; i++) {
        const char *text = text_at (&all, found.items[i].line);
        FUZZ_CHECK (text && strcmp (text, found.items[i].text) == 0);
    }
    arena_destroy (&arena);
    return 0;
}
