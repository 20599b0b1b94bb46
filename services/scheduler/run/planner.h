/* planner.h - the scheduler's interface to workflow/: a parsed file, jobs, conditions and matrices, as plain values.
 *
 * planner.c is the only file here that knows workflow/'s model, and it knows no messages: both rooms have a job_t of their own. */

#ifndef OPENCICD_SCHEDULER_PLANNER_H
#define OPENCICD_SCHEDULER_PLANNER_H

#include "common/base/turn.h"
#include "proto/message.h"
#include "workflow/expression/value.h"

#include <stdint.h>

#define PLANNED_FILES 50 // That one run calls, at most; CALL_FILES

typedef struct plan plan_t; // A workflow file, read, and the contexts of a run of it

// A file that may be called: "./.github/workflows/x.yml", or "owner/repo/.github/workflows/x.yml@ref". It is read once, when it is needed.
typedef struct {
    const char *name;
    const char *text;
    size_t size;
    plan_t *plan;      // NULL: not read yet, or it
    const char *wrong; // cannot be
} planned_file_t;
// Another repository at a ref whose files were asked for, because a workflow calls one. "" where there is nothing to say.
typedef struct {
    const char *key, *url, *sha; // "owner/repo@ref", as `uses` has it; where it is; its commit
    const char *reason, *reference,
        *locked; // Why a file of it is not there; what locks it (pins.h), and to what
} planned_repository_t;

typedef struct {
    planned_file_t *items;
    size_t count;
    planned_repository_t *repositories;
    size_t repository_count;
} planned_files_t;

typedef struct {
    const char *name; // Lower case; "" for none
    bool cancel_in_progress, queue_all;
} group_t;

typedef struct {
    const char *key, *name;
    const char *needs;        // Lines
    bool runs_when_cancelled; // Its condition asks for always() or cancelled()
    bool calls;               // A workflow
} planned_job_t;

typedef struct {
    const char *title; // run-name; "" for none
    group_t group;
    const value_t *inputs; // Coerced, with defaults
} planned_run_t;

typedef struct {
    const char *name;
    const char *labels;            // As labels_of makes them
    const char *matrix, *strategy; // JSON
    int64_t timeout_minutes, cancel_minutes;
    bool continue_on_error;
    group_t group;
    const char *environment;                     // "" for none
    const value_t *with, *secrets, *permissions; // What a called workflow is given, and may have at most
} planned_cell_t;

typedef struct {
    const char *wrong;    // Why it cannot be planned, with its location; NULL if it can
    const char *location; // "FILE:LINE:COL" of the job
    bool runs;
    const char *reason; // It does not run
    bool fail_fast;
    int64_t max_parallel; // 0: no limit
    const planned_cell_t *cells;
    size_t cell_count;
    const char *definition, *needs; // JSON
    const char *calls;              // The name of the file that it calls; NULL for none
} planned_expansion_t;

typedef struct {
    const char *cron, *timezone; // timezone "" for UTC
} planned_schedule_t;

// An event as filters see it; what is NULL is unknown.
typedef struct {
    const char *name, *activity, *ref, *message, *workflow, *cron, *timezone;
    const char *const *paths;
    size_t path_count;
    size_t *steps; // What matching them may still take; see workflow/plan/filter.h
} planned_event_t;

// INVALID: its detail is all findings, "FILE:LINE:COL: message" a line.
MUST_USE fault_t planner_read (turn_t *turn, const char *file, const char *bytes, size_t size, plan_t **out);
const char *planner_name (arena_t *arena, const plan_t *self); // The workflow's, or its file's
const char *planner_file_name (const plan_t *self);
bool planner_takes (const plan_t *self, const char *event);
bool planner_triggered (turn_t *turn, const plan_t *self, const planned_event_t *event, const char **reason);
size_t planner_schedules (arena_t *arena, const plan_t *self, const planned_schedule_t **out);
size_t planner_jobs (arena_t *arena, const plan_t *self, const planned_job_t **out); // In file order

// A run is made. `inputs` as they were given. INVALID likewise.
MUST_USE fault_t planner_dispatch (turn_t *turn, const plan_t *self, const value_t *given,
                                   const value_t **out); // Inputs of workflow_dispatch, coerced and complete
MUST_USE fault_t planner_run (turn_t *turn, plan_t *self, const value_t *github, const value_t *vars,
                              const value_t *inputs, planned_run_t *out);
// Only a part of it from now on: {"jobs": [KEY], "no_needs": false, "matrix": ["KEY:VALUE"]}, "" for all. INVALID likewise.
MUST_USE fault_t planner_select (turn_t *turn, plan_t *self, const char *selection);
// The run was made before.
void planner_resume (plan_t *self, const value_t *github, const value_t *vars, const value_t *inputs);
// A job's needs are done: `finished` is {"build": {"result": "success", "outputs": {}}}. *bytes is what its expressions may read and
// build; it becomes less.
void planner_expand (turn_t *turn, const plan_t *self, const char *key, const value_t *finished,
                     bool cancelled, size_t *bytes, planned_expansion_t *out);
// What the cells of a job add up to: an entry of `finished`.
const value_t *planner_outcome (arena_t *arena, const value_t *const *cells, size_t count);
const value_t *planner_json (arena_t *arena, const char *text); // null where it is not JSON

#endif
