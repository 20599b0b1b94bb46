/* callees.h - the workflows that a file on this disk calls: those of its own repository; others are ignored. */

#ifndef OPENCICD_CLI_FILES_CALLEES_H
#define OPENCICD_CLI_FILES_CALLEES_H

#include "common/base/turn.h"
#include "workflow/plan/call.h"

typedef struct {
    turn_t *turn;
    const char *root; // Of the repository; NULL if the file is not in a workflows folder
} callees_t;

callees_t called_from (turn_t *turn, const char *path);
call_finder_t called_finder (callees_t *self);
// Checks the calls of a workflow, only its own: those of called files are reported with these files.
void called_check (callees_t *self, const workflow_t *workflow, findings_t *findings);

#endif
