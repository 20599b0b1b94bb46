/* cgroup_place.h - where in the file system the control group of this process is, as the kernel's texts say.
 *
 * Source: the kernel's Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/, proc_pid_mountinfo(5), cgroups(7). */

#ifndef OPENCICD_CGROUP_PLACE_H
#define OPENCICD_CGROUP_PLACE_H

#include "common/base/arena.h"

#include <stdbool.h>

typedef struct {
    const char *mounts; // /proc/self/mountinfo
    const char *own;    // /proc/self/cgroup
} cgroup_texts_t;

// "" where they cannot be read: then there is no place.
void cgroup_texts_read (cgroup_texts_t *self, arena_t *arena);

// The folder of our group in version 1's hierarchy of that controller, or, with NULL, in version 2's. NULL: there is none.
const char *cgroup_place (arena_t *arena, const cgroup_texts_t *texts, const char *controller);

#endif
