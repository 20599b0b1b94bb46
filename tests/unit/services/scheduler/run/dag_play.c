/* dag_play.c - see dag_play.h. */

#include "tests/unit/services/scheduler/run/dag_play.h"

#include "services/scheduler/run/dag_again.h"
#include "services/scheduler/run/dag_build.h"

#include <string.h>

#define FILES      3
#define FILE_JOBS  5
#define GROUPS     3
#define CELLS      3000
#define STEPS      400
#define RERUNS     2
#define ROUNDS     100000 // Questions of one settling; past it there is no end
#define OUTSIDE    (DAG_NONE - 1)
#define STRING_(x) #x
#define STRING(x)  STRING_ (x)
#define MUST(self, what)                                                               \
    do {                                                                               \
        if (!(what) && !(self)->played.wrong)                                          \
            (self)->played.wrong = "dag_play.c:" STRING (__LINE__) ": not so: " #what; \
    } while (0)

typedef struct {
    unsigned needs; // Bits: earlier jobs of its file
    bool runs_when_cancelled, skips, fail_fast, forgiven, queues, gated;
    size_t calls; // A later file; 0: none
    size_t cells, group;
    int64_t most;
} job_plan_t;

typedef struct {
    size_t holder; // A cell, OUTSIDE or DAG_NONE
    size_t waiting[CELLS], count;
} group_place_t;

typedef struct {
    arena_t *arena;
    dag_t dag;
    dice_t *order;
    bool calm;
    played_t played;
    job_plan_t jobs[FILES][FILE_JOBS];
    size_t job_counts[FILES];
    const job_plan_t *of_node[CELLS];
    group_place_t groups[GROUPS + 1];
    uint32_t before[CELLS]; // States after the last settling
    unsigned char starts[CELLS];
    size_t dismissed[CELLS], dismissed_count;
} play_t;

static uint32_t throw (dice_t * self, uint32_t below)
{
    if (self->at < self->size)
        return self->data[self->at++] % below;
    if (self->state == 0)
        return 0;
    self->state = self->state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t) (self->state >> 33) % below;
}

static uint64_t hash (const char *text, uint64_t more)
{
    uint64_t hash = 14695981039346656037u ^ more;
    for (; *text; text++)
        hash = (hash ^ (unsigned char) *text) * 1099511628211u;
    return hash ^ hash >> 31;
}

// ---- the files ----

// A job that calls holds a lower group than what it calls waits for: jobs that wait for each other in a circle are no concern of one
// run's graph. That of its own caller is.
static size_t plan_group (dice_t *dice, size_t file, bool calls)
{
    size_t lowest = file > 0 ? file : 1;
    if (throw (dice, 4) != 0)
        return 0;
    return calls ? file + 1 : lowest + throw (dice, (uint32_t) (GROUPS - lowest + 1));
}

static void plan_files (play_t *self, dice_t *dice)
{
    for (size_t i = 0; i < FILES; i++) {
        self->job_counts[i] = 1 + throw (dice, FILE_JOBS);
        for (size_t j = 0; j < self->job_counts[i]; j++) {
            bool calls = i + 1 < FILES && throw (dice, 4) == 0;
            self->jobs[i][j] = (job_plan_t){
                .needs = throw (dice, 1u << j) & throw (dice, 1u << j),
                .runs_when_cancelled = throw (dice, 5) == 0,
                .skips = throw (dice, 8) == 0,
                .fail_fast = !self->calm && throw (dice, 2) == 0,
                .forgiven = throw (dice, 6) == 0,
                .queues = self->calm || throw (dice, 2) == 0,
                .gated = !calls && throw (dice, 4) == 0,
                .calls = calls ? i + 1 + throw (dice, (uint32_t) (FILES - 1 - i)) : 0,
                .cells = throw (dice, 5) ? 1 : throw (dice, 4),
                .group = plan_group (dice, i, calls),
                .most = throw (dice, 3),
            };
        }
    }
    for (size_t i = 1; i <= GROUPS; i++)
        self->groups[i].holder = throw (dice, 3) == 0 ? OUTSIDE : DAG_NONE;
}

