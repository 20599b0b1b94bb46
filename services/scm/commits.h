/* commits.h - parses the commits of a push as git lists them, each with author, committer, times and message. Pure.
 *
 * Source: `git help log`, "PRETTY FORMATS". */

#ifndef OPENCICD_SCM_COMMITS_H
#define OPENCICD_SCM_COMMITS_H

#include "proto/messages.h"
#include "services/scm/git_object.h"

#define COMMITS_TEXT (256 << 10) // Bytes of all messages of a list; from there on they are cut to nothing

// The format for `git log`, with --date=raw; it lists the newest first.
#define COMMITS_FORMAT "--format=tformat:%H%x00%T%x00%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%B%x00"

// Parses that output; gives the oldest first, at most SCM_COMMITS. An incomplete record at the end is dropped.
scm_commit_items_t commits_read (arena_t *arena, const char *out, size_t size);
// One commit, of its object.
scm_commit_t commits_one (arena_t *arena, const char *id, const git_commit_t *facts);

#endif
