/* git_folder.h - a repository on disk: where its parts are, and what its refs point to.
 *
 * Read as files, without git: a repository's own configuration must not be obeyed, and a ref is found in the time of a file. Only plain
 * files within their bounds are read, no link is followed to a ref.
 *
 * Source: git's documentation (gitrepository-layout, git-pack-refs, gitglossary: "ref"). The reftable format is not read. */

#ifndef OPENCICD_GIT_FOLDER_H
#define OPENCICD_GIT_FOLDER_H

#include "common/base/turn.h"

#define GIT_PACKED_REFS_MAX (64 << 20) // Bytes of packed-refs

typedef struct {
    const char *git;     // Has HEAD
    const char *common;  // Has refs/ and packed-refs; the same but for a linked worktree
    const char *objects; // No link in it
} git_folder_t;

// `path` is a bare repository or has a work tree. INVALID where it is none, NOT_FOUND where nothing is there; both name it.
MUST_USE fault_t git_folder_find (turn_t *turn, const char *path, git_folder_t *out);
// The object that a full ref ("refs/...") points to, in hex; NOT_FOUND.
MUST_USE fault_t git_folder_ref (turn_t *turn, const git_folder_t *folder, const char *ref, const char **id);
// What HEAD is: the full ref that it names, "" for a detached one, and then *id is the object.
MUST_USE fault_t git_folder_head (turn_t *turn, const git_folder_t *folder, const char **ref,
                                  const char **id);

#endif
