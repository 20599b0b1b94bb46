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
    const char *event, *ref, *sha, *actor;
    const char *title; // Where there is no run-name; "" for the workflow's name
    const char *default_branch;
    const value_t *payload; // github.event; NULL for an empty one
    const value_t *inputs;  // As they were given; NULL for none
    planned_files_t files;  // What it may call
} create_t;

// Where the nodes of a workflow stand in a run.
typedef struct {
    const run_t *run;
    const char *called_by, *prefix; // Of their keys; "" for the run's own workflow
    int64_t first, step;            // Positions
} create_nodes_t;

// INVALID, with findings, where the workflow cannot run so. The run as it is afterwards, without its jobs.
MUST_USE fault_t create_run (scheduler_t *self, turn_t *turn, const create_t *from, run_row_t *out);
MUST_USE fault_t create_nodes (scheduler_t *self, turn_t *turn, const plan_t *plan,
                               const create_nodes_t *place);
const char *create_actor (const turn_t *turn); // Who asks, as github.actor

#endif
