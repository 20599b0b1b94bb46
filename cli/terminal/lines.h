/* lines.h - a log for readers: whole lines, each prefixed with its job's name, workflow markers made readable.
 *
 *     ##[group]TEXT -> > TEXT     ##[endgroup] -> nothing; what is between is indented     ##[error]TEXT -> Error: TEXT ...
 *
 * Bytes come in pieces of any size. What a job printed is otherwise left as it is. */

#ifndef OPENCICD_CLI_TERMINAL_LINES_H
#define OPENCICD_CLI_TERMINAL_LINES_H

#include "cli/terminal/paint.h"
#include "cli/terminal/user_paths.h"

#include <stddef.h>

#define LINES_LONGEST (1 << 20) // Bytes; a longer line is shown in pieces

typedef struct lines lines_t;

lines_t *lines_new (FILE *out, bool colour); // Borrows out
void lines_destroy (lines_t **self_p);
#define LINES_NAME 32                  // Characters of a name in front of its lines
size_t lines_width (const char *name); // What it takes of them
// The prefix of each line from now on, cut or padded to `width` characters. NULL: none.
void lines_name (lines_t *self, const char *name, size_t width, paint_t kind);
void lines_stamp (lines_t *self,
                  const char *stamp); // Before the text of each line from now on, dim; "": nothing
void lines_indent (lines_t *self, size_t columns);           // Each line that is added from now on
void lines_paths (lines_t *self, const user_paths_t *paths); // Borrows them
void lines_add (lines_t *self, const char *bytes, size_t size);
void lines_end (lines_t *self);                                    // A last line without an end is shown
void lines_report (lines_t *self, paint_t kind, const char *text); // A line of ours, between theirs

#endif
