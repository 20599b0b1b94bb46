/* run_artifacts.h - `opencicd run --artifacts FOLDER`: what the jobs published, as files. */

#ifndef OPENCICD_CLI_RUN_RUN_ARTIFACTS_H
#define OPENCICD_CLI_RUN_RUN_ARTIFACTS_H

#include "cli/server/server.h"

// All of the run's, each in a folder of its name; what is there is replaced.
MUST_USE fault_t run_artifacts_get (const cli_t *cli, client_t *client, const char *run, const char *folder);

#endif
