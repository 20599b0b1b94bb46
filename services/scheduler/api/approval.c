/* approval.c - jobs that an environment holds back: what it wants is found out, and people approve or reject them.
 *
 * Its rules are asked of identity when a job is ready but for them (deployment_look, which a tick sends), so that they are those of now, and nothing that
 * advances a run waits for another service. What was decided stays with the deployment, as long as its run is kept. */

#include "common/base/metrics.h"
#include "proto/rights.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/api/view.h"
#include "services/scheduler/run/create.h"
#include "services/scheduler/run/engine.h"
#include "services/scheduler/run/gate.h"
#include "services/scheduler/unit/emit.h"
#include "services/scheduler/unit/unit.h"

#include <strings.h>

static void count (const char *result)
{
    metric_add (metrics_counter ("opencicd_deployments_total", "result", result,
                                 "Jobs that an environment held back, by what became of them"),
                1);
}

// ---- what its environment wants ----

// It may run, or waits on.
static fault_t go_on (scheduler_t *self, turn_t *turn, deployment_row_t *row, const job_row_t *job)
{
    bool opens = gate_opens (row, turn->now_us);
    TRY (deployment_store_save (self->db, turn, row));
    if (opens) {
        count ("opened");
        return job_open (self, turn, job);
    }
    if (row->due_at)
        actor_tick_at (turn, row->due_at);
    return emit_job (self, turn, &job->job); // Its reason to wait has changed
}

static fault_t refuse (scheduler_t *self, turn_t *turn, deployment_row_t *row, job_row_t *job,
                       const char *reason)
{
    row->shown.state = deployment_refused;
    row->due_at = 0;
    TRY (deployment_store_save (self->db, turn, row));
    return job_end (self, turn, job, result_failure, reason);
}

static fault_t begin (scheduler_t *self, turn_t *turn, deployment_row_t *row, job_row_t *job,
                      const environment_t *rules)
{
    const char *reason = gate_refusal (turn, rules, row->shown.ref);
    if (reason) {
        count ("refused");
        return refuse (self, turn, row, job, reason);
    }
    gate_begin (row, rules);
    return go_on (self, turn, row, job);
}

static bool is_over (const deployment_row_t *row, const job_row_t *job, const run_row_t *run)
{
    return job->job.state != job_pending || run->run.attempt != row->shown.run_attempt;
}

HANDLER (deployment_look)
{
    scheduler_t *self = context;
    const deployment_look_t *ask = asked;
    deployment_row_t row;
    job_row_t job;
    run_row_t run;
    environment_t rules;
    (void) answered;
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "this is for services");
    TRY (job_store_find (self->db, turn, ask->job, &job));
    TRY (deployment_store_find (self->db, turn, ask->job, ask->run_attempt, &row));
    if (row.shown.state == deployment_asked)
        TRY (actor_call (
            turn, MSG_environment_show,
            &(environment_show_t){.project = job.job.project_id, .environment = row.shown.environment},
            &rules));
    TRY (unit_write (self, turn));
    // Under the lock: somebody may have approved it, or cancelled its run, meanwhile
    TRY (job_store_find (self->db, turn, ask->job, &job));
    TRY (run_store_find (self->db, turn, job.job.run_id, &run));
    uint32_t before = row.shown.state;
    TRY (deployment_store_find (self->db, turn, ask->job, ask->run_attempt, &row));
    if (is_over (&row, &job, &run))
        return deployment_store_close (self->db, turn, ask->job, ask->run_attempt);
    if (row.shown.state != before || (before != deployment_asked && before != deployment_waiting))
        return OK;
    return before == deployment_asked ? begin (self, turn, &row, &job, &rules)
                                      : go_on (self, turn, &row, &job);
}

// ---- what people say ----