static void add_nodes (play_t *self, size_t file, size_t caller, const char *prefix)
{
    dag_t *dag = &self->dag;
    size_t first = dag->node_count;
    for (size_t j = 0; j < self->job_counts[file]; j++) {
        const job_plan_t *plan = &self->jobs[file][j];
        const char *needs = "";
        for (size_t k = 0; k < j; k++)
            if (plan->needs >> k & 1)
                needs = arena_printf (self->arena, "%s%s%sj%zu", needs, *needs ? "\n" : "", prefix, k);
        self->of_node[dag->node_count] = plan;
        size_t node = dag_add_node (dag, &(dag_node_t){.key = arena_printf (self->arena, "%sj%zu", prefix, j),
                                                       .caller = caller,
                                                       .needs_text = needs,
                                                       .runs_when_cancelled = plan->runs_when_cancelled});
        dag_add_cell (dag, &(dag_cell_t){.id = arena_printf (self->arena, "c%zu", dag->cell_count),
                                         .name = "",
                                         .node = node,
                                         .calls = plan->calls != 0});
    }
    dag_link (dag, first);
}

// ---- answers ----

static bool needs_went_well (const play_t *self, const dag_node_t *node)
{
    for (size_t i = 0; i < node->need_count; i++)
        if (self->dag.nodes[node->needs[i]].result != result_success)
            return false;
    return true;
}

static void expand (play_t *self, size_t index)
{
    dag_t *dag = &self->dag;
    const job_plan_t *plan = self->of_node[index];
    size_t there = dag->nodes[index].cell_count, n = 0;
    MUST (self, dag->nodes[index].needs_left == 0);
    if (dag->cancelled && !plan->runs_when_cancelled) {
        dag_skip_node (dag, index, result_cancelled, "");
        return;
    }
    if (plan->skips || plan->cells == 0 ||
        (!plan->runs_when_cancelled && !needs_went_well (self, &dag->nodes[index]))) {
        dag_skip_node (dag, index, result_skipped, "");
        return;
    }
    dag_cell_t like = {.name = "",
                       .node = index,
                       .forgiven = plan->forgiven,
                       .grouped = plan->group != 0,
                       .gated = plan->gated,
                       .calls = plan->calls != 0};
    for (size_t i = dag->nodes[index].first_cell; i != DAG_NONE; i = dag->cells[i].next, n++)
        if (dag->cells[i].state == job_pending && n < plan->cells)
            dag_fill_cell (dag, i, &like);
        else if (dag->cells[i].state == job_pending)
            dag_end_cell (dag, i, result_skipped, "");
    for (size_t i = there; i < plan->cells && dag->cell_count < CELLS; i++) {
        like.id = arena_printf (self->arena, "c%zu", dag->cell_count);
        like.number = (int64_t) i;
        dag_add_cell (dag, &like);
    }
    dag_run_node (dag, index, plan->fail_fast, plan->most);
}

static void call (play_t *self, size_t cell)
{
    dag_t *dag = &self->dag;
    size_t node = dag->cells[cell].node, file = self->of_node[node]->calls, first = dag->node_count;
    if (dag->cell_count + FILE_JOBS > CELLS) {
        dag_end_cell (dag, cell, result_failure, "");
        return;
    }
    add_nodes (
        self, file, cell,
        arena_printf (self->arena, "%s[%lld]/", dag->nodes[node].key, (long long) dag->cells[cell].number));
    dag_called (dag, cell, first);
}

static bool holds_above (const play_t *self, size_t holder, size_t cell)
{
    while ((cell = self->dag.nodes[self->dag.cells[cell].node].caller) != DAG_NONE)
        if (cell == holder)
            return true;
    return false;
}

static void claim (play_t *self, size_t cell)
{
    const job_plan_t *plan = self->of_node[self->dag.cells[cell].node];
    group_place_t *group = &self->groups[plan->group];
    MUST (self, group->holder != cell);
    if (group->holder == DAG_NONE) {
        group->holder = cell;
        dag_claimed (&self->dag, cell, true);
        return;
    }
    if (holds_above (self, group->holder, cell)) {
        dag_end_cell (&self->dag, cell, result_cancelled, "");
        return;
    }
    if (!plan->queues) { // A newer one takes the place of those that wait
        memcpy (self->dismissed + self->dismissed_count, group->waiting, group->count * sizeof (size_t));
        self->dismissed_count += group->count;
        group->count = 0;
    }
    group->waiting[group->count++] = cell;
    dag_claimed (&self->dag, cell, false);
}

