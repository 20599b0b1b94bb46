/* tree.h - what a commit is and which workflow files it has, read from a repository on a disk. For a thread that may wait.
 *
 * Refs are read as files, objects through a reader; a git process is started only to compare two commits. If a file or a ref is not
 * here, because a mirror has only what it was asked for, `missing` names it. */

#ifndef OPENCICD_SCM_TREE_H
#define OPENCICD_SCM_TREE_H

#include "common/os/git.h"
#include "proto/messages.h"
#include "services/scm/address.h"
#include "services/scm/git_folder.h"
#include "services/scm/readers.h"
#include "services/scm/trial.h"

#define TREE_FILES       MAX_WORKFLOWS
#define TREE_FILES_BYTES (4 << 20) // Of all of them
#define TREE_CHANGED     10000     // Changed paths that are listed; past it what changed is unknown
#define COMPARE_US       SECONDS (20)

typedef struct {
    readers_t *readers;
    const address_policy_t *policy;
    const scm_fetch_t *ask;
    const trials_t *trials;
    const char *path; // A folder of this machine, or a mirror
    bool is_mirror;
    bool is_filled; // What was missing has been fetched just now
    int stop;       // A descriptor: see git_bounds_t
    // Filled
    scm_tree_t *tree;
    strs_t missing; // At most TREE_FILES
} tree_reading_t;

// OK. NOT_FOUND: it has no such ref or commit, or something is missing. INVALID: the commit is not in the ref.
MUST_USE fault_t tree_read (tree_reading_t *self, turn_t *turn);
// A copy that lives as long as the arena.
scm_tree_t tree_copy (arena_t *arena, const scm_tree_t *from);
strs_t tree_copy_texts (arena_t *arena, const strs_t *from);

#endif
