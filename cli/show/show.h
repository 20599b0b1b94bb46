/* show.h - prints runs and jobs for people. */

#ifndef OPENCICD_CLI_SHOW_SHOW_H
#define OPENCICD_CLI_SHOW_SHOW_H

#include "cli/server/server.h"

const char *result_of (const value_t *self); // Its result, or its state while it has none
// How long it took, or has taken so far; "" if it has not started.
const char *took (const cli_t *cli, const value_t *self);
const char *ago (const cli_t *cli, const value_t *self, const char *key); // "" for no time
const char *ref_of (const cli_t *cli, const value_t *run);                // "main 1234abcd"

void show_run_text (const cli_t *cli, const value_t *run);   // What it is and its state
void show_jobs_table (const cli_t *cli, const value_t *run); // A table
void show_run_brief (const cli_t *cli,
                     const value_t *run);                 // Its jobs, if there are several, and how it ended
void show_run_end (const cli_t *cli, const value_t *run); // The table, and how it ended

#endif
