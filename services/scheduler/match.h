/* match.h - policy: which agent gets which job. Pure.
 *
 * Jobs in order: priority, then the project with the fewest running jobs (counting those just matched), then age. An agent fits when it
 * has all the job's labels; of those that fit the one with the fewest labels is taken, so that rare ones stay free, and of equals
 * the one that was idle longest. */

#ifndef OPENCICD_SCHEDULER_MATCH_H
#define OPENCICD_SCHEDULER_MATCH_H

#include "common/arena.h"
#include "services/scheduler/agent_store.h"
#include "services/scheduler/waiting_store.h"

#define MATCH_JOBS 1024 // That one matching looks at

typedef struct {
    size_t job, agent; // Indices
} match_t;

// Pairs go to `out`, which has room for agents->count; tells how many. Jobs of one queue stand in order of age.
size_t match_jobs (arena_t *arena, const waitings_t *jobs, const agent_rows_t *agents, match_t *out);
bool match_any (const agent_rows_t *agents, const char *labels); // Does one of them fit?

#endif