// ---- what must always be so ----

static void check_cell (play_t *self, size_t index)
{
    const dag_cell_t *cell = &self->dag.cells[index];
    uint32_t before = self->before[index];
    bool begun = cell->state == job_queued || cell->state == job_running;
    MUST (self, before == cell->state || state_may (&states_job, before, cell->state) ||
                    (before == job_pending && cell->state == job_finished));
    if (before == job_pending && begun)
        MUST (self, ++self->starts[index] == 1);
    if (cell->state == job_pending)
        MUST (self, dag_holds (&self->dag, index) != HOLD_NONE);
    if (begun)
        MUST (self, self->dag.nodes[cell->node].state == NODE_RUNNING && (!cell->gated || cell->open));
    if (cell->gated && !cell->open) // Nobody waits for a group whose holder waits for a person
        MUST (self, cell->claim == CLAIM_NONE);
    MUST (self, (cell->state == job_finished) == (cell->result != result_none));
    self->before[index] = cell->state;
}

static void check_node (play_t *self, size_t index)
{
    const dag_t *dag = &self->dag;
    const dag_node_t *node = &dag->nodes[index];
    size_t left = 0, begun = 0, needs = 0;
    for (size_t i = node->first_cell; i != DAG_NONE; i = dag->cells[i].next) {
        left += dag->cells[i].state != job_finished;
        begun += dag->cells[i].state != job_finished && dag->cells[i].state != job_pending;
    }
    for (size_t i = 0; i < node->need_count; i++)
        needs += dag->nodes[node->needs[i]].state != NODE_FINISHED;
    MUST (self, left == node->cells_left && needs == node->needs_left);
    MUST (self, (left == 0) == (node->state == NODE_FINISHED));
    MUST (self, node->max_parallel == 0 || begun <= (size_t) node->max_parallel);
    if (node->state == NODE_RUNNING)
        MUST (self,
              needs == 0 && (node->caller == DAG_NONE || dag->cells[node->caller].state == job_running));
    if (node->caller != DAG_NONE && node->state != NODE_FINISHED)
        MUST (self, dag->cells[node->caller].state != job_finished);
}

static void check (play_t *self)
{
    size_t left = 0;
    for (size_t i = 0; i < self->dag.cell_count; i++)
        check_cell (self, i);
    for (size_t i = 0; i < self->dag.node_count; i++) {
        check_node (self, i);
        left += self->dag.nodes[i].state != NODE_FINISHED;
    }
    MUST (self, left == self->dag.nodes_left && (left == 0) == (self->dag.state == run_finished));
}

// ---- settling ----

static void leave_group (play_t *self, size_t cell)
{
    group_place_t *group = &self->groups[self->of_node[self->dag.cells[cell].node]->group];
    size_t at = 0;
    while (at < group->count && group->waiting[at] != cell)
        at++;
    if (at < group->count) {
        memmove (group->waiting + at, group->waiting + at + 1, (--group->count - at) * sizeof (size_t));
        return;
    }
    if (group->holder != cell)
        return;
    group->holder = group->count > 0 ? group->waiting[0] : DAG_NONE;
    if (group->count == 0)
        return;
    memmove (group->waiting, group->waiting + 1, --group->count * sizeof (size_t));
    dag_claimed (&self->dag, group->holder, true);
}

static void answer_all (play_t *self)
{
    dag_t *dag = &self->dag;
    size_t index, rounds = 0;
    for (dag_request_t question; (question = dag_settle (dag, true, &index)) != DAG_SETTLED;) {
        MUST (self, ++rounds < ROUNDS);
        if (self->played.wrong)
            return;
        switch (question) {
        case DAG_EXPAND: expand (self, index); break;
        case DAG_CALL: call (self, index); break;
        case DAG_RETURN: dag_returned (dag, index, NULL); break;
        default: claim (self, index); break;
        }
    }
}

