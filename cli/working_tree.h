/* working_tree.h - the files that lie here, as a commit in a repository of our own.
 *
 * All that git would add is in it: changed, new, deleted, staged or not; what is ignored is not. The user's repository is only read: its index
 * is copied, new objects go into ours, which borrows the others (objects/info/alternates). A folder without git is taken likewise. */

#ifndef OPENCICD_WORKING_TREE_H
#define OPENCICD_WORKING_TREE_H

#include "common/base/turn.h"

typedef struct {
    const char *root;       // Absolute
    const char *prefix;     // From the current folder to it: "../" for each level
    const char *git;        // Its git folder; NULL: it is none of git's
    const char *common;     // Where its objects and refs are
    const char *index;      // Its index
    const char *format;     // "sha1" or "sha256"
    const char *remote;     // Where its origin is; "" for none
    const char *repository; // OWNER/NAME, by that
    int stop;               // Git is ended when this is readable; 0: none
} working_tree_t;

typedef struct {
    const char *folder; // The repository that has it
    const char *ref;    // A full one, which is at the commit
    const char *branch; // Where HEAD was; "" for a detached one
    const char *default_branch;
    const char *sha;  // HEAD itself where nothing was changed
    const char *head; // HEAD; "" where there is no commit yet
    const char *tree; // Of the commit
    bool changed;     // It differs from HEAD
} snapshot_t;

// Around the current folder. Afterwards our environment names no repository (GIT_DIR), which a hook of git's does.
MUST_USE fault_t working_tree_find (turn_t *turn, working_tree_t *out);
// Into `folder`/OWNER/NAME.git, which is made or gets one more commit. `ref`: what the commit is called; NULL: by its branch.
MUST_USE fault_t snapshot_take (turn_t *turn, const working_tree_t *tree, const char *folder, const char *ref,
                                snapshot_t *out);
// Its files, from the root of the tree, in order: each followed by a NUL; `stage`: after its mode and object.
MUST_USE fault_t snapshot_files (turn_t *turn, const working_tree_t *tree, const snapshot_t *self, bool stage,
                                 const char **out, size_t *size);
// One more name for it.
MUST_USE fault_t snapshot_name (turn_t *turn, const snapshot_t *self, const char *ref);

#endif
