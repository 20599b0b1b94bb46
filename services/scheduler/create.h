/* create.h - a run is made: its rows, its nodes, a job for each, and what can begin at once begins. One commit. */

#ifndef OPENCICD_SCHEDULER_CREATE_H
#define OPENCICD_SCHEDULER_CREATE_H

#include "services/scheduler/planner.h"
#include "services/scheduler/project_store.h"
#include "services/scheduler/run_store.h"
#include "services/scheduler/self.h"

#define PAYLOAD_MAX (768 << 10) // Bytes of github.event: what is offered with it must fit MAX_DOC

typedef struct {
    const project_t *project;
    plan_t *plan;              // The workflow, read
    const char *path, *source; // The workflow file
    const char *event, *ref, *sha, *actor, *subject;
    const char *default_branch;
    const value_t *payload; // github.event; NULL for an empty one
    const value_t *inputs;  // As they were given; NULL for none
} create_t;

// INVALID, with findings, where the workflow cannot run so. The run as it is afterwards, without its jobs.
MUST_USE fault_t create_run (scheduler_t *self, turn_t *turn, const create_t *from, run_row_t *out);
const char *create_actor (const turn_t *turn); // Who asks, as github.actor

#endif
