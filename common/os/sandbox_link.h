/* sandbox_link.h - a sandbox as process.h sees it: a first process that starts others when it is asked to. sandbox.h makes one; a job's
 * container has one too (agent/inside), which is `apart`: what runs there has an owner, and perhaps a namespace, that we cannot signal.
 *
 * Any thread may use it; one call at a time is under way. */

#ifndef OPENCICD_SANDBOX_LINK_H
#define OPENCICD_SANDBOX_LINK_H

#include "common/base/turn.h"
#include "common/os/spawn.h"

#include <sys/types.h>

typedef struct sandbox_link sandbox_link_t;

typedef struct {
    pid_t pid;   // As we see it; 0 where it is apart and we do not
    pid_t inner; // As the sandbox sees it
    int fd;      // A pidfd, ours
} sandbox_process_t;

sandbox_link_t *sandbox_link_new (int socket); // Takes the socket, of which the sandbox has the other end
sandbox_link_t *sandbox_link_new_apart (int socket);
// Kills what runs in it, and returns when that is gone; one that is apart is only cleared: whoever made it ends it.
void sandbox_link_destroy (sandbox_link_t **self_p);
// Waits until it is made. UNAVAILABLE: it has ended. Another fault: the detail says what this machine does not allow.
MUST_USE fault_t sandbox_link_ready (sandbox_link_t *self, turn_t *turn);
int sandbox_link_root (const sandbox_link_t *self); // For rooted.h; borrowed. -1 before it is ready
bool sandbox_link_clear (sandbox_link_t *self);     // Kills what runs in it. False where it does not answer
bool sandbox_link_lives (
    const sandbox_link_t *self); // Has it been ready, and is its first process still there?
void sandbox_link_gate (sandbox_link_t *self,
                        int page); // Of one that is apart: it pauses while that gate is shut

// *error: the errno of a program that could not be started. A fault: the sandbox is not there (any more).
MUST_USE fault_t sandbox_link_start (sandbox_link_t *self, turn_t *turn, const spawn_t *spec,
                                     sandbox_process_t *out, int *error);
void sandbox_link_signal (sandbox_link_t *self, const sandbox_process_t *process, int number); // To its group
// Of one that has ended.
MUST_USE fault_t sandbox_link_status (sandbox_link_t *self, const sandbox_process_t *process, int *status,
                                      int *signal);
void sandbox_link_release (sandbox_link_t *self, const sandbox_process_t *process); // Closes its pidfd

#endif
