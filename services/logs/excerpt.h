/* excerpt.h - the last lines that a step printed, as a person reads them: without colour codes, of what a progress bar overwrote only the
 * last state, empty lines left out. Pure: a function over the bytes at the end of a step. */

#ifndef OPENCICD_LOGS_EXCERPT_H
#define OPENCICD_LOGS_EXCERPT_H

#include "proto/messages.h"

#define EXCERPT_BYTES (64 << 10) // Bytes at a step's end that are examined

// `line` is the number of the first line in `bytes`. Where `whole`, they begin with the step itself, whose heading (##[group], up to
// ##[endgroup]) is left out; otherwise they begin within a line. At most `most` lines, the last ones.
void excerpt_lines (arena_t *arena, const char *bytes, size_t size, int64_t line, bool whole, size_t most,
                    log_line_items_t *out);

// The other lines that matter: those that have one of `words` (in lower case, in lines of any), the first EXCERPT_FIRST and the last
// EXCERPT_LAST of them, each with the lines around it. `bytes`, `line` and `whole` as above.
#define EXCERPT_SEARCHED (1 << 20) // Bytes at a step's end that are searched
#define EXCERPT_FIRST    8
#define EXCERPT_LAST     4
#define EXCERPT_BEFORE   2
#define EXCERPT_AFTER    11
void excerpt_find (arena_t *arena, const char *bytes, size_t size, int64_t line, bool whole,
                   const strs_t *words, size_t most, log_line_items_t *out);

#endif
