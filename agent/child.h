/* child.h - starting a process, and making sure that it and all it started are gone.
 *
 * posix_spawn, never fork. A child leads a process group of its own, has no descriptor but 0, 1 and 2, default signal actions
 * and an empty signal mask. The agent is a child subreaper: what a child leaves behind becomes the agent's own child, where
 * children_kill finds it. One job at a time in a process: whatever child exists is the job's. */

#ifndef OPENCICD_AGENT_CHILD_H
#define OPENCICD_AGENT_CHILD_H

#include "common/arena.h"
#include "common/fault.h"

#include <stdbool.h>
#include <sys/types.h>

#define CHILD_LOST 255 // Exit code of a child that vanished

typedef struct {
    char *const *arguments; // The program's path first
    char *const *variables;
    const char *folder; // Where it starts; NULL: here
    int out;            // Its standard output
    int error;          // Its standard error; -1: the same as out
} child_t;

void child_become_reaper (void); // Once in a process
// NOT_FOUND and the like from errno; *pid and *handle (a pidfd, close it) where OK.
MUST_USE fault_t child_start (const child_t *self, pid_t *pid, int *handle);
int child_reap (pid_t pid);                // After it ended: its exit code, or 128 + signal
void children_reap_orphans (pid_t leader); // What ended and has no parent but us; not `leader` itself
void child_signal (pid_t pid, int number); // To its process group
bool children_left (void);
void children_kill (
    void); // All of them, and all of theirs; returns when they are gone, or after CHILDREN_WAIT_MS
#define CHILDREN_WAIT_MS 5000

#endif
