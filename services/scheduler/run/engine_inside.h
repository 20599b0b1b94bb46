/* engine_inside.h - what the engine's own files share: its work list, and the parts of its loop. */

#ifndef OPENCICD_SCHEDULER_ENGINE_INSIDE_H
#define OPENCICD_SCHEDULER_ENGINE_INSIDE_H

#include "services/scheduler/run/engine.h"
#include "services/scheduler/run/plan_cache.h"
#include "services/scheduler/run/planner.h"
#include "services/scheduler/run/run_model.h"

#define ENGINE_FACTS \
    100000 // Of one call; each frees or ends another run or job, so that there are no more than there are of those
// Of what expressions may read and build from one call on: they are evaluated in the actor's thread, at some 10 ms a MiB, and others wait
// meanwhile. Past it the jobs that become ready fail.
#define ENGINE_EXPRESSIONS (8 << 20)
#define ENGINE_BYTES       (64 << 20) // That one settling may plan: past it what becomes ready fails

typedef enum {
    FACT_BEGIN,    // The run's turn has come
    FACT_ENDED,    // A job, with what `row` says
    FACT_FREED,    // The group that a job waits for is its own now
    FACT_OPENED,   // The environment that held a job back lets it go
    FACT_STOP_JOB, //
    FACT_STOP_RUN, //
} fact_kind_t;

typedef struct {
    fact_kind_t kind;
    const char *run, *job;
    job_row_t *row;
    result_t result;
    stop_level_t how;
    const char *reason;
    const run_rows_t *asked; // What the run is read of, where it was asked for before
} fact_t;

typedef struct {
    scheduler_t *self;
    turn_t *turn;
    fact_t *facts;
    size_t head, count, capacity;
    // The run that is settled now
    run_model_t *model;
    run_plans_t *plans; // NULL until they are needed
    bool creating;      // Nothing has been written: what is past a limit is refused as a whole
    size_t planned;     // Bytes
    size_t expressions; // Bytes that those of jobs which become ready may still read and build
} run_engine_t;

run_engine_t run_engine_new (scheduler_t *self, turn_t *turn);
MUST_USE fault_t engine_push (run_engine_t *engine, const fact_t *fact);
MUST_USE fault_t engine_work (run_engine_t *engine); // Until the list is empty

// The run of `model` is settled. Without `may_claim` it stops before the first group is claimed.
MUST_USE fault_t engine_settle (run_engine_t *engine, bool may_claim);
MUST_USE fault_t engine_write (run_engine_t *engine); // The difference, and groups that were left

// ---- expand.c, call.c ----
MUST_USE fault_t engine_expand (run_engine_t *engine, size_t node);
MUST_USE fault_t engine_call (run_engine_t *engine, size_t cell);
MUST_USE fault_t engine_return (run_engine_t *engine, size_t cell);
// The plan that a node is of. *wrong is the reason if it can no longer be read.
MUST_USE fault_t engine_plan (run_engine_t *engine, size_t node, const plan_t **out, const char **wrong);
// Nodes for a workflow's jobs, below `caller` (DAG_NONE: the run's own).
void engine_add_nodes (run_engine_t *engine, const plan_t *plan, size_t caller);
// Is there room for this many more jobs?
bool engine_has_room (const run_engine_t *engine, size_t more);
const char *engine_too_many (const run_engine_t *engine, size_t more);

// ---- claim_group.c ----
MUST_USE fault_t group_is_free (run_engine_t *engine, const run_row_t *run, bool *free);
MUST_USE fault_t group_claim_for_run (run_engine_t *engine, const run_row_t *run, bool *holds,
                                      const char **refused);
MUST_USE fault_t engine_claim (run_engine_t *engine, size_t cell);
MUST_USE fault_t group_release (run_engine_t *engine, const char *project, const char *name,
                                const char *owner);

// ---- group_circle.c ----
// Why `cell` may not wait for `holder` of `group`: it would wait for itself. NULL: it may. `stops`: the holder is about to be cancelled.
MUST_USE fault_t group_circle (run_engine_t *engine, size_t cell, const char *group, const char *holder,
                               bool stops, const char **circle);

// ---- stop.c ----
// A job that waits for an agent, or has one, is asked to stop; without an agent it ends.
MUST_USE fault_t engine_ask_to_stop (run_engine_t *engine, size_t cell);

MUST_USE fault_t job_leave_queue (scheduler_t *self, turn_t *turn, const job_row_t *row);

#endif
