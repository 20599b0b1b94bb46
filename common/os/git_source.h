/* git_source.h - where repositories of others come from: a list of bases, each a forge, a mirror, or a folder of this machine.
 *
 *     https://github.com   /srv/actions   git@host:{repository}.git   forge
 *
 * `/owner/repo` is appended to a base, or replaces {repository} in it; in a folder owner/repo.git is tried, too. `forge` is the host of the
 * workflow's own repository, if its address ends in OWNER/NAME. Agents find actions with it, the server the workflows that others call. */

#ifndef OPENCICD_GIT_SOURCE_H
#define OPENCICD_GIT_SOURCE_H

#include "common/os/git.h"

#define GIT_SOURCE_SEPARATORS   " \t\r\n,"
#define GIT_SOURCES             16 // Bases of one list
#define GIT_SOURCE_LOOK_SECONDS 60 // For one look-up of a tag or branch

typedef struct {
    const char *urls[GIT_SOURCES];
    bool of_forge[GIT_SOURCES]; // It is the repository's neighbour, not a base that the operator wrote down
    size_t count;
} git_sources_t;

bool git_source_is_forge (const char *base);
// The repository's address at each base, without duplicates; `forge` may be NULL. INVALID if the list is malformed or empty.
MUST_USE fault_t git_sources_list (turn_t *turn, const char *bases, const char *forge, const char *repository,
                                   git_sources_t *out);
// "https://forge" out of https://forge/OWNER/NAME[.git]; NULL if the address does not end in that name.
const char *git_source_forge (arena_t *arena, const char *url, const char *name);

// The commit of a tag or, failing that, a branch. NOT_FOUND: we see no such repository, or no such ref in it; UNAVAILABLE: it could not be
// asked. The detail has git's words.
MUST_USE fault_t git_source_look (turn_t *turn, const git_location_t *location, const git_bounds_t *bounds,
                                  const char *url, const char *ref, const char **commit);
// What a failed git says about the repository: NOT_FOUND where it is not there, or not for us (forges answer both alike).
MUST_USE fault_t git_source_fault (turn_t *turn, fault_t fault, const process_output_t *output);

#endif
