/* plan.h - from a workflow and an event to runs, jobs and cells. For the scheduler; pure: the world comes in as values.
 *
 * Three moments: an event arrives (workflow_triggered), a run is made (plan_run), a job's needs are done
 * (plan_expand). Contexts are value_t objects shaped as GitHub documents them. The `github` object given here should
 * hold all that is known then (event_name, event, ref, sha, ...); unknown properties evaluate to null. */

#ifndef OPENCICD_WORKFLOW_PLAN_H
#define OPENCICD_WORKFLOW_PLAN_H

#include "workflow/model/job_time.h"
#include "workflow/plan/filter.h"
#include "workflow/plan/plan_context.h"
#include "workflow/plan/plan_dag.h"

#define PLAN_LABELS 64 // Labels of one job

typedef struct {
    const char *run_name; // NULL: none declared
    plan_concurrency_t concurrency;
    const value_t *inputs; // Of workflow_dispatch: given ones, coerced, and defaults; else as given
} plan_run_t;

// The static part. `context->inputs` holds what the trigger gave. INVALID with findings (a wrong input, a bad
// expression).
MUST_USE fault_t plan_run (arena_t *arena, const workflow_t *workflow, const plan_context_t *context,
                           findings_t *findings, plan_run_t *out);

// What a caller gives to an interface: coerced to the declared types, defaults filled in. INVALID with findings.
MUST_USE fault_t plan_inputs (arena_t *arena, const interface_t *interface, const value_t *given,
                              const plan_context_t *context, findings_t *findings, const value_t **out);

typedef struct {
    const char *name; // "test (linux, 12)"; what a person sees
    const char *const *labels;
    size_t label_count;
    const char *group;       // runs-on.group; NULL: none
    int64_t timeout_minutes; // > 0
    int64_t cancel_minutes;  // > 0: cancel-timeout-minutes
    bool continue_on_error;
    plan_concurrency_t concurrency;
    const char *environment, *environment_url; // NULL: none. The url is still a template
    const value_t *matrix;                     // The cell's; null value where there is no matrix
    const value_t *strategy;                   // {"fail-fast", "job-index", "job-total", "max-parallel"}
    const value_t *with, *secrets;             // Of a reusable workflow: evaluated; NULL otherwise
} plan_cell_t;

typedef struct {
    bool runs;          // False: the job is skipped
    const char *reason; // Why it does not run: one sentence
    bool fail_fast;
    int64_t max_parallel; // 0: no limit
    const plan_cell_t *cells;
    size_t cell_count;
    const char *definition; // JSON for job_load; the same for all cells
} plan_expansion_t;

// When all of `job->needs` are in context->jobs. INVALID with findings (a matrix that is none, more than PLAN_CELLS).
MUST_USE fault_t plan_expand (arena_t *arena, const workflow_t *workflow, const job_t *job,
                              const plan_context_t *context, findings_t *findings, plan_expansion_t *out);

// The definition alone, without evaluating anything. `caller` as plan_context_t has it.
const char *plan_definition (arena_t *arena, const job_t *job, const value_t *caller);

#endif
