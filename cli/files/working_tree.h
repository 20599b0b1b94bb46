/* working_tree.h - makes a commit of the files in the current working tree, in a repository of our own.
 *
 * It contains all that `git add` would: changed, new and deleted files, staged or not; no ignored ones. The user's repository is only read: its index
 * is copied, new objects go into ours, which borrows the others (objects/info/alternates). A folder without git works, too. */

#ifndef OPENCICD_CLI_FILES_WORKING_TREE_H
#define OPENCICD_CLI_FILES_WORKING_TREE_H

#include "common/base/turn.h"

typedef struct {
    const char *root;       // Absolute
    const char *prefix;     // From the current folder to it: "../" for each level
    const char *git;        // Its git folder; NULL: it is not a git working tree
    const char *common;     // Where its objects and refs are
    const char *index;      // Its index
    const char *format;     // "sha1" or "sha256"
    const char *remote;     // URL of its origin; "": none
    const char *repository; // OWNER/NAME, by that
    int stop;               // git is ended when this descriptor is readable; 0: none
} working_tree_t;

typedef struct {
    const char *folder; // The repository that has it
    const char *ref;    // A full ref, which points to the commit
    const char *branch; // Where HEAD was; "" for a detached one
    const char *default_branch;
    const char *sha;  // HEAD itself if nothing was changed
    const char *head; // HEAD; "" where there is no commit yet
    const char *tree; // Of the commit
    bool changed;     // It differs from HEAD
} snapshot_t;

// The tree that contains the current folder. Removes GIT_DIR and the like from our environment, which git sets for hooks.
MUST_USE fault_t working_tree_find (turn_t *turn, working_tree_t *out);
// Adds a commit to `folder`/OWNER/NAME.git, which is created if need be. `ref`: the ref to set; NULL: the branch's.
MUST_USE fault_t snapshot_take (turn_t *turn, const working_tree_t *tree, const char *folder, const char *ref,
                                snapshot_t *out);
// Its files, from the root of the tree, in order: each followed by a NUL; `stage`: after its mode and object.
MUST_USE fault_t snapshot_files (turn_t *turn, const working_tree_t *tree, const snapshot_t *self, bool stage,
                                 const char **out, size_t *size);
// Adds one more ref to its commit.
MUST_USE fault_t snapshot_name (turn_t *turn, const snapshot_t *self, const char *ref);

#endif
