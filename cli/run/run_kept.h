/* run_kept.h - the jobs of a repository's last run that did not succeed, for `opencicd run --resume-from`: below the user's cache, one folder a
 * repository, in it one a job (agent/engine/resume.h), and `files`, which says what the working tree was. */

#ifndef OPENCICD_CLI_RUN_RUN_KEPT_H
#define OPENCICD_CLI_RUN_RUN_KEPT_H

#include "cli/files/working_tree.h"

// The folder of this tree, emptied. With `resume` its content stays; NOT_FOUND if there is none.
MUST_USE fault_t run_kept_open (turn_t *turn, const working_tree_t *tree, bool resume, const char **out);
// Copies files that have changed since into the kept workspaces, then updates `files`.
MUST_USE fault_t run_kept_update (turn_t *turn, const char *folder, const working_tree_t *tree,
                                  const snapshot_t *snapshot);

#endif
