/* evaluated.h - what an expression comes to, as one line of text, so that tests are tables of two columns.
 *
 * A value reads as compact JSON, an error as "@OFFSET MESSAGE". */

#ifndef OPENCICD_TESTS_EVALUATED_H
#define OPENCICD_TESTS_EVALUATED_H

#include "tests/unit/test.h"
#include "workflow/expression/expression.h"

#include <stddef.h>

typedef struct {
    const char *text;
    const char *want;
} evaluated_t;

#define COUNT_OF(array) (sizeof (array) / sizeof ((array)[0]))

// The contexts are the members of a JSON object; success() and always() are true, the others false.
const char *evaluated (arena_t *arena, const char *contexts, const char *text); // expression_parse
const char *evaluated_template (arena_t *arena, const char *contexts, const char *text);
const char *evaluated_condition (arena_t *arena, const char *contexts, const char *text);
expression_scope_t evaluated_scope (arena_t *arena, const char *contexts);

typedef const char *evaluated_fn (arena_t *arena, const char *contexts, const char *text);
// Fails the test at the first row that differs. A wanted error may stop before the brackets that hint.
void evaluated_table (const char *file, int line, evaluated_fn *evaluate, const char *contexts,
                      const evaluated_t *rows, size_t count);
#define CHECK_TABLE(evaluate, contexts, rows) \
    evaluated_table (__FILE__, __LINE__, evaluate, contexts, rows, COUNT_OF (rows))

uint32_t evaluated_random (uint32_t *state); // The same row of numbers on every machine; state is not 0

#endif
