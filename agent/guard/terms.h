/* terms.h - what an agent and its guard say to each other: one record, written at once into a pipe.
 *
 * A job may act until its term is over, which each word of the server prolongs. The numbers of jobs grow: a record of an older job, or one
 * that says less of this one than is known, changes nothing, so that threads of the agent need not agree on an order. */

#ifndef OPENCICD_AGENT_GUARD_TERMS_H
#define OPENCICD_AGENT_GUARD_TERMS_H

#include "common/os/process_gate.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define GUARD_KILL \
    INT64_MIN // The job is another attempt's by now, or must end at once: whatever it has is killed

typedef struct {
    uint64_t number; // Of the job in this agent; 0: none yet
    int64_t
        until_us; // CLOCK_BOOTTIME, which goes on while the machine sleeps; NEVER: the job has ended; or GUARD_KILL
} guard_term_t;

// Pauses what `agent` has started while the term is over, and lets it go on when it is prolonged; returns at the end of the pipe, which
// does not block. True where a job had not ended by then. What the agent starts passes the gate.
bool guard_watch (int terms, pid_t agent, process_gate_t *gate);

#endif
