/* called_git.h - one commit of one repository that workflows call: which it is, and its workflow files. For a thread that may wait.
 *
 * Faults: NOT_FOUND: there is no such repository, ref or commit, or not for us; UNAVAILABLE: it could not be asked. */

#ifndef OPENCICD_SCM_CALLED_GIT_H
#define OPENCICD_SCM_CALLED_GIT_H

#include "services/scm/tree.h"

typedef struct {
    const address_policy_t *policy;
    readers_t *readers;
    const trials_t *trials;
    const char *config; // What git reads
    const char *folder; // Where commits are fetched into; it exists
    int64_t until_us;   // Monotonic
    int64_t silence_us; // Of git, at most
    int stop;           // See git_bounds_t
    int64_t most;       // Bytes of what is fetched; more ends the fetch
} called_git_t;

// The commit of a tag or, failing that, a branch. The address was found to be allowed.
MUST_USE fault_t called_git_look (const called_git_t *self, turn_t *turn, const address_t *address,
                                  bool trusted, const char *ref, const char **commit);
MUST_USE fault_t called_git_read (const called_git_t *self, turn_t *turn, const address_t *address,
                                  bool trusted, const char *commit, file_text_items_t *files);

#endif
