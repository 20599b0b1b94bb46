/* annotations.h - what the steps of a run said of the code, at the end of what is shown of the run. */

#ifndef OPENCICD_CLI_ANNOTATIONS_H
#define OPENCICD_CLI_ANNOTATIONS_H

#include "cli/server.h"

// A line each, the first few; nothing where there are none.
void show_annotations (cli_t *cli, client_t *client, const char *run);

#endif
