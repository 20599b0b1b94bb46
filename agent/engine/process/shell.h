/* shell.h - how a step's script is started.
 *
 * Source: GitHub's "jobs.<job_id>.steps[*].shell". A name that is not in the table is a command line of its own, in which
 * {0} stands for the script's path. */

#ifndef OPENCICD_AGENT_ENGINE_PROCESS_SHELL_H
#define OPENCICD_AGENT_ENGINE_PROCESS_SHELL_H

#include "common/base/arena.h"
#include "common/base/fault.h"

#define SHELL_WORDS 64 // Words of a command line

typedef struct {
    const char *line;               // "bash -e {0}", as the log shows it
    const char *extension;          // Of the script's file, ".sh"
    const char *before, *after;     // Lines written before and after the script
    const char *words[SHELL_WORDS]; // With {0} in place of the script; ends with NULL
} shell_t;

// `name` NULL: bash if `path` has it, else sh. INVALID with *error.
MUST_USE fault_t shell_choose (arena_t *arena, const char *name, const char *path, shell_t *out,
                               const char **error);
// Likewise in a container, where an absent name is sh.
MUST_USE fault_t shell_choose_in (arena_t *arena, int root, const char *name, const char *path, shell_t *out,
                                  const char **error);
// The words with the script's path in them.
char *const *shell_arguments (arena_t *arena, const shell_t *self, const char *script);
// The file that a command names, found as a shell would. NULL if there is none.
const char *program_find (arena_t *arena, const char *path, const char *name);
// Below another root (common/os/rooted.h).
const char *program_find_in (arena_t *arena, int root, const char *path, const char *name);

#endif
