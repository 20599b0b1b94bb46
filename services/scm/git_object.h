/* git_object.h - parses git's objects and names. Pure: bytes in, values out.
 *
 * Source: git's documentation of its formats (gitformat-index is not needed; `git help cat-file`, "Raw object format" in the Git
 * book) and of ref names (`git help check-ref-format`). */

#ifndef OPENCICD_GIT_OBJECT_H
#define OPENCICD_GIT_OBJECT_H

#include "common/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

// May this precede a ":" or "^{commit}" in a request to git? Full or short ref, or a hex object name.
bool git_name_ok (const char *name);
bool git_is_hex (const char *name); // 4 to 64 hex digits

#define GIT_PARENTS 16 // Of a commit that are read

typedef struct {
    const char *subject, *message, *author, *author_email, *authored_at; // RFC 3339; "" where it has none
    const char *tree, *committer, *committer_email, *committed_at;
    const char *parents[GIT_PARENTS];
    size_t parent_count;
} git_commit_t;

// "1700000000 +0100" as RFC 3339 in that zone, "2023-11-14T23:13:20+01:00"; "" where it is not such a time.
const char *git_time (arena_t *arena, const char *text);

// What git has as bytes, for a message and a database, which take UTF-8 alone: at most so many bytes of it, as whole characters; what is
// something else (older commits are in Latin-1) becomes U+FFFD.
const char *git_text (arena_t *arena, const char *text, size_t most);

void git_commit_read (arena_t *arena, const char *data, size_t size, git_commit_t *out);

typedef struct {
    const char *name;
    const char *id; // Hex
    bool is_file;   // A regular file; neither folder nor link nor submodule
} git_entry_t;

// Walks a tree object: gives the next entry and moves *at. False at the end, or where the bytes are no tree.
// `id_size` is 20 or 32, the bytes of an object name in this repository.
bool git_tree_next (arena_t *arena, const char *data, size_t size, size_t id_size, size_t *at,
                    git_entry_t *out);

// "ref: refs/heads/main\n" -> "refs/heads/main"; NULL for a detached HEAD.
const char *git_head_read (arena_t *arena, const char *data, size_t size);

#endif
