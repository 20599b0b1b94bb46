/* table.h - rows of text in aligned columns. Widths are counted in characters; cells are made safe to show. */

#ifndef OPENCICD_CLI_TERMINAL_TABLE_H
#define OPENCICD_CLI_TERMINAL_TABLE_H

#include "cli/terminal/paint.h"

#include <stddef.h>

#define TABLE_COLUMNS 12
#define TABLE_CELL    200 // Characters of a cell that are shown

typedef struct table table_t;

// Headings end with NULL; without any there is no heading line.
table_t *table_new (arena_t *arena, const char *const *headings);
// A row begins with table_row; its cells follow, left to right.
void table_row (table_t *self);
void table_cell (table_t *self, paint_t kind, const char *text); // NULL is empty
size_t table_rows (const table_t *self);
void table_print (const table_t *self, FILE *out, bool colour);

#endif
