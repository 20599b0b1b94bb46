/* finding.h - what is wrong with a workflow, and where. Parsers and rules add; callers sort and print. */

#ifndef OPENCICD_FINDING_H
#define OPENCICD_FINDING_H

#include "common/base/arena.h"

#include <stdbool.h>

typedef enum { SEVERITY_ERROR, SEVERITY_WARNING } severity_t;

typedef struct {
    const char *file;
    int line;   // From 1
    int column; // From 1, in characters
    severity_t severity;
    const char *rule;    // "syntax", "schema", "expression", "needs", ... or a lint rule's id
    const char *message; // One sentence, names the place and what would be right
} finding_t;

typedef struct {
    arena_t *arena;
    const char *file;
    finding_t *items;
    size_t count;
    size_t capacity;
    size_t errors; // How many of them are errors
    bool strict;   // A mistake that GitHub ignores at run time is an error, as for an editor; else a warning
} findings_t;

#define FINDINGS_MAX 200 // Further ones are only counted in `errors`

void findings_init (findings_t *self, arena_t *arena, const char *file);
// The same at the same place counts once.
void findings_add (findings_t *self, int line, int column, severity_t severity, const char *rule,
                   const char *format, ...) __attribute__ ((format (printf, 6, 7)));
void findings_sort (findings_t *self); // By line, then column; stable

#endif
