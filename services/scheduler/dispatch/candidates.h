/* candidates.h - which waiting jobs and which idle agents one pass of the matcher looks at.
 *
 * What cannot match is not read: a thousand idle agents that no job needs, and a thousand queues without an agent, cost what ten
 * do. Where all queues and all idle agents fit into one look, that is all. Where not, sets of labels are compared first, and
 * only queues and agents whose sets fit each other are read. */

#ifndef OPENCICD_SCHEDULER_CANDIDATES_H
#define OPENCICD_SCHEDULER_CANDIDATES_H

#include "services/scheduler/dispatch/match.h"
#include "services/scheduler/unit/self.h"

typedef struct {
    waitings_t jobs;
    agent_rows_t agents;
    bool all_jobs, all_agents; // There is no other that fits
} candidates_t;

// `sets`: how many sets of labels that are asked for are looked at, at most SETS_AT_ONCE. With one, some job fits some agent, or none
// does at all.
MUST_USE fault_t candidates_find (scheduler_t *self, turn_t *turn, size_t sets, candidates_t *out);
// Only what meets with the jobs and agents of a request: of the jobs those for which one of its agents is made, or an idle one is found.
MUST_USE fault_t candidates_of (scheduler_t *self, turn_t *turn, const match_request_t *request,
                                candidates_t *out);

#endif
