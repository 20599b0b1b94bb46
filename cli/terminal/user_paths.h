/* user_paths.h - rewrites paths in a workspace, which is gone after the run, to paths of the user's own files.
 *
 *     /home/ada/.cache/opencicd/run/x/agents/1/workspace/src/a.c:3:1: error  ->  ../src/a.c:3:1: error
 *
 * Only for files that exist here: the path of a file that the job made stays. */

#ifndef OPENCICD_CLI_TERMINAL_USER_PATHS_H
#define OPENCICD_CLI_TERMINAL_USER_PATHS_H

#include "common/base/buffer.h"

typedef struct {
    const char *workspaces; // ".../agents": in it N/workspace; NULL: nothing is changed
    const char *root;       // Of the user's files
    const char *prefix;     // From the current folder to it
} user_paths_t;

// Adds the line, changed.
void user_paths_add (const user_paths_t *self, const char *line, size_t size, buffer_t *into);

#endif
