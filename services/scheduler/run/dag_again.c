/* dag_again.c - see dag_again.h.
 *
 * Marks spread along a list until nothing new is marked: what needs a marked node runs again as a whole; a job in a called workflow opens
 * its caller again; a caller that runs as a whole, or was asked for, takes along all that it calls. */

#include "services/scheduler/run/dag_again.h"

typedef struct {
    const dag_t *dag;
    bool *whole;  // Nodes of which every cell runs again
    bool *seen;   // Nodes of which some cell does: what needs them was marked
    bool *chosen; // Cells
    size_t *todo; // Nodes to spread from
    size_t todo_count;
} spread_t;

static void see (spread_t *self, size_t node)
{
    if (self->seen[node])
        return;
    self->seen[node] = true;
    self->todo[self->todo_count++] = node;
}

static void choose (spread_t *self, size_t cell)
{
    if (self->chosen[cell])
        return;
    self->chosen[cell] = true;
    see (self, self->dag->cells[cell].node);
}

static void choose_whole (spread_t *self, size_t node);

// All that these cells call. Depth: calls in a row, which are at most CALL_DEPTH.
static void choose_called (spread_t *self, size_t cell)
{
    for (size_t i = self->dag->cells[cell].first_called; i != DAG_NONE; i = self->dag->nodes[i].next_called)
        choose_whole (self, i);
}

static void choose_whole (spread_t *self, size_t node)
{
    if (self->whole[node])
        return;
    self->whole[node] = true;
    for (size_t i = self->dag->nodes[node].first_cell; i != DAG_NONE; i = self->dag->cells[i].next) {
        choose (self, i);
        choose_called (self, i);
    }
}

static bool is_chosen (const dag_cell_t *cell, again_t what)
{
    return what == AGAIN_ALL ||
           (what == AGAIN_FAILED && (cell->result == result_failure || cell->result == result_cancelled));
}

static void spread (spread_t *self)
{
    while (self->todo_count > 0) {
        const dag_node_t *node = &self->dag->nodes[self->todo[--self->todo_count]];
        for (size_t i = 0; i < node->follower_count; i++)
            choose_whole (self, node->followers[i]);
        if (node->caller != DAG_NONE)
            choose (self, node->caller);
    }
}

size_t dag_again (const dag_t *self, again_t what, size_t job, bool *chosen)
{
    spread_t state = {
        .dag = self,
        .whole = arena_array (self->arena, self->node_count + 1, sizeof (bool)),
        .seen = arena_array (self->arena, self->node_count + 1, sizeof (bool)),
        .todo = arena_array (self->arena, self->node_count + 1, sizeof (size_t)),
        .chosen = chosen,
    };
    size_t count = 0;
    for (size_t i = 0; i < self->cell_count; i++)
        if (is_chosen (&self->cells[i], what) || (what == AGAIN_JOB && i == job)) {
            choose (&state, i);
            count++;
        }
    if (what == AGAIN_JOB && job != DAG_NONE)
        choose_called (&state, job);
    spread (&state);
    return count;
}
