/* action_source.h - one action's commit from one source: where its tag is, and its files. Which sources there are says common/os/git_source.h.
 *
 * Git asks for no password, runs no hook, and reads one configuration. */

#ifndef OPENCICD_AGENT_ENGINE_ACTIONS_ACTION_SOURCE_H
#define OPENCICD_AGENT_ENGINE_ACTIONS_ACTION_SOURCE_H

#include "common/os/git_source.h"

#define ACTION_FETCH_SECONDS 600 // To fetch one commit; silent for a minute at most

struct cancel;

typedef struct {
    const char *config; // The file that git reads
    struct cancel *cancel;
} source_git_t;

// The commit of a tag or, failing that, a branch. NOT_FOUND: we see no such repository, or no such ref in it; UNAVAILABLE: it could not be
// asked. The detail has git's words.
MUST_USE fault_t source_look (turn_t *turn, const source_git_t *git, const char *url, const char *ref,
                              const char **commit);
// Writes the commit's files to `folder`/tree, using `folder`/git; `folder` exists and is empty. Faults as above.
MUST_USE fault_t source_fetch (turn_t *turn, const source_git_t *git, const char *url, const char *commit,
                               const char *folder);

#endif
