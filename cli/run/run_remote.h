/* run_remote.h - `opencicd run --remote`: the working tree as a trial of a project (docs/run.md), whose runs are on the server's agents.
 *
 * What is sent is a git bundle of what the server does not have. The user's repository is only read, as by any `opencicd run`. */

#ifndef OPENCICD_CLI_RUN_RUN_REMOTE_H
#define OPENCICD_CLI_RUN_RUN_REMOTE_H

#include "cli/run/run_event.h"
#include "cli/server/server.h"

typedef struct {
    cli_t *cli;
    client_t *client;
    const char *project;
} run_remote_t;

// --project, or the one project whose repository is that of the tree. BAD_INPUT: a flag beside --remote does not go with it.
MUST_USE fault_t run_remote_open (run_remote_t *self, cli_t *cli, const working_tree_t *tree);
void run_remote_close (run_remote_t *self);
// The commit of the snapshot; *trial is the id that it has there. TOO_LARGE.
MUST_USE fault_t run_remote_send (const run_remote_t *self, const working_tree_t *tree,
                                  const snapshot_t *snapshot, const char **trial);
MUST_USE fault_t run_remote_begin (const run_remote_t *self, const char *trial, const char *workflow,
                                   const value_t **run);

#endif
