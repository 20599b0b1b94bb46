/* wait_reason.c - see wait_reason.h. */

#include "services/scheduler/api/wait_reason.h"

#include "common/base/id.h"
#include "common/base/line.h"
#include "services/scheduler/dispatch/supply.h"
#include "services/scheduler/run/engine.h"
#include "services/scheduler/run/gate.h"
#include "services/scheduler/store/concurrency_store.h"
#include "services/scheduler/unit/lease_clock.h"

static fault_t count_before (const wait_reasons_t *self, const job_row_t *row, int64_t *before)
{
    const waiting_t waiting = job_waiting (row);
    if (!self->newest)
        return waiting_store_before (self->scheduler->db, self->turn, &waiting, before);
    if (self->size_rows && same (self->size_labels, row->labels)) {
        *before = waiting_store_read_size (self->size_rows) + self->added;
    } else {
        TRY (waiting_store_size (self->scheduler->db, self->turn, &waiting, before));
        *before -= *before > 0; // Itself
    }
    *before = *before > BEFORE_MAX ? BEFORE_MAX : *before;
    return OK;
}

static fault_t read_supply (wait_reasons_t *self)
{
    const rows_t *rows;
    turn_t *turn = self->turn;
    supply_t *supply = arena_alloc (turn->arena, sizeof *supply);
    TRY (supply_store_all_later (self->scheduler->db, turn, lease_now (self->scheduler), &rows));
    TRY (db_wait (self->scheduler->db, turn));
    supply_store_read_all (turn, rows, supply);
    self->supply = supply;
    return OK;
}

static fault_t find_standing (wait_reasons_t *self, const char *labels, standing_t *out)
{
    db_t *db = self->scheduler->db;
    supply_of_t asked = self->asked;
    if (!asked.rows || !same (asked.labels, labels)) {
        TRY (supply_store_of_later (db, self->turn, lease_now (self->scheduler), labels, &asked));
        TRY (db_wait (db, self->turn));
    }
    supply_store_read_of (&asked, out);
    if (out->state != SUPPLY_NONE)
        return OK;
    return offered_store_missing (db, self->turn, labels, &out->any, &out->missing);
}

// Of a few sets of labels the agents for them are looked for. Whoever lists jobs of many sets reads all agents once.
fault_t wait_reason_labels (wait_reasons_t *self, const char *labels, const labels_reason_t **out)
{
    labels_reason_t *reason = &self->last;
    standing_t standing;
    *out = reason;
    for (size_t i = 0; i < self->reason_count; i++)
        if (same (self->reasons[i].labels, labels)) {
            *out = &self->reasons[i];
            return OK;
        }
    if (self->last.labels && same (self->last.labels, labels))
        return OK;
    if (self->reason_count < REASON_SETS && line_count (labels) <= ASKED_LABELS) {
        TRY (find_standing (self, labels, &standing));
        *out = reason = &self->reasons[self->reason_count++];
    } else {
        if (!self->supply)
            TRY (read_supply (self));
        standing = supply_standing (self->turn->arena, self->supply, labels);
    }
    *reason = (labels_reason_t){labels, supply_reason (self->turn->arena, &standing, labels), standing};
    return OK;
}

static fault_t explain_queued (wait_reasons_t *self, job_row_t *row)
{
    const labels_reason_t *reason;
    TRY (wait_reason_labels (self, row->labels, &reason));
    row->job.wait_reason = reason->text;
    if (!self->positions || reason->standing.state != SUPPLY_BUSY)
        return OK;
    int64_t before = 0;
    TRY (count_before (self, row, &before));
    if (before > 0)
        row->job.wait_reason =
            arena_printf (self->turn->arena, "%s; %lld%s %s before it", reason->text, (long long) before,
                          before == BEFORE_MAX ? " or more" : "", before == 1 ? "job is" : "jobs are");
    return OK;
}

// Names the holder for people.
static fault_t holder_name (scheduler_t *self, turn_t *turn, const char *owner, const char **out)
{
    run_row_t run;
    job_row_t job;
    if (id_is (owner, 'r')) {
        TRY (run_store_find (self->db, turn, owner, &run));
        *out = arena_printf (turn->arena, "run %lld", (long long) run.run.number);
        return OK;
    }
    TRY (job_store_find (self->db, turn, owner, &job));
    TRY (run_store_find (self->db, turn, job.job.run_id, &run));
    *out = arena_printf (turn->arena, "job %s of run %lld", job.job.name, (long long) run.run.number);
    return OK;
}

