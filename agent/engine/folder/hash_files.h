/* hash_files.h - hashFiles() of the expression language: one SHA-256 over files of the workspace. */

#ifndef OPENCICD_AGENT_ENGINE_FOLDER_HASH_FILES_H
#define OPENCICD_AGENT_ENGINE_FOLDER_HASH_FILES_H

#include "agent/engine/folder/glob.h"
#include "common/base/sha256.h"

#include <stddef.h>

// `root` says whose paths they are: common/os/rooted.h.
// Adds the bytes of a plain file, which is read once, also to another sum, unless that is NULL; never waits.
MUST_USE fault_t hash_file (int root, const char *path, sha256_t *into, sha256_t *also);
// The SHA-256, in hex, over the SHA-256s of the files below `workspace` in glob.h's order; "" where no file matches. A
// pattern may be several lines. The first may be --follow-symbolic-links instead; BAD_INPUT for another such option. UNAVAILABLE: stopped;
// `stop` may be NULL.
MUST_USE fault_t hash_files (arena_t *arena, int root, const char *workspace, const char *const *patterns,
                             size_t count, const glob_stop_t *stop, const char **out);

#endif
