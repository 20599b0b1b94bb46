/* paint.h - colours of a terminal, and text that may be shown on one.
 *
 * What comes from a server or a repository may hold control characters; outside of logs they are never shown as they are. */

#ifndef OPENCICD_CLI_TERMINAL_PAINT_H
#define OPENCICD_CLI_TERMINAL_PAINT_H

#include "common/base/arena.h"

#include <stdbool.h>
#include <stdio.h>

// The number after ESC[.
typedef enum {
    PLAIN = 0,
    BOLD = 1,
    DIM = 2,
    RED = 31,
    GREEN = 32,
    YELLOW = 33,
    BLUE = 34,
    MAGENTA = 35,
    CYAN = 36
} paint_t;

bool paint_enabled (FILE *out); // A terminal, and neither NO_COLOR nor TERM=dumb
const char *paint (arena_t *arena, bool colour, paint_t paint,
                   const char *text); // The text itself without colour
// For one line of a terminal: control characters and what is not UTF-8 become '?', a line break with the blanks after it "; ".
const char *paint_safe (arena_t *arena, const char *text);
paint_t paint_of_result (const char *result); // Of a result or a state

#endif
