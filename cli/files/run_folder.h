/* run_folder.h - where `opencicd run` has its server, agents and workspaces: below the user's cache, gone with the run.
 *
 * A run that was killed leaves its folder; the next one removes it, once neither its server nor its agents live. */

#ifndef OPENCICD_CLI_FILES_RUN_FOLDER_H
#define OPENCICD_CLI_FILES_RUN_FOLDER_H

#include "common/base/turn.h"

const char *run_cache (arena_t *arena); // "~/.cache/opencicd", or below XDG_CACHE_HOME
// The same folder for the tree at `root` each time, unless another run of it is using that: builds contain absolute paths, and may be resumed.
MUST_USE fault_t run_folder_make (turn_t *turn, const char *root, const char **out);
void run_folder_remove (const char *folder);

#endif
