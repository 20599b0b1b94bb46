/* fence.h - does this attempt hold its job now? Otherwise it may read, but change nothing.
 *
 * The scheduler decides. Begin and finish ask it each time; parts in between rely on an answer of at most FENCE_AGE, so that an attempt
 * that ended can add bytes to its own unpublished upload for that long, and nothing else. */

#ifndef OPENCICD_ARTIFACTS_FENCE_H
#define OPENCICD_ARTIFACTS_FENCE_H

#include "common/base/clock.h"
#include "common/base/turn.h"
#include "proto/messages.h"

#define FENCE_JOBS 64 // Jobs that are remembered; a new one replaces the oldest
#define FENCE_AGE  SECONDS (10)

typedef struct {
    struct {
        char job[MAX_ID + 1];
        char run[MAX_ID + 1]; // Of a job, for ever
        char project[MAX_ID + 1];
        uint32_t attempt; // That held the job at held_us; 0 for none
        int64_t held_us;
    } jobs[FENCE_JOBS];
    size_t next; // Where the next one is remembered
} fence_t;

typedef struct {
    const char *run; // A job without a run is its own
    const char *project;
} fence_job_t;

// Is the caller this attempt of this job, and does it hold it? FORBIDDEN, CONFLICT, or LATER.
MUST_USE fault_t fence_now (fence_t *self, turn_t *turn, const char *job, uint32_t attempt, fence_job_t *out);
// The same, with whose caches it writes and sees: asked each time, as a reservation depends on it.
MUST_USE fault_t fence_scopes (turn_t *turn, const char *job, uint32_t attempt, cache_scopes_t *out);
MUST_USE fault_t fence_lately (fence_t *self, turn_t *turn, const char *job, uint32_t attempt);
// The run of a job and its project; asks the scheduler once. LATER.
MUST_USE fault_t fence_job (fence_t *self, turn_t *turn, const char *job, fence_job_t *out);

#endif
