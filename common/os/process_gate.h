/* process_gate.h - a gate that every start of a process passes, and that another process can shut.
 *
 * A guard that stops all of a program's processes cannot see one that is just being started. So the two share a page: the program counts
 * its starts in progress, the guard says that nothing may start. Each side writes its own word before it reads the other's
 * (sequentially consistent, as in Dekker's algorithm): either the start sees that the gate is shut, or the guard sees the start.
 *
 * The guard waits for starts in progress, but not forever, because the program may be frozen in one. Such a start sees the shut gate later, and stops its own
 * process at once. Nobody else touches the page: it is a sealed memfd that no child inherits. */

#ifndef OPENCICD_PROCESS_GATE_H
#define OPENCICD_PROCESS_GATE_H

#include "common/base/turn.h"

#include <stdbool.h>
#include <sys/types.h>

typedef struct process_gate process_gate_t;

MUST_USE fault_t process_gate_new (process_gate_t **out, turn_t *turn,
                                   int *fd); // The other side maps the descriptor
MUST_USE fault_t process_gate_map (process_gate_t **out, turn_t *turn, int fd);
void process_gate_destroy (process_gate_t **self_p);

// For the guard. False if a start is still in progress after `for_us`.
bool process_gate_shut (process_gate_t *self, int64_t for_us);
bool process_gate_is_busy (const process_gate_t *self); // Is a start in progress?
void process_gate_open (process_gate_t *self);

// For a container: is that one shut, and a wait until it may no longer be as it was.
bool process_gate_looks_shut (const process_gate_t *self);
void process_gate_wait (const process_gate_t *self, bool shut);

// For the program: every process that it starts from now on (process.h) passes this gate; NULL: none. Not during a start.
void process_gate_use (process_gate_t *self);
// A descriptor of the page of the gate that is used, for the first process of a job's container; -1: there is none. Borrowed.
void process_gate_lend (int page);
int process_gate_page (void);
bool process_gate_is_shut (void);
MUST_USE bool process_gate_enter (void); // False: it is shut
// Call it after each process_gate_enter that returned true, with the process that was started (0: none), which is stopped if the gate was shut meanwhile.
void process_gate_leave (pid_t started);

#endif
