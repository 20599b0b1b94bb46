/* git.h - how this service runs git: never asking, never leaving the protocols that are meant, never by our own GIT_ variables. */

#ifndef OPENCICD_GIT_H
#define OPENCICD_GIT_H

#include "common/process.h"

// Our environment without any GIT_*, and with what keeps git from asking and from surprising transports.
const char *const *git_environment (arena_t *arena);

// How long git may run.
typedef struct {
    int64_t until_us; // Monotonic; TIMEOUT
    int stop;         // Ended when this descriptor becomes readable: UNAVAILABLE; 0: none
} git_bounds_t;

// Runs `git` with these arguments (NULL-terminated, without "git"); NOT_FOUND names what git said when it failed, CONFLICT as well:
// then a lock file of another git was in its way.
#define GIT_OUT_MAX (4 << 20) // Bytes of what it may print
MUST_USE fault_t git_run (turn_t *turn, const char *const *arguments, const git_bounds_t *bounds,
                          process_output_t *output);

#endif
