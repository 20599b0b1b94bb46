/* process_gate.h - what every start of a process passes, and another process can shut.
 *
 * Whoever stops all of a program's processes cannot see one that the program is about to start. So the two share a page: the program counts
 * the starts that are under way, the other says that nothing may start. Each side writes its own word before it reads the other's
 * (sequentially consistent, as in Dekker's algorithm): either the start sees that the gate is shut, or who shuts it sees the start.
 *
 * Whoever shuts waits for a bounded time, as the program may be frozen within a start. Such a one sees the gate afterwards and stops its own
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

// The other side's. False where a start is still under way after so long.
bool process_gate_shut (process_gate_t *self, int64_t for_us);
bool process_gate_is_busy (const process_gate_t *self); // A start is under way
void process_gate_open (process_gate_t *self);

// The program's: every process that it starts from now on (process.h) passes this one; NULL: none. Not while one starts.
void process_gate_use (process_gate_t *self);
bool process_gate_is_shut (void);
MUST_USE bool process_gate_enter (void); // False: it is shut
// After each true answer, with the process that was started, which is stopped where the gate was shut meanwhile; 0: it did not start.
void process_gate_leave (pid_t started);

#endif
