/* git.h - how our own programs run git: it never prompts, reads no configuration but ours, and uses no protocol but those intended.
 *
 * git never runs inside a foreign repository. Its objects are read through an empty repository of ours that points to them
 * (GIT_OBJECT_DIRECTORY): then neither its configuration nor its hooks nor its promisors exist for git. */

#ifndef OPENCICD_GIT_H
#define OPENCICD_GIT_H

#include "common/os/process.h"

// How long git may run.
typedef struct {
    int64_t until_us;   // Monotonic; TIMEOUT
    int64_t silence_us; // TIMEOUT without output for this long; 0: no limit
    int stop;           // git is stopped when this descriptor becomes readable: UNAVAILABLE; 0: none
} git_bounds_t;

// What a git process gets besides our environment, which has no GIT_* and none of our settings. All but the first may be NULL.
typedef struct {
    const char *folder;  // GIT_DIR
    const char *objects; // GIT_OBJECT_DIRECTORY
    const char *config;  // The only configuration that is read besides that of `folder`
    const char *remote;  // remote.origin.url
    const char *address; // "host:port:address": http and https connect to that host only at this address
    bool no_redirects;   // http and https follow no redirect
    const char *
        header; // "Authorization: ...", for http and https below header_url alone; goes by the environment, into no argument
    const char *header_url;
    bool local_folders; // It may fetch from folders of this machine
} git_location_t;

const char *const *git_environment (arena_t *arena, const git_location_t *location);

// Runs `git` with these arguments (NULL-terminated, without "git"), at most GIT_ARGS. `heard` gets its standard error as it comes;
// may be NULL. If git fails: UNAVAILABLE, or CONFLICT if another git's lock file was in its way; the detail is git's error.
// output->end.status is git's exit status.
#define GIT_ARGS    128
#define GIT_OUT_MAX (4 << 20) // Bytes of what it may print
typedef struct {
    void (*on_stderr) (void *context, const char *bytes, size_t size);
    void *context;
} git_listener_t;
MUST_USE fault_t git_run (turn_t *turn, const char *const *args, const git_location_t *location,
                          const git_bounds_t *bounds, const git_listener_t *listener,
                          process_output_t *output);

// The reason for a failure in git's standard error: its last fatal: or error: line, else the last line; without passwords.
const char *git_reason (arena_t *arena, const char *err);

#endif
