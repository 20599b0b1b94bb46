/* step_log.h - the log of one step, from the server. */

#ifndef OPENCICD_CLI_SHOW_STEP_LOG_H
#define OPENCICD_CLI_SHOW_STEP_LOG_H

#include "cli/command/command.h"
#include "cli/server/server.h"
#include "cli/show/steps.h"

#define STEP_LOG_LINES 1000 // The last ones, that are printed

typedef struct {
    cli_t *cli;
    client_t *client;
} step_log_t;

step_logs_t step_log_source (step_log_t *self); // Borrows self

#endif
