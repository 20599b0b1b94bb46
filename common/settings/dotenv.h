/* dotenv.h - NAME=VALUE lines, as `.env` files have them. Pure.
 *
 *     # a comment             NAME=text to the end of the line, without blanks at its ends     # or to a blank and a hash
 *     export NAME=text        NAME='as it is, over several lines too'     NAME="the same with \n \r \t \" \\ \$"
 *
 * Nothing is expanded. Of a name that comes twice the last one counts. */

#ifndef OPENCICD_DOTENV_H
#define OPENCICD_DOTENV_H

#include "common/base/buffer.h"
#include "common/base/turn.h"

#define DOTENV_BYTES (1 << 20) // Of a file
#define DOTENV_PAIRS 1000

typedef struct {
    const char *name, *value;
} dotenv_pair_t;

typedef struct {
    dotenv_pair_t *items; // Each name once
    size_t count;
} dotenv_t;

// Adds to *out, which begins as {0}. INVALID: the detail is "FILE:LINE: ...", and repeats no value.
MUST_USE fault_t dotenv_parse (turn_t *turn, const char *file, const char *text, size_t size, dotenv_t *out);
MUST_USE fault_t dotenv_read (turn_t *turn, const char *file, dotenv_t *out); // The same of a file
// One pair more, or another value. INVALID where the name is not one, TOO_LARGE past DOTENV_PAIRS.
MUST_USE fault_t dotenv_set (turn_t *turn, dotenv_t *self, const char *name, const char *value);
void dotenv_print (const dotenv_t *self, buffer_t *into); // As dotenv_parse reads it

#endif
