/* groovy_text.h - the characters of a Groovy file: blanks, comments, strings, and where code ends. For groovy.c. */

#ifndef OPENCICD_CLI_IMPORT_GROOVY_TEXT_H
#define OPENCICD_CLI_IMPORT_GROOVY_TEXT_H

#include "cli/import/groovy.h"

#include <stdbool.h>

typedef struct {
    arena_t *arena;
    const char *p, *end;
    const char *counted; // Up to here lines are counted
    int line;            // There
    size_t depth, nodes;
    const char *error; // The first one
} groovy_reader_t;

int groovy_line (groovy_reader_t *self, const char *at);
bool groovy_fail (groovy_reader_t *self, const char *at, const char *what); // Returns false
bool groovy_skip_blank (groovy_reader_t *self, bool newlines); // And comments; false: one does not end
bool groovy_at (const groovy_reader_t *self, const char *what);
bool groovy_is_quote (const groovy_reader_t *self); // Does a string begin here? Not a slashy one
bool groovy_is_name (char c, bool first);

// Past the string that begins here; *from and *size are what is between its quotes, and whether it interpolates and has escapes.
typedef struct {
    const char *from;
    size_t size;
    bool interpolates, raw;
} groovy_quoted_t;
const char *groovy_braces_end (const char *p,
                               const char *end); // After the } of the { at p, quotes passed over; NULL: none
bool groovy_skip_string (groovy_reader_t *self, groovy_quoted_t *out);

// To the end of the statement that is code; `within`: to a comma or bracket of what it is in. Brackets and strings in it are whole.
bool groovy_skip_code (groovy_reader_t *self, bool within);

#endif
