/* matcher.h - problem matchers: regular expressions that find errors and warnings in what a tool prints.
 *
 * A step registers a file of them with ::add-matcher::PATH; they live until the job ends or ::remove-matcher:: names their owner. One
 * line yields at most one problem; the matcher that was added last is asked first. Several patterns of one matcher match consecutive
 * lines; the last may loop.
 * Source: actions/toolkit docs/problem-matchers.md, and the runner's behaviour where that is silent: an owner is replaced ignoring case, a
 * match lets all other matchers begin anew, and one whose pattern costs too much three times is taken out. Belongs to one thread. */

#ifndef OPENCICD_AGENT_ENGINE_OUTPUT_MATCHER_H
#define OPENCICD_AGENT_ENGINE_OUTPUT_MATCHER_H

#include "common/base/arena.h"
#include "common/base/fault.h"

#include <stdbool.h>
#include <stddef.h>

#define MATCHERS_MAX         100        // Of a job
#define MATCHER_PATTERNS     20         // Of one
#define MATCHER_FILE_MAX     (1 << 20)  // Bytes of one file of them
#define MATCHER_LINE_MAX     (16 << 10) // Bytes of a line that are matched
#define MATCHER_PATTERN_SIZE (8 << 10)  // Bytes of a regular expression

typedef struct matchers matchers_t;

// What the patterns captured; "": nothing.
typedef struct {
    const char *owner, *severity, *file, *from_path, *line, *column, *code, *message;
} matched_problem_t;

matchers_t *matchers_new (void);
void matchers_destroy (matchers_t **self_p);
// Adds all matchers of a file, or none. INVALID: *error, in the arena, names the matcher. OVERLOADED past MATCHERS_MAX.
MUST_USE fault_t matchers_add (matchers_t *self, arena_t *arena, const char *json, const char **error);
void matchers_remove (matchers_t *self, const char *owner);
// Those that such a file would add, by their owners. INVALID likewise.
MUST_USE fault_t matchers_remove_of (matchers_t *self, arena_t *arena, const char *json, const char **error);
bool matchers_any (const matchers_t *self);
// Is there a problem in this line, without its end? Strings in the arena.
bool matchers_find (matchers_t *self, arena_t *arena, const char *line, size_t size, matched_problem_t *out);
// The owner of a matcher that was dropped because of its cost since the last call; NULL: none.
const char *matchers_dropped (matchers_t *self, arena_t *arena);

#endif
