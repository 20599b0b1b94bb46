/* line.h - the lines of a text, one after the other.
 *
 *     for (line_t line = line_begin (text, strlen (text)); line_next (&line);)
 *         ... line.text, line.size, line.number
 *
 * A line ends with "\n" or with the text: what follows the last "\n" is a line only if it is not empty. A "\r" before it belongs to the
 * line; line_trim takes it off, and blanks. Nothing is copied. */

#ifndef OPENCICD_LINE_H
#define OPENCICD_LINE_H

#include "common/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *text; // Without its end
    size_t size;
    size_t number;    // From 1
    const char *rest; // What comes after it
    size_t left;
} line_t;

line_t line_begin (const char *text, size_t size); // Before the first
bool line_next (line_t *self);                     // False after the last
void line_trim (line_t *self);                     // Blanks, tabs and "\r" at both of its ends

const char *line_take (line_t *self, arena_t *arena); // The next line, copied; "" after the last

size_t line_count (const char *text);
bool line_is_in (const char *text, const char *line, size_t size); // Is one of them exactly this?

#endif
