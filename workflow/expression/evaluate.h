/* evaluate.h - one evaluation under way: what functions and explain need of it. Private to the expression half. */

#ifndef OPENCICD_WORKFLOW_EVALUATE_H
#define OPENCICD_WORKFLOW_EVALUATE_H

#include "workflow/expression/term.h"

struct evaluation {
    arena_t *arena;
    const expression_scope_t *scope; // NULL: there are no contexts
    const expression_t *expression;
    expression_error_t *error;
    size_t used; // arena_used() at the start
    bool failed;
    void (*trace) (void *tracer, const term_t *term,
                   const value_t *value); // After each term; NULL: nobody listens
    void *tracer;
};

fault_t evaluation_run (evaluation_t *self, const value_t **out);

// NULL: it failed, and the error is set.
const value_t *evaluate (evaluation_t *self, const term_t *term);
const value_t *evaluation_fail (evaluation_t *self, const term_t *term, const char *message);
// The buffer's text as a value; fails where the buffer is full. Destroys the buffer.
const value_t *evaluation_text (evaluation_t *self, const term_t *term, buffer_t **text_p, bool secret);
bool evaluation_take (evaluation_t *self, const term_t *term,
                      size_t bytes);               // Of scope->bytes; fails where they do not suffice
size_t evaluation_left (const evaluation_t *self); // Bytes that it may still build
void evaluation_put (buffer_t *text, const value_t *value); // Adds what value_to_text says

#endif
