/* create.h - creates a run: its rows, its nodes, a job for each, and starts what can start at once. One commit. */

#ifndef OPENCICD_SCHEDULER_CREATE_H
#define OPENCICD_SCHEDULER_CREATE_H

#include "services/scheduler/run/planner.h"
#include "services/scheduler/run/run_model.h"
#include "services/scheduler/store/project_store.h"
#include "services/scheduler/store/run_store.h"
#include "services/scheduler/unit/self.h"

#define PAYLOAD_MAX (768 << 10) // Bytes of github.event: what is offered with it must fit MAX_DOC

typedef struct {
    const project_t *project;
    plan_t *plan;              // The workflow, read
    const char *path, *source; // The workflow file
    const char *event, *ref, *sha, *actor;
    const char *title; // Where there is no run-name; "" for the workflow's name
    const char *default_branch;
    int64_t number;         // Of the run, where the project was read under the lock; 0: it is read
    const value_t *payload; // github.event; NULL for an empty one
    const value_t *inputs;  // As they were given; NULL for none
    const char *vars;       // As variables_fetch gives them
    planned_files_t files;  // What it may call
    const char *selection;  // As planner_select takes it; NULL for all
    const char *pins;       // As run_pins_make gives them; NULL for none
} create_t;

// A run that was just made.
typedef struct {
    run_row_t row;
    const char *inputs; // JSON
    const run_model_t
        *model; // With the draft of each job, as it was written; NULL where more has happened to it since
} created_t;

// INVALID, with findings, if the workflow cannot run: then nothing was written.
MUST_USE fault_t create_run (scheduler_t *self, turn_t *turn, const create_t *from, created_t *out);
// Its jobs, as they would be read.
void created_jobs (turn_t *turn, const created_t *created, job_rows_t *out);
const char *create_actor (const turn_t *turn); // The caller, as github.actor

#endif
