/* table.c - what people see of rows. */

#include "cli/terminal/table.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

static char *printed (arena_t *arena, const char *cell)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream (&text, &size);
    table_t *table = table_new (arena, (const char *const[]){NULL});
    table_row (table);
    table_cell (table, PLAIN, cell);
    table_print (table, out, false);
    fclose (out);
    return text;
}

TEST (a_cell_of_several_lines_is_shown_in_one)
{
    static const char *const cells[][2] = {{"one\n  two\r\n\n three\n", "one; two; three\n"},
                                           {"\n first", "first\n"},
                                           {"a\tb", "a?b\n"},
                                           {NULL, "\n"}};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        char *text = printed (arena, cells[i][0]);
        CHECK_STR (text, cells[i][1]);
        free (text);
    }
    arena_destroy (&arena);
}
