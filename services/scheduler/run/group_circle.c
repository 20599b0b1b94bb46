/* group_circle.c - finds a job that would wait for a concurrency group whose holder cannot end before the job's own run or caller has.
 *
 * GitHub cancels a job that would wait for the group of its own run or caller as a deadlock. Here that is only the shortest cycle: run 1
 * holds `a` and its job asks for `b`, which run 2 holds, of which a job waits for `a`. A job that would close a cycle is cancelled, and its
 * reason names the cycle.
 *
 * Waiting for a group is waiting for its holder's end. A run ends with all its jobs, a job that calls a workflow with all that it calls, another
 * job waits for no group any more. So a cycle closes with a claim of a job, and only of one whose run or caller holds a group itself. */

#include "services/scheduler/run/engine_inside.h"

#include "common/base/id.h"
#include "services/scheduler/store/concurrency_store.h"

#define CIRCLE_HOLDERS \
    64 // Length of a chain that is followed; a job that would wait for a longer one is refused as well

typedef struct {
    const char *owner, *group, *name;
    size_t by; // The holder of which a job waits for this one
} holder_t;

typedef struct {
    run_engine_t *engine;
    size_t cell;
    holder_t holders[CIRCLE_HOLDERS];
    size_t count;
    bool full;
} circle_t;

// NULL where its end does not depend on `cell`.
static const char *own_name (const circle_t *self, const char *owner)
{
    const run_model_t *model = self->engine->model;
    const dag_t *dag = &model->dag;
    if (same (owner, model->run.run.id))
        return "its run";
    for (size_t at = dag->nodes[dag->cells[self->cell].node].caller; at != DAG_NONE;
         at = dag->nodes[dag->cells[at].node].caller)
        if (same (owner, dag->cells[at].id))
            return "the job that calls its workflow";
    return NULL;
}

static bool may_close (const run_engine_t *engine, size_t cell)
{
    const dag_t *dag = &engine->model->dag;
    bool may = *engine->model->run.concurrency;
    for (size_t at = dag->nodes[dag->cells[cell].node].caller; at != DAG_NONE && !may;
         at = dag->nodes[dag->cells[at].node].caller)
        may = dag->cells[at].grouped;
    return may;
}

static bool is_part_of (const dag_t *dag, size_t cell, const char *owner)
{
    if (id_is (owner, 'r'))
        return true;
    for (size_t at = dag->nodes[dag->cells[cell].node].caller; at != DAG_NONE;
         at = dag->nodes[dag->cells[at].node].caller)
        if (same (owner, dag->cells[at].id))
            return true;
    return false;
}

static void add_holder (circle_t *self, const char *owner, const char *group, size_t by)
{
    for (size_t i = 0; i < self->count; i++)
        if (same (self->holders[i].owner, owner))
            return;
    self->full |= self->count == CIRCLE_HOLDERS;
    if (!self->full)
        self->holders[self->count++] = (holder_t){.owner = owner, .group = group, .by = by};
}

// The graph that the holder is in, and its name for people. What this run has not written yet is in its own model alone.
static fault_t find_graph (circle_t *self, holder_t *holder, const dag_t **out)
{
    run_engine_t *engine = self->engine;
    turn_t *turn = engine->turn;
    const dag_t *own = &engine->model->dag;
    size_t cell = dag_cell (own, holder->owner);
    run_row_t run;
    job_row_t job = {.job.run_id = holder->owner};
    run_model_t *model;
    *out = own;
    if (cell != DAG_NONE) {
        holder->name = arena_printf (turn->arena, "job %s", own->cells[cell].name);
        return OK;
    }
    if (!id_is (holder->owner, 'r'))
        TRY (job_store_find (engine->self->db, turn, holder->owner, &job));
    TRY (run_store_find (engine->self->db, turn, job.job.run_id, &run));
    TRY (run_model_read (engine->self, turn, &run, &model));
    *out = &model->dag;
    const char *of = job.job.name ? arena_printf (turn->arena, "job %s of ", job.job.name) : "";
    holder->name = arena_printf (turn->arena, "%srun %lld", of, (long long) run.run.number);
    return OK;
}

// Who holds the groups that its jobs wait for. `stops`: it is about to be cancelled, which only some of its jobs outlive.
static fault_t follow (circle_t *self, size_t index, bool stops)
{
    const dag_t *dag;
    const holder_t *holder = &self->holders[index];
    TRY (find_graph (self, &self->holders[index], &dag));
    for (size_t i = 0; i < dag->cell_count; i++) {
        const char *group, *owner;
        if (dag->cells[i].claim != CLAIM_WAITS ||
            (stops && !dag->nodes[dag->cells[i].node].runs_when_cancelled) ||
            !is_part_of (dag, i, holder->owner))
            continue;
        TRY (concurrency_store_waits_for (self->engine->self->db, self->engine->turn, dag->cells[i].id,
                                          &group, &owner));
        if (owner)
            add_holder (self, owner, group, index);
    }
    return OK;
}

// From the last holder, which is the job's own run or caller, back to the group that it asks for.
static const char *explain (const circle_t *self, size_t last, const char *own)
{
    arena_t *arena = self->engine->turn->arena;
    if (last == 0)
        return arena_printf (arena, "%s holds the same concurrency group, and waits for it", own);
    const char *text = arena_printf (arena, "%s, held by %s", self->holders[last].group, own);
    for (size_t at = self->holders[last].by;; at = self->holders[at].by) {
        const holder_t *holder = &self->holders[at];
        if (at == 0)
            return arena_printf (arena,
                                 "a deadlock of concurrency groups: %s is held by %s, which waits for %s",
                                 holder->group, holder->name, text);
        text = arena_printf (arena, "%s, held by %s, which waits for %s", holder->group, holder->name, text);
    }
}

fault_t group_circle (run_engine_t *engine, size_t cell, const char *group, const char *holder, bool stops,
                      const char **circle)
{
    circle_t self = {.engine = engine, .cell = cell};
    *circle = NULL;
    if (!may_close (engine, cell))
        return OK;
    add_holder (&self, holder, group, 0);
    for (size_t i = 0; i < self.count; i++) {
        const char *own = own_name (&self, self.holders[i].owner);
        if (own) {
            *circle = explain (&self, i, own);
            return OK;
        }
        TRY (follow (&self, i, stops && i == 0));
    }
    if (self.full)
        *circle = arena_printf (engine->turn->arena,
                                "the concurrency group %s waits for more than %d others that wait for one"
                                " another",
                                group, CIRCLE_HOLDERS);
    return OK;
}
