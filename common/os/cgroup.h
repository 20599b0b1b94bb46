/* cgroup.h - a control group of our own: what is started in it shares limits of memory, processors and processes.
 *
 * Version 2 of the kernel's interface where it has the controllers and lets us hand them down, else version 1, which wants root. It is made
 * below the group in which this process is, and one that an earlier process of the same name left is taken over.
 *
 * In version 2 a group that hands controllers down may hold no process itself. So what is in ours is moved into a group "opencicd-self" below
 * it, ourselves too, but only where the group is ours to arrange: systemd has delegated it, or it is the root of what we see (a container's).
 * Source: the kernel's Documentation/admin-guide/cgroup-v2.rst ("No Internal Process Constraint", "Delegation") and cgroup-v1/. */

#ifndef OPENCICD_CGROUP_H
#define OPENCICD_CGROUP_H

#include "common/base/turn.h"

typedef struct cgroup cgroup_t;

typedef struct {
    int64_t memory_bytes; // Without swap. 0: no limit; likewise the others
    int64_t milli_cpus;   // 1,000 is one whole processor
    int64_t processes;    // Threads count too
} cgroup_limits_t;

typedef struct {
    int64_t peak_bytes; // Most memory at one time since cgroup_limit; -1: this kernel does not say
    int64_t
        refused; // Processes that could not be started since it was made, because of the limit; -1 likewise
} cgroup_usage_t;

// With the controllers that `limits` needs, and without limits yet. A fault: the detail says what this machine does not allow.
MUST_USE fault_t cgroup_new (cgroup_t **out, turn_t *turn, const char *name, const cgroup_limits_t *needs);
void cgroup_destroy (cgroup_t **self_p); // And the group, unless something runs in it still
// Files that end with NULL: a process that writes "0" into each of them, and what it starts, is in the group. Borrowed.
const char *const *cgroup_entries (const cgroup_t *self);
// Sets those that `needs` had; any time. INVALID where the kernel does not take one: the detail names it.
MUST_USE fault_t cgroup_limit (cgroup_t *self, turn_t *turn, const cgroup_limits_t *limits);
void cgroup_usage (const cgroup_t *self, cgroup_usage_t *out);

#endif
