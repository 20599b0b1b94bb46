/* term.h - a parsed expression: a tree of terms, each with the text that it was written as.
 *
 * Private to the expression half of this room. The depth is bounded when the tree is built, so that whoever walks it
 * may recurse. */

#ifndef OPENCICD_WORKFLOW_TERM_H
#define OPENCICD_WORKFLOW_TERM_H

#include "workflow/expression/expression.h"
#include "workflow/expression/function.h"

typedef enum {
    TERM_LITERAL,
    TERM_CONTEXT,
    TERM_INDEX,    // parts: what is looked into, the index
    TERM_WILDCARD, // As an index: every item
    TERM_NOT,
    TERM_EQUAL,
    TERM_NOT_EQUAL,
    TERM_LESS,
    TERM_LESS_EQUAL,
    TERM_GREATER,
    TERM_GREATER_EQUAL,
    TERM_AND, // Two parts or more
    TERM_OR,
    TERM_CALL, // parts: the arguments
    TERM_TEXT  // A template's pieces, put together as one string
} term_kind_t;

struct term {
    term_kind_t kind;
    int depth;          // 1 for a leaf
    bool implied;       // Nobody wrote it: the success() of a condition
    const char *source; // As written, `size` bytes; what an implied term means
    size_t size;
    size_t offset; // Bytes into the text that was given
    const value_t *literal;
    const char *name; // Of a context, in lower case
    const function_t *function;
    const term_t **parts;
    size_t count;
    size_t capacity;
};

struct expression {
    const char *text; // What was given
    size_t size;
    const term_t *root;
};

// Parses text[start..end). *out NULL where there is no token. INVALID with *error, its offset into `text`, and *out
// the contexts that precede it (NULL where the text is too long).
MUST_USE fault_t term_parse (arena_t *arena, const char *text, size_t start, size_t end, const term_t **out,
                             expression_error_t *error);
// Terms are built by hand where a condition or template implies them. term_add returns false where it goes past
// EXPRESSION_DEPTH.
term_t *term_new (arena_t *arena, term_kind_t kind, const char *source, size_t size, size_t offset);
bool term_add (arena_t *arena, term_t *self, const term_t *part);
// Is a call of success, failure, always or cancelled in it?
bool term_asks_status (const term_t *self);
// "Unrecognized named-value", and which of the names was probably meant.
const char *context_unknown (arena_t *arena, const expression_t *expression, const term_t *term,
                             const char *const *names, size_t count);
// Fills *error; returns INVALID.
fault_t expression_fail (expression_error_t *error, const char *text, size_t byte, const char *message);

#endif
