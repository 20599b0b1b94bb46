/* lint.h - the parts of `opencicd lint`: which files, other sources of findings, and the output formats. */

#ifndef OPENCICD_CLI_LINT_LINT_H
#define OPENCICD_CLI_LINT_LINT_H

#include "cli/command/command.h"
#include "workflow/lint/lint.h"

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
    bool colour;
} report_t;

typedef void report_fn (FILE *out, const report_t *report);
report_fn report_text;   // FILE:LINE:COL: message, the source line and a caret below it
report_fn report_json;   // {"findings": [...]}
report_fn report_github; // ::error file=...
report_fn report_sarif;  // SARIF 2.1.0

typedef struct {
    arena_t *arena;
    const char **paths;
    size_t count, capacity;
} paths_t;

paths_t lint_files (arena_t *arena, args_t args); // In a stable order

// A lint_check_fn over the program of that name. If it is not installed scripts are not checked; if it takes too
// long standard error says so.
typedef struct {
    turn_t *turn;
    bool missing;
} shellcheck_t;
lint_check_fn lint_shellcheck;

bool lint_zone_exists (const char *name);              // On this machine; true where it has no zones at all
int lint_agents (cli_t *cli, lint_options_t *options); // Asks the server; returns the exit status
void lint_schedules (FILE *out, turn_t *turn, const report_t *report);

#endif