static fault_t approve (scheduler_t *self, turn_t *turn, deployment_row_t *row, const run_approve_t *ask)
{
    job_row_t job;
    bool rejected = same (ask->decision, "rejected");
    TRY (job_store_find (self->db, turn, row->shown.job_id, &job));
    row->shown.decided_by = create_actor (turn);
    row->shown.decided_at = turn->now_us;
    row->shown.comment = ask->comment;
    count (ask->decision);
    if (!rejected)
        return go_on (self, turn, row, &job);
    const char *reason =
        arena_printf (turn->arena, "%s rejected its deployment to %s%s%s", row->shown.decided_by,
                      row->shown.environment, *ask->comment ? ": " : "", ask->comment);
    return refuse (self, turn, row, &job, arena_strndup (turn->arena, reason, MAX_TEXT));
}

static bool is_meant (const deployment_row_t *row, const run_approve_t *ask)
{
    const deployment_t *shown = &row->shown;
    return shown->state == deployment_waiting && gate_needs_approval (row) &&
           (!*ask->environment || strcasecmp (shown->environment, ask->environment) == 0) &&
           (!*ask->job || same (shown->job_id, ask->job));
}

static fault_t approve_all (scheduler_t *self, turn_t *turn, const run_approve_t *ask)
{
    deployment_rows_t rows;
    const deployment_row_t *denied = NULL;
    size_t done = 0;
    TRY (deployment_store_of_run (self->db, turn, ask->run, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        deployment_row_t *row = &rows.items[i];
        if (!is_meant (row, ask))
            continue;
        if (!gate_may_decide (row, &turn->caller)) {
            denied = row;
            continue;
        }
        TRY (approve (self, turn, row, ask));
        done++;
    }
    if (done > 0)
        return OK;
    return denied ? turn_fail (turn, FORBIDDEN, "%s%s", gate_reason (turn, denied),
                               denied->no_self_review ? ", and not by whoever started the run" : "")
                  : turn_fail (turn, CONFLICT, "nothing of this run that you mean waits for an approval");
}

HANDLER (run_approve)
{
    scheduler_t *self = context;
    const run_approve_t *ask = asked;
    run_row_t run;
    if (!same (ask->decision, "approved") && !same (ask->decision, "rejected"))
        return turn_fail (turn, INVALID, "decision: must be approved or rejected");
    TRY (unit_write (self, turn));
    TRY (run_store_find (self->db, turn, ask->run, &run));
    TRY (approve_all (self, turn, ask));
    return show_run (self, turn, ask->run, answered);
}

// ---- what waits ----

static void show_rows (const turn_t *turn, const deployment_rows_t *rows, bool mine, deployment_items_t *out)
{
    out->items = arena_array (turn->arena, rows->count + 1, sizeof *out->items);
    for (size_t i = 0; i < rows->count; i++) {
        deployment_t *shown = &rows->items[i].shown;
        shown->mine = gate_may_decide (&rows->items[i], &turn->caller);
        if (shown->mine || !mine)
            out->items[out->count++] = *shown;
    }
}

HANDLER (approval_list)
{
    scheduler_t *self = context;
    const approval_list_t *ask = asked;
    deployment_page_t *page = answered;
    deployment_rows_t rows;
    TRY (deployment_store_waiting (self->db, turn, rights_scope (turn), ask->cursor, page_limit (ask->limit),
                                   &rows, &page->next));
    show_rows (turn, &rows, ask->mine, &page->items);
    return OK;
}

HANDLER (run_deployments)
{
    scheduler_t *self = context;
    const run_deployments_t *ask = asked;
    deployment_page_t *page = answered;
    deployment_rows_t rows;
    run_row_t run;
    TRY (run_store_find (self->db, turn, ask->run, &run));
    TRY (deployment_store_of_run (self->db, turn, ask->run, &rows));
    rows.count = rows.count > MAX_PAGE ? MAX_PAGE : rows.count;
    show_rows (turn, &rows, false, &page->items);
    page->next = "";
    return OK;
}
