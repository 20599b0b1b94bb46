/* process_tree.h - all that descends from this process, whatever it did to leave its group.
 *
 * This process becomes a child subreaper: what a child leaves behind becomes its own child, and is found by a walk over /proc. So
 * whatever child it has is one of the tree: a program that has other children must not use this. */

#ifndef OPENCICD_PROCESS_TREE_H
#define OPENCICD_PROCESS_TREE_H

#include "common/base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// Once in a process, before it has threads: SIGCHLD is blocked from then on. *ended becomes readable when a child has ended; close it.
MUST_USE fault_t process_tree_adopt (int *ended);
void process_tree_reap (int ended, const pid_t *leaders,
                        size_t count); // Those that ended and are orphans; none of `leaders`
bool process_tree_left (void);         // Reaps what has ended; is any child left?
void process_tree_kill (
    void); // All of them, and all of theirs; returns when they are gone, or after PROCESS_TREE_WAIT_MS
#define PROCESS_TREE_WAIT_MS 5000

// What follows is for any process, of any other.
#define PROCESS_TREE_SPARED 64
typedef struct {
    bool begun;
    size_t count;
    pid_t spared
        [PROCESS_TREE_SPARED]; // Were stopped before, perhaps by a debugger: they stay so. Past the bound they are resumed too
} process_tree_pause_t;

// Kills these and all that descends from them, which is stopped first: what a dying one starts does not escape. How many those were.
size_t process_tree_kill_these (const pid_t *roots, size_t count);
size_t process_tree_kill_below (pid_t root); // All that descends from it, likewise
// Takes note of what is stopped already. Before whoever stops (process_gate.h) may have done so.
void process_tree_note (pid_t root, process_tree_pause_t *pause);
// Stops (SIGSTOP) all that descends from `root`, which goes on itself. Called again it stops what has come since. False where it found
// somebody at its last look too, who may have started others.
bool process_tree_pause (pid_t root, process_tree_pause_t *pause);
void process_tree_resume (pid_t root, process_tree_pause_t *pause);

#endif
