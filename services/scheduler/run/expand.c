/* expand.c - a node whose needs are done becomes jobs, one for each cell of its matrix.
 *
 * Rows of an earlier expansion are kept: for a rerun of failed jobs those that succeeded stay as they are. All that is wrong is found
 * before anything of it is added, each job held against the limits of the messages that will carry it: a row that
 * could not be shown or offered is never written. */

#include "proto/strs.h"
#include "services/scheduler/run/engine_inside.h"

#include "common/base/id.h"
#include "common/base/json.h"
#include "services/scheduler/base/labels.h"

#define OFFER_ROOM (16 << 10) // Of an offer's contexts, for what an attempt adds to them

// The cells of a node as they will be, before they are.
typedef struct {
    run_engine_t *engine;
    size_t node;
    const plan_t *plan;
    const planned_expansion_t *planned;
    cell_draft_t *drafts; // One for each planned cell
    size_t *cells;        // Those that are there already, in order
    size_t inputs_size;   // Bytes of the inputs and secrets of its workflow, as each job gets them
} expansion_t;

// What passes a limit refuses a run that is being made; later it fails its job.
static fault_t refuse (expansion_t *self, const char *reason)
{
    run_engine_t *engine = self->engine;
    const dag_node_t *node = &engine->model->dag.nodes[self->node];
    if (engine->creating)
        return turn_fail (engine->turn, INVALID, "%s: job \"%s\": %s", self->planned->location, node->key,
                          reason);
    dag_skip_node (&engine->model->dag, self->node, result_failure, reason);
    return OK;
}

static void fill (turn_t *turn, const planned_cell_t *cell, job_row_t *row)
{
    row->job.name = cell->name;
    row->job.labels = strs_split (turn->arena, cell->labels);
    row->labels = cell->labels;
    row->job.matrix = cell->matrix;
    row->strategy = cell->strategy;
    row->job.continue_on_error = cell->continue_on_error;
    row->timeout_minutes = cell->timeout_minutes;
    row->cancel_minutes = cell->cancel_minutes;
    row->concurrency = cell->group.name;
    row->concurrency_cancel = cell->group.cancel_in_progress;
    row->concurrency_all = cell->group.queue_all;
    row->job.environment = cell->environment;
    row->gated = *cell->environment != 0;
}

// Is it pending, and is it there at all?
static bool is_open (const expansion_t *self, size_t index)
{
    const dag_t *dag = &self->engine->model->dag;
    return index >= dag->nodes[self->node].cell_count || dag->cells[self->cells[index]].state == job_pending;
}

// Its row is one of those that are being made.
static bool is_fresh (const run_model_t *model, size_t cell)
{
    const cell_draft_t *draft = model->dag.cells[cell].row;
    return draft && draft->fresh;
}

static void draft_cells (expansion_t *self)
{
    turn_t *turn = self->engine->turn;
    run_model_t *model = self->engine->model;
    const dag_node_t *node = &model->dag.nodes[self->node];
    self->cells = arena_array (turn->arena, node->cell_count + 1, sizeof *self->cells);
    size_t count = 0;
    for (size_t i = node->first_cell; i != DAG_NONE; i = model->dag.cells[i].next)
        self->cells[count++] = i;
    self->drafts = arena_array (turn->arena, self->planned->cell_count + 1, sizeof *self->drafts);
    for (size_t i = 0; i < self->planned->cell_count; i++) {
        cell_draft_t *draft = &self->drafts[i];
        *draft = *cell_draft_new (turn, model, self->cells[i < count ? i : 0]);
        draft->fresh = i < count && is_fresh (model, self->cells[i]);
        if (i >= count) {
            draft->fresh = true;
            draft->row.job.id = id_new (turn->arena, 'j', turn->now_us);
            draft->row.job.created_at = turn->now_us;
            draft->row.cell = (int64_t) i;
        }
        draft->filled = true;
        fill (turn, &self->planned->cells[i], &draft->row);
    }
}

// What each cell gives to the workflow that it calls is checked.
static fault_t prepare_calls (expansion_t *self, const char **wrong)
{
    run_engine_t *engine = self->engine;
    *wrong = NULL;
    for (size_t i = 0; i < self->planned->cell_count && self->planned->calls; i++) {
        cell_draft_t *draft = &self->drafts[i];
        const plan_t *called;
        if (!is_open (self, i))
            continue;
        fault_t fault =
            run_plans_call (engine->self, engine->turn, engine->plans, self->plan, self->planned->calls,
                            draft->row.job.id, draft->row.job.name, &self->planned->cells[i], &called);
        if (fault == INVALID) {
            *wrong = engine->turn->detail;
            engine->turn->detail = NULL;
            return OK;
        }
        TRY (fault);
        draft->call_file = self->planned->calls;
        draft->call_inputs = value_to_json (engine->turn->arena, planner_inputs (called), 0);
        draft->call_secrets = value_to_json (engine->turn->arena, planner_secrets (called), 0);
    }
    return OK;
}