static fault_t explain_group (wait_reasons_t *self, const char *project, const char *group, const char **out)
{
    scheduler_t *scheduler = self->scheduler;
    turn_t *turn = self->turn;
    claimants_t claimants;
    const char *holder;
    if (!self->group || !same (self->group, group)) {
        self->group = group;
        self->group_reason = "";
        TRY (concurrency_store_of_group (scheduler->db, turn, project, group, &claimants));
        if (claimants.count > 0 && claimants.items[0].held) {
            TRY (holder_name (scheduler, turn, claimants.items[0].owner, &holder));
            self->group_reason =
                arena_printf (turn->arena, "the concurrency group %s is held by %s", group, holder);
        }
    }
    *out = self->group_reason;
    return OK;
}

static const char *explain_needs (turn_t *turn, const dag_t *dag, const dag_node_t *node)
{
    const char *text = "";
    size_t named = 0;
    for (size_t i = 0; i < node->need_count && named < REASON_NEEDS; i++) {
        const dag_node_t *need = &dag->nodes[node->needs[i]];
        if (need->state != NODE_FINISHED)
            text = arena_printf (turn->arena, "%s%s%s", text, named++ > 0 ? ", " : "", need->key);
    }
    return node->needs_left > named
               ? arena_printf (turn->arena, "waits for %s and %zu more", text, node->needs_left - named)
               : arena_printf (turn->arena, "waits for %s", text);
}

static fault_t explain_environment (wait_reasons_t *self, const char *job, const char **out)
{
    deployment_row_t row;
    fault_t fault = deployment_store_latest (self->scheduler->db, self->turn, job, &row);
    if (fault == OK)
        *out = gate_reason (self->turn, &row);
    return fault == NOT_FOUND ? OK : fault; // Removed with its run a moment ago
}

// NULL where this answer has explained jobs of too many runs.
static fault_t model_of (wait_reasons_t *self, const char *run, const run_model_t **out)
{
    run_row_t row;
    run_model_t *model;
    *out = NULL;
    for (size_t i = 0; i < self->model_count; i++)
        if (same (self->models[i]->run.run.id, run))
            *out = self->models[i];
    if (*out || self->model_count == REASON_RUNS)
        return OK;
    if (self->model_count == 0)
        run_models_trim (self->scheduler);
    TRY (run_store_find (self->scheduler->db, self->turn, run, &row));
    TRY (run_model_read (self->scheduler, self->turn, &row, &model));
    self->models[self->model_count++] = *out = model;
    return OK;
}

static fault_t explain_pending (wait_reasons_t *self, job_row_t *row)
{
    const run_model_t *model;
    const char **reason = &row->job.wait_reason;
    *reason = states_job.rows[job_pending].text;
    TRY (model_of (self, row->job.run_id, &model));
    size_t cell = model ? dag_cell (&model->dag, row->job.id) : DAG_NONE;
    if (cell == DAG_NONE)
        return OK;
    const dag_node_t *node = &model->dag.nodes[model->dag.cells[cell].node];
    switch (dag_holds (&model->dag, cell)) {
    case HOLD_RUN: return explain_group (self, row->job.project_id, model->run.concurrency, reason);
    case HOLD_GROUP: return explain_group (self, row->job.project_id, row->concurrency, reason);
    case HOLD_NEEDS: *reason = explain_needs (self->turn, &model->dag, node); return OK;
    case HOLD_GATE: return explain_environment (self, row->job.id, reason);
    case HOLD_CALLER: *reason = "waits for the job that calls its workflow"; return OK;
    case HOLD_PARALLEL:
        *reason = arena_printf (self->turn->arena, "max-parallel: %lld of its matrix run",
                                (long long) node->max_parallel);
        return OK;
    default: return OK;
    }
}

fault_t wait_reason_job (wait_reasons_t *self, job_row_t *row)
{
    if (row->job.state == job_queued)
        return explain_queued (self, row);
    return row->job.state == job_pending ? explain_pending (self, row) : OK;
}

fault_t wait_reason_run (wait_reasons_t *self, run_row_t *row)
{
    if (row->run.state != run_pending || !*row->concurrency)
        return OK;
    return explain_group (self, row->run.project_id, row->concurrency, &row->run.wait_reason);
}
