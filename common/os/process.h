/* process.h - child processes: started by posix_spawn (never fork), each leading a process group of its own.
 *
 * A child inherits nothing but its three streams: descriptors are closed, signals are as after a login, the environment is the
 * one that is given. A child that has ended keeps its number until process_destroy, so that a signal to its group can never
 * reach a stranger. Whole trees that leave the group are not caught here. A process_t belongs to one thread. */

#ifndef OPENCICD_PROCESS_H
#define OPENCICD_PROCESS_H

#include "common/base/turn.h"

#include <stdbool.h>
#include <sys/types.h>

struct sandbox_link; // sandbox_link.h
typedef struct process process_t;

typedef struct {
    const char *const *argv;        // Ends with NULL; a name without a slash is looked up in our PATH
    const char *const *environment; // "NAME=value", ends with NULL; NULL: ours
    const char *folder;             // NULL: ours
    int in, out, err;               // Our descriptors, above 2; 0: /dev/null; PROCESS_OURS: inherited
    struct sandbox_link *sandbox;   // Where it runs; it outlives the process. NULL: here
    int stop; // For process_run: the process is ended when this descriptor becomes readable; 0: none
    // For process_run: TIMEOUT without output for this long (0: no limit), and on_stderr receives what it prints to standard error.
    int64_t silence_us;
    void (*on_stderr) (void *context, const char *bytes, size_t size);
    void *context;
} process_spec_t;
#define PROCESS_OURS (-1)

typedef struct {
    int status; // Exit status; 128 + signal number if a signal ended it, as in a shell
    int signal; // The signal that ended it; 0: none
} process_end_t;

// NOT_FOUND where the program or the folder is not there; the detail names it. UNAVAILABLE where the gate of this program is shut
// (process_gate.h).
MUST_USE fault_t process_start (process_t **out, turn_t *turn, const process_spec_t *spec);
void process_destroy (process_t **self_p); // Kills its group (SIGKILL) and waits for it
void process_release (process_t **self_p); // Waits only for the process: the rest of its group continues
pid_t process_pid (const process_t *self); // Its group's number as well; 0 where it runs in a container
int process_fd (const process_t *self);    // Becomes readable when it has ended; borrowed, for poll and loops
void process_signal (process_t *self, int number); // To its group
// TIMEOUT if it has not ended within `for_us` (0: only check).
MUST_USE fault_t process_wait (process_t *self, int64_t for_us, process_end_t *end);

// A pipe whose ends no child inherits by accident.
MUST_USE fault_t process_pipe (turn_t *turn, int *read_end, int *write_end);

// Run to the end and collect what it prints; where the gate is shut it starts later. TIMEOUT, UNAVAILABLE (spec->stop) and TOO_LARGE (more than max_out bytes) end it:
// with SIGTERM, so that it can remove what it has begun, and PROCESS_GRACE_MS later with SIGKILL; of standard error the first
// PROCESS_MAX_ERR bytes are kept. OK means that it ran: check end.status.
#define PROCESS_GRACE_MS 500
#define PROCESS_MAX_ERR  16384
typedef struct {
    process_end_t end;
    const char *out; // In the turn's arena, a NUL follows
    size_t out_size;
    const char *err;
} process_output_t;
MUST_USE fault_t process_run (turn_t *turn, const process_spec_t *spec, int64_t for_us, size_t max_out,
                              process_output_t *output);

#endif
