/* git.h - how our own programs run git: never asking, never by a configuration that is not ours, never leaving the protocols that are meant.
 *
 * No git runs in a foreign repository. Its objects are read from a repository of ours that is empty but for the place of its objects
 * (GIT_OBJECT_DIRECTORY): then neither its configuration nor its hooks nor its promisors exist for git. */

#ifndef OPENCICD_GIT_H
#define OPENCICD_GIT_H

#include "common/os/process.h"

// How long git may run.
typedef struct {
    int64_t until_us;   // Monotonic; TIMEOUT
    int64_t silence_us; // TIMEOUT without output for this long; 0: no limit
    int stop;           // Ended when this descriptor becomes readable: UNAVAILABLE; 0: none
} git_bounds_t;

// What a git process sees beside our environment, from which all GIT_* and all settings of ours are taken. All but the first may be NULL.
typedef struct {
    const char *folder;  // GIT_DIR
    const char *objects; // GIT_OBJECT_DIRECTORY
    const char *config;  // The one configuration that is read beside that of `folder`
    const char *remote;  // remote.origin.url
    const char *address; // "host:port:address": the only one at which http and https look for that host
    bool no_redirects;   // http and https end at the host that is named
    bool local_folders;  // It may fetch from folders of this machine
} git_location_t;

const char *const *git_environment (arena_t *arena, const git_location_t *location);

// Runs `git` with these arguments (NULL-terminated, without "git"), at most GIT_ARGS. `heard` gets its standard error as it comes;
// may be NULL. UNAVAILABLE has git's words when it failed; CONFLICT as well: then a lock file of another git was in its way.
// output->end.status tells which of its errors it was.
#define GIT_ARGS    128
#define GIT_OUT_MAX (4 << 20) // Bytes of what it may print
typedef struct {
    void (*on_stderr) (void *context, const char *bytes, size_t size);
    void *context;
} git_listener_t;
MUST_USE fault_t git_run (turn_t *turn, const char *const *args, const git_location_t *location,
                          const git_bounds_t *bounds, const git_listener_t *listener,
                          process_output_t *output);

// The reason in what git printed: its last line that says fatal: or error:, else its last one; without passwords.
const char *git_reason (arena_t *arena, const char *err);

#endif
