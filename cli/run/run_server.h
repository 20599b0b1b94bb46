/* run_server.h - the server of `opencicd run`: embedded, in a folder of its own, with agents that know this machine. */

#ifndef OPENCICD_CLI_RUN_RUN_SERVER_H
#define OPENCICD_CLI_RUN_RUN_SERVER_H

#include "cli/command/command.h"
#include "cli/files/working_tree.h"
#include "cli/run/run_values.h"
#include "cli/server/client.h"
#include "cli/up/embedded.h"

typedef struct {
    const char *folder;
    settings_t settings; // The server's, and of its client
    run_values_t values;
    const working_tree_t *tree;
    const char *kept; // Where jobs that do not succeed are kept; NULL: nowhere
    embedded_t *server;
    client_t *client;
} run_server_t;

// In the folder, with --agents agents. Call program_begin first.
MUST_USE fault_t run_server_start (run_server_t *self, cli_t *cli, const char *folder, const char *kept,
                                   const working_tree_t *tree);
void run_server_stop (run_server_t *self);
// Its agents hear of a cancel at once: the server cannot call them, and a job that prints nothing would hear of it seconds later.
void run_server_nudge (run_server_t *self);

#endif
