/* git_mirror.h - a bare copy of a repository elsewhere: its branches, its tags, which branch its HEAD is.
 *
 * An update may be cut off anywhere and done again: what a killed git left is removed once it is old. Updates of one mirror, by any
 * process of this machine, wait for each other, as long as git may run. */

#ifndef OPENCICD_GIT_MIRROR_H
#define OPENCICD_GIT_MIRROR_H

#include "services/scm/git.h"

// Makes the mirror in `folder`, or brings it up to date. NOT_FOUND with git's words. Takes long: not for an actor's thread.
MUST_USE fault_t git_mirror_update (turn_t *turn, const char *url, const char *folder,
                                    const git_bounds_t *bounds);

#endif
