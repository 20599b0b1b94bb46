/* oom.h - does the kernel say that it killed processes for lack of memory?
 *
 * It counts them: on this machine in /proc/vmstat, and in this process's memory cgroup (version 2: memory.events, 1: memory.oom_control),
 * which is what a container sees. Who is killed is only in its log, which needs privileges. */

#ifndef OPENCICD_OOM_H
#define OPENCICD_OOM_H

#include <stdint.h>

#define OOM_UNKNOWN (-1)

// How many were killed so far, by all counts together: it grows with each. OOM_UNKNOWN where the kernel has none of these.
int64_t oom_kills (void);
// The number after "oom_kill " at the beginning of a line; OOM_UNKNOWN without it.
int64_t oom_count_in (const char *text);

#endif