// Some of those that are asked to stop end at once, the others later.
static bool take_stops (play_t *self)
{
    bool more = false;
    for (size_t i = 0; i < self->dag.stops.count; i++)
        if (throw (self->order, 2) == 0) {
            dag_end_cell (&self->dag, self->dag.stops.items[i], result_cancelled, "");
            more = true;
        }
    self->dag.stops.count = 0;
    return more;
}

static bool take_released (play_t *self)
{
    dag_t *dag = &self->dag;
    size_t count = dag->released.count;
    size_t *cells = arena_copy (self->arena, dag->released.items, count * sizeof (size_t));
    dag_written (dag);
    for (size_t i = 0; i < count; i++)
        leave_group (self, cells[i]);
    bool more = count > 0 || self->dismissed_count > 0;
    for (size_t i = 0; i < self->dismissed_count; i++)
        dag_stop_cell (dag, self->dismissed[i], CANCEL_SOFT, "");
    self->dismissed_count = 0;
    return more;
}

static void settle (play_t *self)
{
    bool more = true;
    for (size_t rounds = 0; more && !self->played.wrong; rounds++) {
        answer_all (self);
        more = take_stops (self);
        more = more || take_released (self);
        MUST (self, rounds < ROUNDS);
    }
    check (self);
}

// ---- what happens ----

static uint32_t result_of (play_t *self, size_t cell)
{
    static const uint32_t results[] = {result_success, result_success, result_success, result_failure,
                                       result_cancelled};
    const dag_cell_t *row = &self->dag.cells[cell];
    uint64_t die =
        self->calm ? hash (self->dag.nodes[row->node].key, (uint64_t) row->number) : throw (self->order, 5);
    return results[die % 5];
}

// One that an agent could have; the die says which of them.
static size_t some_cell (play_t *self, bool begun)
{
    size_t count = self->dag.cell_count, from = count ? throw (self->order, (uint32_t) count) : 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = (from + i) % count;
        const dag_cell_t *cell = &self->dag.cells[at];
        if (cell->state != job_finished && (!begun || (cell->state == job_queued && !cell->calls)))
            return at;
    }
    return DAG_NONE;
}

static void end_some (play_t *self)
{
    size_t cell = some_cell (self, true);
    if (cell == DAG_NONE)
        return;
    self->played.ends++;
    dag_end_cell (&self->dag, cell, result_of (self, cell), "");
}

static void free_some_group (play_t *self)
{
    group_place_t *group = &self->groups[1 + throw (self->order, GROUPS)];
    if (group->holder != OUTSIDE)
        return;
    group->holder = group->count > 0 ? group->waiting[0] : DAG_NONE;
    if (group->count == 0)
        return;
    memmove (group->waiting, group->waiting + 1, --group->count * sizeof (size_t));
    dag_claimed (&self->dag, group->holder, true);
}

// The environments of some jobs let them go; all: of every one.
static void open_some (play_t *self, bool all)
{
    for (size_t i = 0; i < self->dag.cell_count; i++) {
        const dag_cell_t *cell = &self->dag.cells[i];
        if (cell->state == job_pending && cell->gated && !cell->open && (all || throw (self->order, 2)))
            dag_open (&self->dag, i);
    }
}

static void read_node (play_t *self, const dag_t *old, size_t index, const bool *chosen)
{
    dag_node_t node = old->nodes[index];
    node.cell_count = node.cells_left = node.started = node.follower_count = 0;
    for (size_t i = node.first_cell; i != DAG_NONE; i = old->cells[i].next)
        if (chosen && chosen[i]) {
            node.state = NODE_PENDING;
            node.result = result_none;
        }
    dag_add_node (&self->dag, &node);
}

// As it would be read from rows, with jobs in their new states where `chosen` run again. The order in which things came to be is kept,
// so that indices stay what they are.
static void read_again (play_t *self, const bool *chosen)
{
    const dag_t old = self->dag;
    dag_t *dag = &self->dag;
    dag_init (dag, self->arena, chosen ? run_pending : old.state, chosen ? CANCEL_NO : old.cancelled);
    dag->result = chosen ? result_none : old.result;
    for (size_t i = 0, node = 0; i < old.cell_count; i++) {
        dag_cell_t cell = old.cells[i];
        while (node < old.node_count && old.nodes[node].first_cell == i)
            read_node (self, &old, node++, chosen);
        if (chosen && chosen[i]) {
            cell.state = self->before[i] = job_pending;
            cell.result = result_none;
            cell.claim = CLAIM_NONE;
            cell.gated = cell.open = false;
            cell.stop = CANCEL_NO;
            self->starts[i] = 0;
        }
        cell.called_left = 0;
        dag_add_cell (dag, &cell);
    }
    dag_link (dag, 0);
    dag_revive (dag);
}

