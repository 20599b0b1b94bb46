/* table.c - see table.h. */

#include "cli/terminal/table.h"

#include "workflow/expression/text.h"

#include <assert.h>
#include <string.h>

typedef struct {
    const char *text;
    size_t width;
    paint_t kind;
} table_cell_t;

typedef struct {
    table_cell_t cells[TABLE_COLUMNS];
    size_t count;
} row_t;

struct table {
    arena_t *arena;
    row_t *rows;
    size_t count, capacity;
    bool headed;
    size_t widths[TABLE_COLUMNS];
};

table_t *table_new (arena_t *arena, const char *const *headings)
{
    table_t *self = arena_alloc (arena, sizeof (table_t));
    self->arena = arena;
    self->headed = *headings != NULL;
    if (self->headed)
        table_row (self);
    for (; *headings; headings++)
        table_cell (self, BOLD, *headings);
    return self;
}

void table_row (table_t *self)
{
    self->rows = arena_grow (self->arena, self->rows, self->count, &self->capacity, sizeof (row_t));
    self->rows[self->count++] = (row_t){.count = 0};
}

static const char *shorten (arena_t *arena, const char *text)
{
    size_t at = 0, size = strlen (text), used;
    for (size_t left = TABLE_CELL; left && at < size; left--, at += used)
        text_decode (text + at, size - at, &used);
    return at < size ? arena_printf (arena, "%.*s...", (int) at, text) : text;
}

void table_cell (table_t *self, paint_t kind, const char *text)
{
    row_t *row = &self->rows[self->count - 1];
    assert (row->count < TABLE_COLUMNS);
    text = shorten (self->arena, paint_safe (self->arena, text ? text : ""));
    size_t width = text_length (text, strlen (text)), column = row->count++;
    row->cells[column] = (table_cell_t){.text = text, .width = width, .kind = kind};
    if (width > self->widths[column])
        self->widths[column] = width;
}

size_t table_rows (const table_t *self)
{
    return self->count - self->headed;
}

void table_print (const table_t *self, FILE *out, bool colour)
{
    for (size_t i = 0; i < self->count; i++) {
        const row_t *row = &self->rows[i];
        size_t owed = 0; // Blanks before the next cell that is not empty: no line ends with blanks
        for (size_t j = 0; j < row->count; j++) {
            const table_cell_t *cell = &row->cells[j];
            if (cell->width)
                fprintf (out, "%*s%s", (int) owed, "", paint (self->arena, colour, cell->kind, cell->text));
            owed = (cell->width ? 0 : owed) + self->widths[j] - cell->width + 2;
        }
        fputc ('\n', out);
    }
}
