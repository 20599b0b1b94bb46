/* expression.h - GitHub's expression language: parse once, evaluate against named contexts.
 *
 * Source: GitHub's "Evaluate expressions in workflows and actions" and "Contexts reference". A template is a string
 * with any number of ${{ expression }} in it; one that is a single expression alone keeps the value's kind. Parsing
 * and evaluation never recurse past EXPRESSION_DEPTH and never build more than EXPRESSION_MEMORY bytes. */

#ifndef OPENCICD_EXPRESSION_H
#define OPENCICD_EXPRESSION_H

#include "workflow/expression/value.h"

#define EXPRESSION_LENGTH 21000      // Characters of one expression
#define EXPRESSION_DEPTH  50         // Nesting
#define EXPRESSION_MEMORY (10 << 20) // Bytes that one evaluation may build

// Every context there is. Which of them exist where is schema.h's to say.
#define EXPRESSION_CONTEXTS(X) \
    X (github)                 \
    X (env)                    \
    X (vars)                   \
    X (job)                    \
    X (jobs)                   \
    X (steps)                  \
    X (runner)                 \
    X (secrets)                \
    X (strategy)               \
    X (matrix)                 \
    X (needs)                  \
    X (inputs)

typedef struct expression expression_t;

// Where an expression or template is wrong: an offset in characters (from 0) into the text that was given.
typedef struct {
    size_t offset;
    const char *message; // In the arena
} expression_error_t;

// What the caller provides: names and functions whose meaning depends on where the expression is.
typedef struct {
    void *self;
    // The value of a context, its name in lower case ("github", "env", ...); NULL where it does not exist here: one of
    // EXPRESSION_CONTEXTS is then null, any other name an error.
    const value_t *(*context) (void *self, const char *name);
    // "success", "failure", "always" or "cancelled". Returns the boolean. (success and failure of named jobs are answered by
    // the `needs` context.)
    bool (*status) (void *self, const char *name);
    // hashFiles: the hex digest over what the patterns match, "" for nothing. NULL where there is no workspace.
    fault_t (*hash_files) (void *self, arena_t *arena, const char *const *patterns, size_t count,
                           const char **out);
    // Bytes of text that all evaluations with it may still read and build together, which also bounds their time; NULL: no limit.
    size_t *bytes;
} expression_scope_t;

// Three ways to parse. INVALID with *error; *out is then no expression, but names the contexts that precede the
// error, for expression_refs and expression_check: GitHub reads from left to right and stops at an unknown one first.

// Text without the braces, "github.ref == 'refs/heads/main'"; empty is null.
MUST_USE fault_t expression_parse (arena_t *arena, const char *text, size_t size, const expression_t **out,
                                   expression_error_t *error);
// A string that may hold ${{ }}; a template without any is a constant.
MUST_USE fault_t template_parse (arena_t *arena, const char *text, size_t size, const expression_t **out,
                                 expression_error_t *error);
// `if:` with or without braces. Where no status function occurs, success() && (...) is implied; empty is success().
MUST_USE fault_t condition_parse (arena_t *arena, const char *text, size_t size, const expression_t **out,
                                  expression_error_t *error);
// INVALID with *error where it goes wrong (fromJSON of bad text, format out of range, too large).
MUST_USE fault_t expression_eval (arena_t *arena, const expression_t *self, const expression_scope_t *scope,
                                  const value_t **out, expression_error_t *error);

// Does it name only `contexts`? INVALID with *error at the first other name, and with what it probably meant. Leaves
// *error as it is otherwise.
MUST_USE fault_t expression_check (arena_t *arena, const expression_t *self, const char *const *contexts,
                                   size_t count, expression_error_t *error);

// Is there text around its ${{ }}? It gives a string then, and as a condition is always true.
bool expression_is_text (const expression_t *self);
bool template_has_expression (const char *text); // Does "${{" occur?
bool template_is_insert (const char *text); // Is it `${{ insert }}` alone, which as a key takes a map apart?

// For lint: walks what the expression names, which an implied success() is not. `path` is context and properties as far
// as they are constant ({"steps", "build", "outputs", "x"}; "*" for a filter), count >= 1. `function` is set instead
// for a call.
typedef struct {
    const char *const *path;
    size_t count;
    const char *function;
    size_t arguments; // Of the call
    size_t offset;    // Into the text that was parsed
    bool whole;       // expression_flows: toJSON prints all that is below the path
    bool answered;    // expression_refs: where it is null, a later part of an || stands in
} expression_ref_t;
void expression_refs (const expression_t *self, arena_t *arena, expression_ref_t **out, size_t *count);
// Only the names whose own text can become part of the result: what == or contains() asks about cannot.
void expression_flows (const expression_t *self, arena_t *arena, expression_ref_t **out, size_t *count);
// Is it true, or false, whatever the names in it hold? An implied success() does not count.
bool expression_is_constant (const expression_t *self, arena_t *arena, bool *truth);

#endif
