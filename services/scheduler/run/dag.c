/* dag.c - see dag.h: the graph, and its moves. dag_build.c makes it.
 *
 * To extend what can hold a job back, add a row to hold_t, a clause to node_holds or cell_holds, and the fact that ends it; wait_reason.c
 * has its text. */

#include "services/scheduler/run/dag.h"

#include "services/scheduler/run/dag_build.h"

#include <assert.h>

// ---- lists ----

static void list_add (dag_t *self, dag_list_t *list, size_t item)
{
    if (list->head == list->count)
        list->head = list->count = 0; // All were taken: reuse its room
    list->items = arena_grow (self->arena, list->items, list->count, &list->capacity, sizeof (size_t));
    list->items[list->count++] = item;
}

static bool list_take (dag_list_t *list, size_t *item)
{
    if (list->head == list->count)
        return false;
    *item = list->items[list->head++];
    return true;
}

// ---- single moves: what is not legal is our own mistake ----

static void touch_cell (dag_t *self, size_t index)
{
    if (!self->cells[index].touched)
        list_add (self, &self->touched_cells, index);
    self->cells[index].touched = true;
}

static void touch_node (dag_t *self, size_t index)
{
    if (!self->nodes[index].touched)
        list_add (self, &self->touched_nodes, index);
    self->nodes[index].touched = true;
}

static void move_cell (dag_t *self, size_t index, uint32_t state)
{
    assert (state_may (&states_job, self->cells[index].state, state));
    self->cells[index].state = state;
    touch_cell (self, index);
}

static void move_run (dag_t *self, uint32_t state)
{
    assert (state_may (&states_run, self->state, state));
    self->state = state;
    self->touched = true;
}

static void look (dag_t *self, size_t node)
{
    if (self->nodes[node].looked || self->nodes[node].state == NODE_FINISHED)
        return;
    self->nodes[node].looked = true;
    list_add (self, &self->look, node);
}

static void look_at_called (dag_t *self, const dag_cell_t *cell)
{
    for (size_t i = cell->first_called; i != DAG_NONE; i = self->nodes[i].next_called)
        look (self, i);
}

// ---- what holds back ----

static hold_t node_holds (const dag_t *self, const dag_node_t *node)
{
    if (self->state == run_pending)
        return HOLD_RUN;
    if (node->needs_left > 0)
        return HOLD_NEEDS;
    if (node->caller != DAG_NONE && self->cells[node->caller].state != job_running)
        return HOLD_CALLER;
    return HOLD_NONE;
}

hold_t dag_holds (const dag_t *self, size_t index)
{
    const dag_cell_t *cell = &self->cells[index];
    const dag_node_t *node = &self->nodes[cell->node];
    if (self->state == run_pending || node->state == NODE_PENDING)
        return node_holds (self, node);
    if (cell->gated &&
        !cell->open) // Before the group: nobody waits for a group while its holder waits for a person
        return HOLD_GATE;
    if (cell->claim == CLAIM_ASKED || cell->claim == CLAIM_WAITS)
        return HOLD_GROUP;
    if (cell->claim == CLAIM_NONE && node->max_parallel > 0 && node->started >= (size_t) node->max_parallel)
        return HOLD_PARALLEL;
    return HOLD_NONE;
}

// ---- a cell ----

static bool has_started (const dag_cell_t *cell)
{
    return cell->state != job_finished && (cell->state != job_pending || cell->claim != CLAIM_NONE);
}

// Nothing holds it back any more.
static void go (dag_t *self, size_t index)
{
    dag_cell_t *cell = &self->cells[index];
    self->nodes[cell->node].started += !has_started (cell);
    move_cell (self, index, cell->calls ? job_running : job_queued);
    if (!cell->calls)
        return;
    if (cell->first_called == DAG_NONE)
        list_add (self, &self->calls, index);
    else if (cell->called_left == 0)
        list_add (self, &self->returns, index);
    look_at_called (self, cell);
}

