/* run_labels.h - which labels of `runs-on` this machine stands for in `opencicd run`. */

#ifndef OPENCICD_CLI_RUN_RUN_LABELS_H
#define OPENCICD_CLI_RUN_RUN_LABELS_H

#include "cli/command/command.h"
#include "workflow/expression/value.h"

// Those of GitHub that any Linux may stand for, and --label: with commas, for agents, which have their own besides.
const char *run_labels (const cli_t *cli);
// The first label of a queued job that no agent here has; NULL: they have all.
const char *run_labels_lack (const cli_t *cli, const value_t *job);

#endif
