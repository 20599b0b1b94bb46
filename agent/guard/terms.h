/* terms.h - what an agent tells its guard: until when the current job may run. One fixed-size record at a time, written into a pipe at once.
 *
 * Every answer from the server prolongs the job's term; when the term ends, the guard pauses the job. Job numbers only grow, and a term is
 * only ever extended: a record with an older job, or with an earlier end than is known, is ignored, so that the agent's threads need not
 * write their records in order. */

#ifndef OPENCICD_AGENT_GUARD_TERMS_H
#define OPENCICD_AGENT_GUARD_TERMS_H

#include "common/os/process_gate.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define GUARD_KILL \
    INT64_MIN // As `until_us`: the job belongs to another attempt now, or must end at once: its processes are killed

typedef struct {
    uint64_t number; // Which job of this agent, counted from 1; 0: there has been none yet
    int64_t
        until_us; // CLOCK_BOOTTIME, which also advances while the machine sleeps; NEVER: the job has ended; or GUARD_KILL
} guard_term_t;

// Pauses the processes that `agent` has started when the term ends, and continues them when it is prolonged. `terms` is the pipe's
// read end, non-blocking. What the agent starts passes the gate. Returns when the agent has closed its end; true if its job had not
// ended by then.
bool guard_watch (int terms, pid_t agent, process_gate_t *gate);

#endif
