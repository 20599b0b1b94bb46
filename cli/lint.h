/* lint.h - findings of several files, and the forms in which they are printed. */

#ifndef OPENCICD_CLI_LINT_H
#define OPENCICD_CLI_LINT_H

#include "workflow/lint.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct {
    const char *path;
    const char *text; // NULL where it could not be read
    size_t size;
    findings_t findings;
} linted_t;

typedef struct {
    arena_t *arena;
    const linted_t *files;
    size_t count;
    bool terminal, colour; // People read it
} report_t;

typedef void report_fn (FILE *out, const report_t *report);
report_fn report_text;   // FILE:LINE:COL: message; on a terminal the source line and a caret below it
report_fn report_json;   // {"findings": [...]}
report_fn report_github; // ::error file=...
report_fn report_sarif;  // SARIF 2.1.0

#endif