static void start_cell (dag_t *self, size_t index)
{
    dag_cell_t *cell = &self->cells[index];
    if (!cell->grouped || cell->claim == CLAIM_HELD) {
        go (self, index);
        return;
    }
    self->nodes[cell->node].started++;
    cell->claim = CLAIM_ASKED;
    touch_cell (self, index);
    list_add (self, &self->claims, index);
}

void dag_claimed (dag_t *self, size_t index, bool held)
{
    dag_cell_t *cell = &self->cells[index];
    if (cell->state != job_pending || cell->claim == CLAIM_NONE)
        return; // It has ended meanwhile
    cell->claim = held ? CLAIM_HELD : CLAIM_WAITS;
    if (held)
        look (self, cell->node);
}

void dag_open (dag_t *self, size_t index)
{
    dag_cell_t *cell = &self->cells[index];
    if (cell->state != job_pending)
        return; // It has ended meanwhile
    cell->open = true;
    touch_cell (self, index); // The run's version changes, so that other replicas read it again
    look (self, cell->node);
}

static void stop_cells (dag_t *self, const dag_node_t *node, stop_level_t how, const char *reason)
{
    for (size_t i = node->first_cell; i != DAG_NONE; i = self->cells[i].next) {
        dag_cell_t *cell = &self->cells[i];
        if (cell->state == job_finished || cell->stop >= how)
            continue;
        cell->stop = how;
        cell->reason = reason;
        list_add (self, &self->stopping, i);
    }
}

void dag_end_cell (dag_t *self, size_t index, uint32_t result, const char *reason)
{
    dag_cell_t *cell = &self->cells[index];
    dag_node_t *node = &self->nodes[cell->node];
    if (cell->state == job_finished)
        return;
    node->started -= has_started (cell);
    node->cells_left--;
    move_cell (self, index, job_finished);
    cell->result = result;
    cell->reason = reason;
    if (cell->claim != CLAIM_NONE)
        list_add (self, &self->released, index);
    cell->claim = CLAIM_NONE;
    if (result == result_failure && !cell->forgiven && node->state == NODE_RUNNING && node->fail_fast &&
        node->cells_left > 0)
        stop_cells (self, node, CANCEL_SOFT, arena_printf (self->arena, "%s failed (fail-fast)", cell->name));
    look (self, cell->node);
    look_at_called (self, cell); // Of an earlier attempt: they do not run without it
}

// ---- stops ----

// A cell that waits only for us ends at once; one with an agent, or about to get one, is asked; a caller ends with what it calls.
static void stop_now (dag_t *self, size_t index)
{
    const dag_cell_t *cell = &self->cells[index];
    if (cell->state == job_finished)
        return;
    if (cell->state == job_pending) {
        dag_end_cell (self, index, result_cancelled, cell->reason);
        return;
    }
    if (!cell->calls) {
        list_add (self, &self->stops, index);
        return;
    }
    for (size_t i = cell->first_called; i != DAG_NONE; i = self->nodes[i].next_called)
        if (self->nodes[i].state != NODE_FINISHED &&
            (cell->stop == CANCEL_HARD || !self->nodes[i].runs_when_cancelled))
            stop_cells (self, &self->nodes[i], cell->stop, cell->reason);
}

void dag_stop_cell (dag_t *self, size_t index, stop_level_t how, const char *reason)
{
    dag_cell_t *cell = &self->cells[index];
    if (cell->state == job_finished)
        return;
    // A repeated stop is passed on again: what it calls may have jobs that were not there the first time
    cell->stop = how > cell->stop ? how : cell->stop;
    cell->reason = reason;
    list_add (self, &self->stopping, index);
}

void dag_stop_run (dag_t *self, stop_level_t how, const char *reason)
{
    if (self->state == run_finished || self->cancelled >= how)
        return;
    bool waits = self->state == run_pending;
    self->cancelled = how;
    self->touched = true;
    if (self->state == run_running)
        move_run (self, run_cancelling);
    for (size_t i = 0; i < self->node_count; i++)
        // A run that has not begun has nothing to clean up: then always() does not count
        if (waits || how == CANCEL_HARD || !self->nodes[i].runs_when_cancelled)
            stop_cells (self, &self->nodes[i], how, reason);
}

