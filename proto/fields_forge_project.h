/* fields_forge_project.h - fields of projects at forges: how their repositories are followed. Rows of FORGE_MESSAGES (fields_forge.h). */

#ifndef OPENCICD_FIELDS_FORGE_PROJECT_H
#define OPENCICD_FIELDS_FORGE_PROJECT_H

#include "proto/limits.h"

#define FORGE_CONNECT(F, T)                                                                        \
    F (T, KEY, forge, MAX_NAME, "id or name")                                                      \
    F (T, KEY, repository, MAX_NAME, "owner/repo at the forge")                                    \
    F (T, STR, name, MAX_NAME, "of the project; default: the last part of the repository's")       \
    F (T, STR, forks, 16, "whose pull requests run: never, approved (default), known, all")        \
    F (T, U32, poll_seconds, 86400, "how often refs are compared; default: 300; 0 with `no_poll`") \
    F (T, BOOL, no_poll, 1, "never compare refs: what a webhook loses stays lost")
#define FORGE_PROJECT(F, T)                                                                              \
    F (T, KEY, project_id, MAX_ID, "")                                                                   \
    F (T, STR, project, MAX_NAME, "its name")                                                            \
    F (T, STR, forge, MAX_NAME, "name of the forge")                                                     \
    F (T, STR, kind, 16, "of the forge")                                                                 \
    F (T, STR, repository, MAX_NAME, "its id there, which a rename does not change")                     \
    F (T, STR, full_name, MAX_NAME, "owner/repo, as it was last seen")                                   \
    F (T, STR, url, MAX_URL, "what git fetches")                                                         \
    F (T, STR, default_branch, MAX_NAME, "")                                                             \
    F (T, STR, visibility, 16, "public, internal, private; empty: not known")                            \
    F (T, STR, state, 16,                                                                                \
       "of its webhook: connecting, active, failed; none: the forge has no webhooks that we could make") \
    F (T, STR, state_reason, MAX_TEXT, "why it failed")                                                  \
    F (T, TIME, checked_at, 0, "when its webhook was looked at last")                                    \
    F (T, STR, forks, 16, "whose pull requests run: never, approved, known, all")                        \
    F (T, U32, poll_seconds, 86400, "how often its refs are compared; 0: never")                         \
    F (T, TIME, polled_at, 0, "when they were compared last")                                            \
    F (T, STR, poll_reason, MAX_TEXT, "why they could not be")                                           \
    F (T, STR, statuses, 16, "what its forge shows of runs: all, workflows, none")                       \
    F (T, TIME, created_at, 0, "")
#define FORGE_PROJECT_SHOW(F, T) F (T, KEY, project, MAX_NAME, "id or name")
#define FORGE_PROJECT_SET(F, T)                                           \
    F (T, KEY, project, MAX_NAME, "id or name")                           \
    F (T, STR, forks, 16, "never, approved, known, all; empty: as it is") \
    F (T, U32, poll_seconds, 86400, "0: as it is")                        \
    F (T, BOOL, no_poll, 1, "never compare refs")                         \
    F (T, STR, statuses, 16, "all, workflows, none; empty: as it is")
#define FORGE_CHECK(F, T)     F (T, KEY, project, MAX_NAME, "id or name")
#define FORGE_COMPARE(F, T)   F (T, KEY, project, MAX_NAME, "id or name")
#define FORGE_HOOK_SHOW(F, T) F (T, KEY, project, MAX_NAME, "id or name")
#define FORGE_HOOK_TEXT(F, T) F (T, STR, text, 64 << 10, "a post-receive hook; it contains a secret")

#endif
