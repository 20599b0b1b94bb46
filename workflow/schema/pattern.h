/* pattern.h - the filter patterns of `on`: branches, tags, paths.
 *
 * Source: GitHub's "filter pattern cheat sheet". `*` is any run without '/', `**` any run, a segment `**` before '/'
 * also nothing at all; `?` and `+` make the character or brackets before them optional or repeated; [] is one of the
 * characters or ranges in it; `\` takes the next character as it is. Case matters; the whole text must match. Time is
 * linear in pattern times text; who matches many against many gives them a bound. */

#ifndef OPENCICD_WORKFLOW_PATTERN_H
#define OPENCICD_WORKFLOW_PATTERN_H

#include "common/base/arena.h"
#include "common/base/fault.h"

#include <stdbool.h>
#include <stddef.h>

#define PATTERN_LENGTH 1024 // Bytes of one pattern; a longer one matches nothing

typedef struct {
    size_t offset; // In characters, from 0
    const char *message;
} pattern_error_t;

// Is the whole text as the pattern says? A leading '!' is a character like others here.
bool pattern_match (const char *pattern, const char *text);
// A list: the last pattern that matches decides, "!pattern" against, any other for. None matching: false. *steps is what may still be
// done, a step being one place of a pattern for one character; 0 afterwards: they were too many, and the answer means nothing. NULL: any.
bool patterns_match (const char *const *patterns, size_t count, const char *text, size_t *steps);
// INVALID with *error where the pattern cannot mean what its writer thought. A leading '!' is taken as negation.
MUST_USE fault_t pattern_check (arena_t *arena, const char *pattern, pattern_error_t *error);

#endif