// ---- ends ----

uint32_t dag_sum (const size_t counts[result_count], bool cancelled)
{
    size_t all = 0;
    for (size_t i = 0; i < result_count; i++)
        all += counts[i];
    if (cancelled && counts[result_cancelled] > 0)
        return result_cancelled;
    if (counts[result_failure] > 0)
        return result_failure;
    if (counts[result_cancelled] > 0)
        return result_cancelled;
    return all > 0 && counts[result_skipped] == all ? result_skipped : result_success;
}

static uint32_t sum_of_cells (const dag_t *self, const dag_node_t *node)
{
    size_t counts[result_count] = {0};
    for (size_t i = node->first_cell; i != DAG_NONE; i = self->cells[i].next) {
        const dag_cell_t *cell = &self->cells[i];
        counts[cell->result == result_failure && cell->forgiven ? result_success : cell->result]++;
    }
    // Failure, then cancelled, then success win, as plan_outcome has it
    return dag_sum (counts, false);
}

static uint32_t sum_of_nodes (const dag_t *self, size_t first)
{
    size_t counts[result_count] = {0};
    for (size_t i = first; i != DAG_NONE; i = self->nodes[i].next_called)
        counts[self->nodes[i].result]++;
    return dag_sum (counts, self->cancelled != CANCEL_NO);
}

static void end_node (dag_t *self, size_t index)
{
    dag_node_t *node = &self->nodes[index];
    node->state = NODE_FINISHED;
    node->result = sum_of_cells (self, node);
    touch_node (self, index);
    list_add (self, &self->finished, index);
    for (size_t i = 0; i < node->follower_count; i++)
        if (--self->nodes[node->followers[i]].needs_left == 0)
            look (self, node->followers[i]);
    if (node->caller != DAG_NONE && --self->cells[node->caller].called_left == 0)
        list_add (self, &self->returns, node->caller);
    if (--self->nodes_left == 0) {
        move_run (self, run_finished);
        self->result = sum_of_nodes (self, self->first_root);
    }
}

void dag_returned (dag_t *self, size_t index, const char *wrong)
{
    uint32_t result = sum_of_nodes (self, self->cells[index].first_called);
    dag_end_cell (self, index, wrong ? result_failure : result, wrong ? wrong : "");
}

// ---- looking at a node ----

// Its jobs do not run: the one that calls their workflow has ended without it.
static void leave_out (dag_t *self, const dag_node_t *node)
{
    bool cancelled = self->cells[node->caller].result == result_cancelled;
    for (size_t i = node->first_cell; i != DAG_NONE; i = self->cells[i].next)
        if (self->cells[i].state == job_pending)
            dag_end_cell (self, i, cancelled ? result_cancelled : result_skipped,
                          "the job that calls its workflow did not run");
}

static void start_cells (dag_t *self, const dag_node_t *node)
{
    for (size_t i = node->first_cell; i != DAG_NONE; i = self->cells[i].next)
        if (self->cells[i].state == job_pending && dag_holds (self, i) == HOLD_NONE)
            start_cell (self, i);
}

static void look_at (dag_t *self, size_t index)
{
    dag_node_t *node = &self->nodes[index];
    node->looked = false;
    if (node->state == NODE_FINISHED)
        return;
    if (node->state == NODE_PENDING && node->caller != DAG_NONE &&
        self->cells[node->caller].state == job_finished)
        leave_out (self, node);
    if (node->cells_left == 0)
        end_node (self, index);
    else if (node->state == NODE_RUNNING)
        start_cells (self, node);
    else if (!node->asked && node_holds (self, node) == HOLD_NONE) {
        node->asked = true;
        list_add (self, &self->expansions, index);
    }
}

// ---- the fixpoint ----

