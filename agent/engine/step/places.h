/* places.h - one folder has up to two paths: this program's, and the one that the steps of a job in a container see. */

#ifndef OPENCICD_AGENT_ENGINE_STEP_PLACES_H
#define OPENCICD_AGENT_ENGINE_STEP_PLACES_H

#include "agent/engine/state/job_run.h"

// A path of this program's as the job's steps see it; what is in none of the job's folders stays as it is.
const char *place_inside (const job_run_t *job, arena_t *arena, const char *path);
const char *place_outside (const job_run_t *job, arena_t *arena, const char *path); // The other way

// For programs that steps start: ROOTED_OURS, or the root of the job's container (common/os/rooted.h).
int step_root (const job_run_t *job);

typedef struct {
    const char *from, *to;
} path_pair_t;
// The first of them, up to one with a NULL `from`, that the path is in.
const char *place_translate (arena_t *arena, const path_pair_t *places, const char *path);

#endif
