/* workspace.h - the folders of a job: made before it, as new after it.
 *
 *     WORK_DIR/workspace  GITHUB_WORKSPACE      WORK_DIR/temp   RUNNER_TEMP
 *     WORK_DIR/commands   scripts, event, GITHUB_ENV and its like      WORK_DIR/tools  RUNNER_TOOL_CACHE, kept
 *     WORK_DIR/actions    this job's copies of actions
 *     WORK_DIR/sandbox    what a job in a sandbox writes elsewhere
 *     WORK_DIR/trash      what earlier jobs left, until it is removed (trash.h)
 *
 * Nothing outside is ever touched, whatever the job left behind: symbolic links are not followed, and mounts not entered. */

#ifndef OPENCICD_AGENT_ENGINE_FOLDER_WORKSPACE_H
#define OPENCICD_AGENT_ENGINE_FOLDER_WORKSPACE_H

#include "common/base/arena.h"
#include "common/base/fault.h"

#include <stdbool.h>
#include <sys/stat.h>

#define WORKSPACE_FOLDERS 5 // That a job gets as new: workspace, temp, actions, commands, sandbox

typedef struct {
    dev_t device;
    ino_t inode;
} folder_id_t;

typedef struct {
    const char *name, *path;
    bool keeps_files; // The files that every job has in it are emptied, not removed
    bool mounted;     // By the operator: it cannot be renamed
    folder_id_t id;   // As of workspace_open
} workspace_folder_t;

typedef struct {
    const char *root; // Absolute
    const char *workspace, *temp, *commands, *tools, *actions, *sandbox, *trash;
    workspace_folder_t folders[WORKSPACE_FOLDERS];
    int view;           // The file system of the running job's processes, common/os/rooted.h
    unsigned set_aside; // Folders moved to the trash so far: names the next one
} workspace_t;

// Makes what is missing. `tools` is RUNNER_TOOL_CACHE; NULL: below work_dir. A fault from errno; *error says which folder.
MUST_USE fault_t workspace_open (workspace_t *self, arena_t *arena, const char *work_dir, const char *tools,
                                 const char **error);
// Makes workspace, temp, actions and commands as new, at once: they are renamed into the trash; files that every job has are emptied.
// If it fails, no job may run in them.
MUST_USE fault_t workspace_clean (workspace_t *self, const char **error);

// Opens an empty regular file for writing; anything else of that name is removed first. -1 with errno.
int file_reset (const char *path, unsigned mode);

#endif
