/* function.h - the functions of the expression language: one table, from which parser, evaluator and lint know them.
 *
 * To add one: a row here and its evaluate_ function in function.c or function_text.c. A function evaluates the
 * arguments that it needs and no others, as GitHub's do. */

#ifndef OPENCICD_WORKFLOW_FUNCTION_H
#define OPENCICD_WORKFLOW_FUNCTION_H

#include "workflow/expression/value.h"

#define FUNCTION_ARGUMENTS 255

//    id, name, fewest and most arguments, check at parse time, meaning
#define FUNCTIONS(F)                                                                                         \
    F (case, "case", 3, FUNCTION_ARGUMENTS, check_case,                                                      \
       "the value after the first true condition, or the last")                                              \
    F (contains, "contains", 2, 2, NULL, "is the item in the list, or the text in the text?")                \
    F (ends_with, "endsWith", 2, 2, NULL, "does the text end with the other?")                               \
    F (format, "format", 1, FUNCTION_ARGUMENTS, check_format, "the text with {0}, {1}, ... replaced")        \
    F (from_json, "fromJSON", 1, 1, NULL, "the value of the JSON text")                                      \
    F (hash_files, "hashFiles", 1, FUNCTION_ARGUMENTS, NULL, "a SHA-256 over the files that patterns match") \
    F (join, "join", 1, 2, NULL, "the list's items as one text, with ',' or the second argument between")    \
    F (starts_with, "startsWith", 2, 2, NULL, "does the text begin with the other?")                         \
    F (to_json, "toJSON", 1, 1, NULL, "the value as JSON text")

// The scope answers these. In a job's `if` two of them may name jobs, as many as they like.
#define STATUS_FUNCTIONS(F)                                                                               \
    F ("always", 0, "true, even if the run is cancelled")                                                 \
    F ("cancelled", 0, "was the run cancelled?")                                                          \
    F ("failure", FUNCTION_ARGUMENTS, "did a step before, or a needed job, or one of those named, fail?") \
    F ("success", FUNCTION_ARGUMENTS, "did none of them fail, and is nothing cancelled?")

typedef struct term term_t;
typedef struct evaluation evaluation_t;

typedef struct {
    const char *name;
    size_t min_args;
    size_t max_args;
    const char *meaning;
    bool status; // One of STATUS_FUNCTIONS
    // What is wrong with a call, as far as its text tells, and where; NULL: nothing.
    const char *(*check) (arena_t *arena, const term_t *call, const term_t **where);
    const value_t *(*evaluate) (evaluation_t *self, const term_t *call); // NULL: it failed
} function_t;

const function_t *function_find (const char *name, size_t size); // Ignores case; NULL where there is none
const function_t *function_at (size_t index);                    // In the table's order; NULL after the last
const char *function_nearest (arena_t *arena, const char *name,
                              size_t size); // What it probably meant, or NULL

#endif