static void run_again (play_t *self)
{
    dag_t *dag = &self->dag;
    bool *chosen = arena_array (self->arena, dag->cell_count + 1, sizeof (bool));
    again_t what = throw (self->order, 3);
    size_t job = dag->cell_count ? throw (self->order, (uint32_t) dag->cell_count) : DAG_NONE;
    if (dag_again (dag, what, job, chosen) == 0)
        return;
    read_again (self, chosen);
    dag_begin (dag);
}

static void happen (play_t *self)
{
    dag_t *dag = &self->dag;
    uint32_t die = throw (self->order, self->calm ? 12 : 16);
    if (die < 9)
        end_some (self);
    else if (die < 10)
        free_some_group (self);
    else if (die < 11)
        open_some (self, false);
    else if (die == 11) { // The process ends and another one reads the run: nothing may be left to do
        size_t touched = dag->touched_cells.count + dag->touched_nodes.count;
        MUST (self, touched == 0);
        read_again (self, NULL);
        size_t index;
        MUST (self, dag_settle (dag, true, &index) == DAG_SETTLED && dag->touched_cells.count == 0);
    } else if (die < 15) {
        size_t cell = some_cell (self, false);
        if (cell != DAG_NONE)
            dag_stop_cell (dag, cell, die == 14 ? CANCEL_HARD : CANCEL_SOFT, "");
    } else
        dag_stop_run (dag, throw (self->order, 2) ? CANCEL_HARD : CANCEL_SOFT, "");
}

// All that is left ends: then the run must.
static void drain (play_t *self)
{
    for (size_t i = 1; i <= GROUPS; i++)
        for (size_t tries = 0; tries < 20 && self->groups[i].holder == OUTSIDE; tries++) {
            free_some_group (self);
            if (self->order->state == 0 && self->groups[i].holder == OUTSIDE) { // The die shows 0 for ever
                group_place_t *group = &self->groups[i];
                group->holder = group->count > 0 ? group->waiting[0] : DAG_NONE;
                if (group->count > 0) {
                    memmove (group->waiting, group->waiting + 1, --group->count * sizeof (size_t));
                    dag_claimed (&self->dag, group->holder, true);
                }
            }
            settle (self);
        }
    for (size_t i = 0; i < 4 * CELLS && self->dag.state != run_finished && !self->played.wrong; i++) {
        size_t ends = self->played.ends;
        open_some (self, true);
        settle (self);
        end_some (self);
        settle (self);
        MUST (self, self->played.ends > ends || self->dag.state == run_finished);
    }
}

played_t dag_play (dice_t *plan, dice_t *order, bool calm)
{
    arena_t *arena = arena_new ();
    play_t *self = arena_alloc (arena, sizeof *self);
    *self = (play_t){.arena = arena, .order = order, .calm = calm};
    dag_init (&self->dag, arena, throw (order, 4) ? run_running : run_pending, CANCEL_NO);
    plan_files (self, plan);
    add_nodes (self, 0, DAG_NONE, "");
    dag_revive (&self->dag);
    settle (self);
    for (size_t rerun = 0; rerun <= RERUNS && !self->played.wrong; rerun++) {
        for (size_t i = 0; i < STEPS && self->dag.state != run_finished && !self->played.wrong; i++) {
            happen (self);
            settle (self);
        }
        dag_begin (&self->dag);
        settle (self);
        drain (self);
        MUST (self, self->dag.state == run_finished);
        if (calm || self->played.wrong)
            break;
        run_again (self);
        settle (self);
    }
    for (size_t i = 0; i < self->dag.node_count; i++)
        self->played.digest += hash (self->dag.nodes[i].key, self->dag.nodes[i].result);
    self->played.result = self->dag.result;
    played_t played = self->played;
    arena_destroy (&arena);
    return played;
}
