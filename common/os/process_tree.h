/* process_tree.h - all descendants of this process, whatever they did to leave their process group.
 *
 * This process becomes a child subreaper: orphans of its children become its own children, and are found by a walk over /proc. So
 * every child belongs to the tree: a program with other children must not use this. */

#ifndef OPENCICD_PROCESS_TREE_H
#define OPENCICD_PROCESS_TREE_H

#include "common/base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// Once per process, before it has threads: blocks SIGCHLD. *ended becomes readable when a child has ended; close it.
MUST_USE fault_t process_tree_adopt (int *ended);
void process_tree_reap (int ended, const pid_t *leaders,
                        size_t count); // Those that ended and are orphans; none of `leaders`
bool process_tree_left (void);         // Reaps what has ended; is any child left?
void process_tree_kill (
    void); // Kills all descendants; returns when they are gone, or after PROCESS_TREE_WAIT_MS
#define PROCESS_TREE_WAIT_MS 5000

// What follows works for any process, on any other.
#define PROCESS_TREE_SPARED 64
typedef struct {
    bool begun;
    size_t count;
    pid_t spared
        [PROCESS_TREE_SPARED]; // Were stopped already, perhaps by a debugger: they are not resumed, up to this bound
} process_tree_pause_t;

// Kills these and all their descendants, which are stopped first, so that none escapes by forking. Returns how many there were.
size_t process_tree_kill_these (const pid_t *roots, size_t count);
// All descendants of `root`, likewise. `may` is asked when they were found, and stopped: false leaves them so. What it knows by then is
// true of all of them, while others may have started since.
size_t process_tree_kill_below (pid_t root, bool (*may) (void *context), void *context);
// Records which are stopped already. Call it before anything that stops processes (process_gate.h).
void process_tree_note (pid_t root, process_tree_pause_t *pause);
// Stops (SIGSTOP) all descendants of `root`, but not `root` itself. Called again it stops those that have appeared since. False if its
// last look still found one to stop, which may have started others.
bool process_tree_pause (pid_t root, process_tree_pause_t *pause);
void process_tree_resume (pid_t root, process_tree_pause_t *pause);

#endif
