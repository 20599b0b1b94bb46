/* action_source.h - where actions come from: a list of bases, each a forge, a mirror, or a folder of this machine.
 *
 *     https://github.com   /srv/actions   git@host:{repository}.git   forge
 *
 * `/owner/repo` is appended to a base, or replaces {repository} in it; in a folder owner/repo.git is tried, too. `forge` is the host of the
 * workflow's own repository, if its address ends in OWNER/NAME. Git asks for no password, runs no hook, and reads one configuration. */

#ifndef OPENCICD_AGENT_ENGINE_ACTIONS_ACTION_SOURCE_H
#define OPENCICD_AGENT_ENGINE_ACTIONS_ACTION_SOURCE_H

#include "common/base/turn.h"

#include <stdbool.h>

#define ACTION_SOURCES       16  // Bases of one list
#define ACTION_LOOK_SECONDS  60  // Seconds for one look-up of a tag or branch
#define ACTION_FETCH_SECONDS 600 // To fetch one commit; silent for a minute at most

struct cancel;

typedef struct {
    const char *config; // The file that git reads
    struct cancel *cancel;
} source_git_t;

typedef struct {
    const char *urls[ACTION_SOURCES];
    size_t count;
} sources_t;

// The repository's address at each base, without duplicates. INVALID if the list is malformed or empty.
MUST_USE fault_t sources_list (turn_t *turn, const char *bases, const char *forge, const char *repository,
                               sources_t *out);
// "https://forge" out of https://forge/OWNER/NAME[.git]; NULL if the address does not end in that name.
const char *source_forge (arena_t *arena, const char *url, const char *name);

// The commit of a tag or, failing that, a branch. NOT_FOUND: we see no such repository, or no such ref in it; UNAVAILABLE: it could not be
// asked. The detail has git's words.
MUST_USE fault_t source_look (turn_t *turn, const source_git_t *git, const char *url, const char *ref,
                              const char **commit);
// Writes the commit's files to `folder`/tree, using `folder`/git; `folder` exists and is empty. Faults as above.
MUST_USE fault_t source_fetch (turn_t *turn, const source_git_t *git, const char *url, const char *commit,
                               const char *folder);

#endif
