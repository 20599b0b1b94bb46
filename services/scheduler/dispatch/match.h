/* match.h - policy: which agent gets which job. Pure.
 *
 * Jobs in order: priority, then the project with the fewest running jobs (counting those just matched), then age. An agent fits when it
 * has all the job's labels; of those that fit the one with the fewest labels is taken, so that rare ones stay free; of equals
 * one that is being answered, which receives the job without another request, and else the one that was idle longest. */

#ifndef OPENCICD_SCHEDULER_MATCH_H
#define OPENCICD_SCHEDULER_MATCH_H

#include "common/base/arena.h"
#include "services/scheduler/store/agent_store.h"
#include "services/scheduler/store/waiting_store.h"

#define MATCH_JOBS 1024 // That one matching looks at

typedef struct {
    size_t job, agent; // Indices
} match_t;

// Pairs go to `out`, which has room for agents->count; returns how many. Jobs of one queue are in order of age.
size_t match_jobs (arena_t *arena, const waitings_t *jobs, const agent_rows_t *agents, match_t *out);
// Does `a` come before `b`, whose projects have so many running jobs?
bool match_is_before (const waiting_t *a, int64_t a_running, const waiting_t *b, int64_t b_running);
bool match_any (const agent_rows_t *agents, const char *labels); // Does one of them fit?

// Where there are many sets of labels: of those that wait for what some idle agent offers the first `most` in order, added to `asked`
// page by page; then the sets of idle agents that fit them, those with few labels first, at least one for each.
void match_asked (set_page_t *asked, size_t most, const label_sets_t *waiting, const label_sets_t *idle);
void match_offered (set_page_t *offered, const set_page_t *asked, const label_sets_t *idle);

#endif
