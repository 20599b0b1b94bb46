/* git_mirror.h - a bare copy of a repository elsewhere: its branches, its tags, which branch its HEAD is.
 *
 * Only requested files are copied, if the remote supports that (a partial clone); commits and folders are
 * all there. An update may be cut off anywhere and repeated: what a killed git left is removed once it is old. Updates of
 * one mirror, by any process of this machine, wait for each other, as long as git may run. */

#ifndef OPENCICD_GIT_MIRROR_H
#define OPENCICD_GIT_MIRROR_H

#include "common/os/git.h"

#include <stdbool.h>

typedef struct {
    const char *folder;
    git_location_t location; // The remote: remote, config, address, no_redirects
    git_bounds_t bounds;
    const char *pull_refs; // Where the remote has what is refs/pull/ here; NULL: there, too
    // git's progress: "Receiving objects:  45% (450/1000)". In the thread that updates. May be NULL.
    void (*progress) (void *context, const char *text);
    void *context;
} git_mirror_t;

bool git_mirror_exists (turn_t *turn, const char *folder); // It was brought up to date once
// Makes the mirror, or brings it up to date. UNAVAILABLE with git's error. Takes long.
MUST_USE fault_t git_mirror_update (const git_mirror_t *self, turn_t *turn);
// Fetches these as well: refs ("refs/pull/7/merge"), or objects by name; at most GIT_MIRROR_NAMES. NOT_FOUND where the
// remote has no such ref.
#define GIT_MIRROR_NAMES 100
MUST_USE fault_t git_mirror_fetch (const git_mirror_t *self, turn_t *turn, const char *const *names,
                                   size_t count);

// Removes its folder, once no update holds it.
MUST_USE fault_t git_mirror_remove (turn_t *turn, const char *folder, const git_bounds_t *bounds);

#endif
