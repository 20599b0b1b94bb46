/* run_plan.h - `opencicd run --list` and `--plan`: what there is to run, and what an event would; nothing is started. */

#ifndef OPENCICD_CLI_RUN_RUN_PLAN_H
#define OPENCICD_CLI_RUN_RUN_PLAN_H

#include "cli/run/run_event.h"

int run_list_workflows (cli_t *cli, const working_tree_t *tree, const args_t *files);
// Of those that are named, else of all, as `opencicd plan` shows it.
int run_plan (cli_t *cli, const working_tree_t *tree, const args_t *files);

#endif
