/* fields_scm.h - fields of what is read from repositories. */

#ifndef OPENCICD_FIELDS_SCM_H
#define OPENCICD_FIELDS_SCM_H

#include "proto/fields_trial.h"
#include "proto/limits.h"

#define FILE_TEXT(F, T)                                 \
    F (T, KEY, path, MAX_TEXT, "within the repository") \
    F (T, BYTES, text, MAX_DOC, "what is in it")

#define SCM_CHECK(F, T)                                     \
    F (T, KEY, url, MAX_URL, "what `git clone` would take") \
    F (T, BOOL, trusted, 1, "the caller is an administrator")
#define SCM_FORGET(F, T)                                                           \
    F (T, STR, url, MAX_URL, "of which no project is left; empty: others have it") \
    F (T, BOOL, trusted, 1, "an administrator registered it")                      \
    F (T, STR, project, MAX_ID, "that was removed: what is kept of it at its forge goes too")
#define SCM_FETCH(F, T)                                                                  \
    F (T, KEY, url, MAX_URL, "what `git clone` takes")                                   \
    F (T, STR, ref, MAX_TEXT, "branch, tag or full ref; default: the default branch")    \
    F (T, STR, sha, MAX_ID, "a commit; with `ref` one that is in it")                    \
    F (T, STR, before, MAX_ID, "if set, `changed` is filled")                            \
    F (T, BOOL, trusted, 1, "an administrator registered it: it may be on this machine") \
    F (T, STR, trial, MAX_ID, "the commit of this trial, instead of ref and sha")        \
    F (T, STRS, have, TRIAL_HAVE, "commits; `known` is filled with those that it has")   \
    F (T, STR, project, MAX_ID, "of a service: its id; a forge's is fetched with the credential of that")
#define SCM_MESSAGE (16 << 10) // Of one commit among several; the rest is cut
#define SCM_COMMITS 100        // Of one push that are listed: the newest
#define SCM_COMMIT(F, T)                                                   \
    F (T, KEY, id, MAX_ID, "the commit")                                   \
    F (T, STR, tree, MAX_ID, "what it holds")                              \
    F (T, STR, message, SCM_MESSAGE, "without the end of its last line")   \
    F (T, STR, author, MAX_NAME, "")                                       \
    F (T, STR, author_email, MAX_NAME, "")                                 \
    F (T, STR, authored_at, MAX_ID, "RFC 3339, in the author's time zone") \
    F (T, STR, committer, MAX_NAME, "")                                    \
    F (T, STR, committer_email, MAX_NAME, "")                              \
    F (T, STR, committed_at, MAX_ID, "RFC 3339, in the committer's time zone")
#define SCM_TREE(F, T)                                                                               \
    F (T, STR, sha, MAX_ID, "the commit")                                                            \
    F (T, STR, ref, MAX_TEXT,                                                                        \
       "full ref; empty if only a commit was named that is not in the default branch")               \
    F (T, STR, default_branch, MAX_NAME, "of the repository")                                        \
    F (T, STR, subject, MAX_TEXT, "first line of the commit's message")                              \
    F (T, STR, message, MAX_DOC, "the whole of it")                                                  \
    F (T, STR, author, MAX_NAME, "name of the author")                                               \
    F (T, STR, author_email, MAX_NAME, "")                                                           \
    F (T, LIST (file_text), files, MAX_WORKFLOWS,                                                    \
       "the workflow files: .github/workflows and .opencicd/workflows")                              \
    F (T, STRS, changed, 10000, "paths changed since `before`")                                      \
    F (T, BOOL, compared, 1, "`changed` is known, and complete")                                     \
    F (T, BOOL, is_tip, 1, "the commit is the head of the default branch")                           \
    F (T, STR, uncompared, MAX_TEXT, "why `changed` is unknown, if it was requested")                \
    F (T, LIST (scm_commit), commits, SCM_COMMITS,                                                   \
       "what is new since `before`, the oldest first; the last one, or the only one, is the commit") \
    F (T, STRS, parents, 16, "of the commit; of a merge the first is where it was merged into")      \
    F (T, BOOL, forced, 1, "`before` is there, and not before the commit")                           \
    F (T, BYTES, action_lock, MAX_DOC, ".github/workflows/actions.lock; empty where there is none")  \
    F (T, STRS, known, TRIAL_HAVE, "of `have`")

#define SCM_CALLED(F, T)                                                                    \
    F (T, KEY, repository, MAX_NAME, "owner/repo: not a project's")                         \
    F (T, STR, site, MAX_URL, "https://host: of that server and no other; empty: of any")   \
    F (T, KEY, ref, MAX_TEXT, "a tag, else a branch; or a commit")                          \
    F (T, STR, commit, MAX_ID, "that the ref is locked to; empty: it is not")               \
    F (T, STR, url, MAX_URL, "of the project whose workflow calls: `forge` is where it is") \
    F (T, STR, name, MAX_NAME, "owner/repo of that project")                                \
    F (T, BOOL, trusted, 1, "an administrator registered that project")
#define SCM_CALLED_FILES(F, T)                                                            \
    F (T, STR, sha, MAX_ID, "the commit")                                                 \
    F (T, STR, url, MAX_URL, "where it was found, without a password")                    \
    F (T, LIST (file_text), files, MAX_WORKFLOWS, "none where the ref has left its lock") \
    F (T, STR, unseen, MAX_TEXT, "why nobody could tell where the ref is now; empty: it is `sha`")

#define SCM_MESSAGES(M)                                                                        \
    M (70, scm_fetch, SCM_FETCH, "read a repository's workflow files at a commit")             \
    M (71, scm_tree, SCM_TREE, "a commit and its workflow files")                              \
    M (72, scm_check, SCM_CHECK, "is this address allowed for a repository?")                  \
    M (73, scm_forget, SCM_FORGET, "the mirror of a repository is to go")                      \
    M (74, scm_commit, SCM_COMMIT, "a commit, as an event's payload has it")                   \
    M (75, scm_called, SCM_CALLED, "read the workflow files of a repository that others call") \
    M (76, scm_called_files, SCM_CALLED_FILES, "those of one commit")

#endif