static bool still_asks (dag_t *self, dag_request_t request, size_t index)
{
    const dag_cell_t *cell = &self->cells[index];
    switch (request) {
    case DAG_EXPAND: {
        dag_node_t *node = &self->nodes[index];
        bool asks =
            node->state == NODE_PENDING && node->cells_left > 0 && node_holds (self, node) == HOLD_NONE;
        node->asked = asks;
        return asks;
    }
    case DAG_CALL: return cell->state == job_running && cell->first_called == DAG_NONE;
    case DAG_RETURN:
        return cell->state == job_running && cell->first_called != DAG_NONE && cell->called_left == 0;
    default: return cell->state == job_pending && cell->claim == CLAIM_ASKED;
    }
}

dag_request_t dag_settle (dag_t *self, bool may_claim, size_t *index)
{
    struct {
        dag_list_t *list;
        dag_request_t request;
    } asks[] = {{&self->expansions, DAG_EXPAND},
                {&self->calls, DAG_CALL},
                {&self->returns, DAG_RETURN},
                {&self->claims, DAG_CLAIM}};
    for (;;) {
        if (list_take (&self->stopping, index))
            stop_now (self, *index);
        else if (list_take (&self->look, index))
            look_at (self, *index);
        else
            break;
    }
    for (size_t i = 0; i < sizeof asks / sizeof *asks - !may_claim; i++)
        while (list_take (asks[i].list, index))
            if (still_asks (self, asks[i].request, *index))
                return asks[i].request;
    return DAG_SETTLED;
}

void dag_skip_node (dag_t *self, size_t index, uint32_t result, const char *reason)
{
    const dag_node_t *node = &self->nodes[index];
    self->nodes[index].asked = false;
    for (size_t i = node->first_cell; i != DAG_NONE; i = self->cells[i].next)
        if (self->cells[i].state == job_pending)
            dag_end_cell (self, i, result, reason);
}

void dag_run_node (dag_t *self, size_t index, bool fail_fast, int64_t max_parallel)
{
    dag_node_t *node = &self->nodes[index];
    node->asked = false;
    node->state = NODE_RUNNING;
    node->fail_fast = fail_fast;
    node->max_parallel = max_parallel;
    touch_node (self, index);
    look (self, index);
}

void dag_fill_cell (dag_t *self, size_t index, const dag_cell_t *like)
{
    dag_cell_t *cell = &self->cells[index];
    cell->name = like->name;
    cell->forgiven = like->forgiven;
    cell->grouped = like->grouped;
    cell->gated = like->gated;
    cell->open = false;
    cell->row = like->row;
    touch_cell (self, index);
}

void dag_called (dag_t *self, size_t index, size_t first)
{
    if (self->cells[index].first_called == DAG_NONE)
        dag_end_cell (self, index, result_success, ""); // A workflow without jobs
    for (size_t i = first; i < self->node_count; i++)
        look (self, i);
}

void dag_begin (dag_t *self)
{
    if (self->state != run_pending)
        return;
    move_run (self, run_running);
    for (size_t i = 0; i < self->node_count; i++)
        if (self->nodes[i].needs_left == 0)
            look (self, i);
}

void dag_revive (dag_t *self)
{
    for (size_t i = 0; i < self->node_count; i++)
        look (self, i);
    for (size_t i = 0; i < self->cell_count; i++)
        if (self->cells[i].calls && self->cells[i].state == job_running && self->cells[i].called_left == 0)
            list_add (self, self->cells[i].first_called == DAG_NONE ? &self->calls : &self->returns, i);
}

void dag_touch (dag_t *self, size_t node, size_t cell)
{
    if (node != DAG_NONE)
        touch_node (self, node);
    if (cell != DAG_NONE)
        touch_cell (self, cell);
}

void dag_written (dag_t *self)
{
    for (size_t i = 0; i < self->touched_cells.count; i++) {
        dag_cell_t *cell = &self->cells[self->touched_cells.items[i]];
        cell->touched = false;
        cell->row = NULL;
        cell->reason = "";
    }
    for (size_t i = 0; i < self->touched_nodes.count; i++) {
        dag_node_t *node = &self->nodes[self->touched_nodes.items[i]];
        node->touched = false;
        node->row = NULL;
    }
    self->touched = false;
    self->touched_nodes.count = self->touched_cells.count = self->stops.count = self->released.count = 0;
}
