/* workspace.h - the folders of a job: made before it, emptied around it.
 *
 *     WORK_DIR/workspace  GITHUB_WORKSPACE      WORK_DIR/temp   RUNNER_TEMP
 *     WORK_DIR/commands   scripts, event, GITHUB_ENV and its like      WORK_DIR/tools  RUNNER_TOOL_CACHE, kept
 *     WORK_DIR/actions    this job's copies of actions
 *
 * Nothing outside is ever touched: no symbolic link is followed, whatever the job left. */

#ifndef OPENCICD_AGENT_ENGINE_WORKSPACE_H
#define OPENCICD_AGENT_ENGINE_WORKSPACE_H

#include "common/base/arena.h"
#include "common/base/fault.h"

#include <stdbool.h>

#define WORKSPACE_DEPTH 1000 // Nesting of folders that is removed; deeper ones stay and are reported

typedef struct {
    const char *root; // Absolute
    const char *workspace, *temp, *commands, *tools, *actions;
} workspace_t;

// Makes what is missing. `tools` is RUNNER_TOOL_CACHE; NULL: below work_dir. A fault from errno; *error says which folder.
MUST_USE fault_t workspace_open (workspace_t *self, arena_t *arena, const char *work_dir, const char *tools,
                                 const char **error);
// Removes what is in workspace, temp, actions and commands; what each job has in the last is only emptied.
MUST_USE fault_t workspace_clean (const workspace_t *self, const char **error);
MUST_USE fault_t folder_empty (const char *path); // Removes all that is in it

// An empty file as if it were new, opened to write; anything else under its name is removed first. -1 with errno.
int file_reset (const char *path, unsigned mode);

#endif
