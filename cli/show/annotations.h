/* annotations.h - shows the annotations of a run, after what else is shown of it. */

#ifndef OPENCICD_CLI_SHOW_ANNOTATIONS_H
#define OPENCICD_CLI_SHOW_ANNOTATIONS_H

#include "cli/server/server.h"

// One line each, the first few; nothing if there are none.
void show_annotations (cli_t *cli, client_t *client, const char *run);

#endif
