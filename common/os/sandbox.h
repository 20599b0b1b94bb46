/* sandbox.h - where a job's processes run: a place with processes and a file system of their own (Linux namespaces).
 *
 * What runs in it sees no process outside of it. It sees the machine's files, but for those that are hidden; what it writes to them is
 * kept aside (overlayfs) and goes with the sandbox, except in the folders that are shared. When the sandbox ends, the kernel kills
 * everything in it at once, however it forked; it ends with whoever made it.
 *
 * As root it takes capabilities away from the processes; as another user it needs user namespaces. */

#ifndef OPENCICD_SANDBOX_H
#define OPENCICD_SANDBOX_H

#include "common/os/sandbox_link.h"

typedef struct sandbox sandbox_t;

typedef struct {
    const char *program;       // opencicd-sandbox
    const char *folder;        // Absolute, exists, empty: where what is written outside of `shared` goes
    const char *const *hidden; // Absolute paths of folders that are empty inside; ends with NULL
    const char *const *shared; // Of folders that are the same inside and outside, also below hidden ones
    const char *const *shown;  // The same, but they can only be read; what is not there is left out
    const char *const
        *groups; // Control groups that it begins in: files of cgroup_entries. NULL: where we are
} sandbox_spec_t;

// Begins to make it, and returns at once: the first process started in it (process_spec_t.sandbox) waits until it is made.
MUST_USE fault_t sandbox_new (sandbox_t **out, turn_t *turn, const sandbox_spec_t *spec);
void sandbox_destroy (sandbox_t **self_p); // Kills what runs in it, and returns when that is gone
// Waits until it is made. UNAVAILABLE: it has ended. Another fault: the detail says what this machine does not allow.
MUST_USE fault_t sandbox_ready (sandbox_t *self, turn_t *turn);
sandbox_link_t *sandbox_link (const sandbox_t *self); // Borrowed

#endif
