/* called.h - the workflows that a file on this disk calls: those of its own repository; others are not looked for. */

#ifndef OPENCICD_CLI_CALLED_H
#define OPENCICD_CLI_CALLED_H

#include "cli/lint.h"
#include "workflow/call.h"

typedef struct {
    turn_t *turn;
    const char *root; // Of the repository; NULL where the file is in no workflows folder
} called_t;

called_t called_from (turn_t *turn, const char *path);
call_finder_t called_finder (called_t *self);
// What is wrong with the calls of a workflow, its own only: those of files that it calls are told with them.
void called_check (called_t *self, const workflow_t *workflow, findings_t *findings);

#endif
