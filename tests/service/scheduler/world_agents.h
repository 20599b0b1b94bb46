/* world_agents.h - the part of world.h's language that is about agents: they ask, report and end as real ones do. Included by world.h. */

#ifndef OPENCICD_TEST_WORLD_AGENTS_H
#define OPENCICD_TEST_WORLD_AGENTS_H

#include "proto/messages.h"

typedef struct world world_t; // world.h

typedef struct {
    const char *id, *name;
    job_offer_t offer; // The job it has
} fake_agent_t;

fake_agent_t agent (world_t *self, const char *name, const char *labels); // "linux,gpu"
bool take (world_t *self, fake_agent_t *agent);                           // Its next job, if there is one
const char *takes (world_t *self, fake_agent_t *agent);                   // That job's name, or ""
fault_t say (world_t *self, const fake_agent_t *agent, job_state_t state, result_t result, order_t *order);
fault_t says (world_t *self, const fake_agent_t *agent, job_orders_t *orders); // That its job runs
void begins (world_t *self, fake_agent_t *agent);
void ends (world_t *self, fake_agent_t *agent, result_t result);
void ends_with (world_t *self, fake_agent_t *agent, result_t result, const char *outputs);
fault_t gives_back (world_t *self, fake_agent_t *agent); // The job it has: it shuts down
order_t beats (world_t *self, fake_agent_t *agent);      // With the job it has

#endif