// Why this job could not be shown or offered; NULL where it can.
static const char *past_limits (expansion_t *self, const job_row_t *row)
{
    turn_t *turn = self->engine->turn;
    job_t job = row->job;
    job.wait_reason = job.log_sha256 = "";
    job.outputs = "{}";
    job.needs = strs_split (turn->arena, row->needs);
    const char *detail = turn->detail, *reason = NULL;
    if (message_check (MESSAGE (job), turn, &job) != OK)
        reason = turn->detail;
    turn->detail = detail;
    size_t nesting = json_nesting (row->job.matrix, strlen (row->job.matrix));
    if (!reason && nesting > MAX_NESTING)
        reason =
            arena_printf (turn->arena, "its matrix is nested %zu deep; at most %d", nesting, MAX_NESTING);
    size_t contexts = self->engine->plans->github_size + self->inputs_size + strlen (self->planned->needs) +
                      strlen (row->job.matrix) + strlen (row->strategy) + self->engine->plans->vars_size +
                      OFFER_ROOM;
    if (!reason && !row->calls && contexts > MAX_DOC)
        reason =
            arena_printf (turn->arena,
                          "its event, inputs, matrix and the outputs that it needs are %zu bytes; at most %d"
                          " fit what an agent is offered",
                          contexts, MAX_DOC);
    return reason;
}

static const char *what_is_too_much (expansion_t *self)
{
    run_engine_t *engine = self->engine;
    const planned_expansion_t *planned = self->planned;
    size_t there = engine->model->dag.nodes[self->node].cell_count;
    size_t more = planned->cell_count > there ? planned->cell_count - there : 0;
    if (!engine_has_room (engine, more))
        return engine_too_many (engine, more);
    engine->planned += strlen (planned->definition) + strlen (planned->needs);
    for (size_t i = 0; i < planned->cell_count; i++) {
        const char *reason = past_limits (self, &self->drafts[i].row);
        if (reason)
            return reason;
        engine->planned += strlen (planned->cells[i].matrix) + strlen (planned->cells[i].strategy);
    }
    if (engine->planned > ENGINE_BYTES)
        return arena_printf (engine->turn->arena, "the jobs that become ready with it are more than %d bytes",
                             ENGINE_BYTES);
    return NULL;
}

// Cells that are there and pending are filled, those that are missing are made, those that are too many end.
static void add_cells (expansion_t *self)
{
    run_model_t *model = self->engine->model;
    dag_t *dag = &model->dag;
    size_t there = dag->nodes[self->node].cell_count;
    for (size_t i = 0; i < self->planned->cell_count; i++) {
        cell_draft_t *draft = &self->drafts[i];
        const job_row_t *row = &draft->row;
        dag_cell_t like = {
            .id = row->job.id,
            .name = arena_strdup (model->arena, row->job.name),
            .node = self->node,
            .number = (int64_t) i,
            .calls = row->calls,
            .forgiven = row->job.continue_on_error,
            .grouped = *row->concurrency != 0,
            .gated = row->gated,
            .row = draft,
        };
        if (i >= there)
            run_model_add_cell (model, &like);
        else if (is_open (self, i))
            dag_fill_cell (dag, self->cells[i], &like);
    }
    for (size_t i = self->planned->cell_count; i < there; i++)
        if (dag->cells[self->cells[i]].state == job_pending)
            dag_end_cell (dag, self->cells[i], result_skipped, "the matrix has no such cell any more");
}

static fault_t run_cells (expansion_t *self)
{
    run_engine_t *engine = self->engine;
    const char *wrong;
    draft_cells (self);
    const value_t *secrets = planner_secrets (self->plan);
    self->inputs_size = strlen (value_to_json (engine->turn->arena, planner_inputs (self->plan), 0)) +
                        (secrets ? strlen (value_to_json (engine->turn->arena, secrets, 0)) : 0);
    const char *too_much = what_is_too_much (self);
    if (too_much)
        return refuse (self, too_much);
    TRY (prepare_calls (self, &wrong));
    if (wrong) {
        dag_skip_node (&engine->model->dag, self->node, result_failure, wrong);
        return OK;
    }
    add_cells (self);
    node_draft_t *draft = node_draft (engine->turn, engine->model, self->node);
    draft->expanded = true;
    draft->definition = self->planned->definition;
    draft->needs_context = self->planned->needs;
    dag_run_node (&engine->model->dag, self->node, self->planned->fail_fast, self->planned->max_parallel);
    return OK;
}

fault_t engine_expand (run_engine_t *engine, size_t node)
{
    dag_t *dag = &engine->model->dag;
    const plan_t *plan;
    const char *wrong;
    const value_t *finished;
    planned_expansion_t planned = {0};
    bool cancelled = dag->cancelled != CANCEL_NO;
    TRY (engine_plan (engine, node, &plan, &wrong));
    if (!wrong) {
        TRY (node_context (engine->self, engine->turn, engine->model, node, &finished));
        planner_expand (engine->turn, plan, job_own_key (dag->nodes[node].key), finished, cancelled,
                        &engine->expressions, &planned);
        wrong = planned.wrong;
    }
    if (!wrong && planned.runs)
        return run_cells (&(expansion_t){.engine = engine, .node = node, .plan = plan, .planned = &planned});
    uint32_t result = wrong ? result_failure : cancelled ? result_cancelled : result_skipped;
    dag_skip_node (dag, node, result, wrong ? wrong : planned.reason);
    return OK;
}
