/* user_paths.h - paths in a workspace that is gone after the run, as those of the user's own files.
 *
 *     /home/ada/.cache/opencicd/run/x/agents/1/workspace/src/a.c:3:1: error  ->  ../src/a.c:3:1: error
 *
 * Only of files that are here too: what a job has made stays where it was made. */

#ifndef OPENCICD_CLI_USER_PATHS_H
#define OPENCICD_CLI_USER_PATHS_H

#include "common/base/buffer.h"

typedef struct {
    const char *workspaces; // ".../agents": in it N/workspace; NULL: nothing is changed
    const char *root;       // Of the user's files
    const char *prefix;     // From the current folder to it
} user_paths_t;

// Adds the line, changed.
void user_paths_add (const user_paths_t *self, const char *line, size_t size, buffer_t *into);

#endif
