/* fields_scm.h - fields of what is read from repositories. */

#ifndef OPENCICD_FIELDS_SCM_H
#define OPENCICD_FIELDS_SCM_H

#include "proto/limits.h"

#define FILE_TEXT(F, T)                                 \
    F (T, KEY, path, MAX_TEXT, "within the repository") \
    F (T, BYTES, text, MAX_DOC, "what is in it")

#define SCM_FETCH(F, T)                                                                          \
    F (T, KEY, url, MAX_URL, "what `git clone` takes")                                           \
    F (T, STR, ref, MAX_TEXT, "branch, tag or full ref; the default branch where it is missing") \
    F (T, STR, sha, MAX_ID, "a commit, instead of what ref points to")                           \
    F (T, STR, before, MAX_ID, "with it, `changed` is filled")
#define SCM_TREE(F, T)                                                                                   \
    F (T, STR, sha, MAX_ID, "the commit")                                                                \
    F (T, STR, ref, MAX_TEXT, "full ref")                                                                \
    F (T, STR, default_branch, MAX_NAME, "of the repository")                                            \
    F (T, STR, subject, MAX_TEXT, "first line of the commit's message")                                  \
    F (T, STR, message, MAX_DOC, "the whole of it")                                                      \
    F (T, STR, author, MAX_NAME, "name of the author")                                                   \
    F (T, STR, author_email, MAX_NAME, "")                                                               \
    F (T, LIST (file_text), files, 100, "the workflow files: .github/workflows and .opencicd/workflows") \
    F (T, STRS, changed, 10000, "paths changed since `before`")                                          \
    F (T, BOOL, compared, 1, "`before` was found: `changed` is true, and complete unless it is full")

#endif
