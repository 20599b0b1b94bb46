/* sandbox.h - where a job's processes run: a place with processes and a file system of their own (Linux namespaces).
 *
 * What runs in it sees no process outside of it. It sees the machine's files, but for those that are hidden; what it writes to them is
 * kept aside (overlayfs) and goes with the sandbox, except in the folders that are shared. When the sandbox ends, the kernel kills
 * everything in it at once, however it forked; it ends with whoever made it.
 *
 * A program of its own makes them, one after the other: to fork that small one costs a tenth of starting it again.
 *
 * As root it takes capabilities away from the processes; as another user it needs user namespaces. */

#ifndef OPENCICD_SANDBOX_H
#define OPENCICD_SANDBOX_H

#include "common/os/sandbox_link.h"

typedef struct sandbox_maker sandbox_maker_t;

typedef struct {
    const char *program; // opencicd-sandbox
    const char
        *folder; // Absolute, empty whenever one is made: where what is written outside of `shared` goes
    const char *const *hidden; // Absolute paths of folders that are empty inside; ends with NULL
    const char *const *shared; // Of folders that are the same inside and outside, also below hidden ones
    const char *const *shown;  // The same, but they can only be read; what is not there is left out
    const char *const
        *groups; // Control groups that they begin in: files of cgroup_entries. NULL: where we are
} sandbox_spec_t;

// Copies the spec, and starts nothing yet.
sandbox_maker_t *sandbox_maker_new (const sandbox_spec_t *spec);
void sandbox_maker_destroy (sandbox_maker_t **self_p); // Sandboxes that it made go on
// Begins to make one, and returns at once: the first process started in it (process_spec_t.sandbox) waits until it is made, as does
// sandbox_link_ready. `shown`, an absolute path, is shown in this one besides; NULL: nothing is.
MUST_USE fault_t sandbox_make (sandbox_maker_t *self, turn_t *turn, const char *shown, sandbox_link_t **out);

#endif
