/* loaded.h - a workflow text to its findings or its plan, as text, so that tests are tables. */

#ifndef OPENCICD_TESTS_LOADED_H
#define OPENCICD_TESTS_LOADED_H

#include "tests/unit/test.h"
#include "workflow/lint/lint.h"
#include "workflow/plan/plan.h"

#define COUNT_OF(array) (sizeof (array) / sizeof ((array)[0]))

typedef struct {
    const char *text;
    const char *want;
} row_t;

// "LINE:COLUMN message" lines without a newline at the end; "" for none.
const char *findings_text (arena_t *arena, const findings_t *findings);
const char *load_findings (arena_t *arena, const char *text); // workflow_load
const char *lint_findings (arena_t *arena, const char *text,
                           const char *rule_on); // workflow_lint, "L:C [rule] ..."
// workflow_lint: "L:C rule L:C rule".
const char *lint_places (arena_t *arena, const char *text, const lint_options_t *given);
const workflow_t *load_workflow (arena_t *arena, const char *text); // Fails the test on a finding
const value_t *json (arena_t *arena, const char *text);

// `text` as the steps of a job, the matrix of one, ...: a whole workflow around it.
const char *with_jobs (arena_t *arena, const char *text);

typedef const char *row_fn (arena_t *arena, const char *text);
void check_rows (const char *file, int line, row_fn *run, const row_t *rows, size_t count);
#define CHECK_ROWS(run, rows) check_rows (__FILE__, __LINE__, run, rows, COUNT_OF (rows))

#endif
