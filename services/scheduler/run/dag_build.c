/* dag_build.c - see dag_build.h. */

#include "services/scheduler/run/dag_build.h"

#include "common/base/line.h"

#include <string.h>

void dag_init (dag_t *self, arena_t *arena, uint32_t state, stop_level_t cancelled)
{
    *self = (dag_t){.arena = arena, .state = state, .cancelled = cancelled};
    self->first_root = self->last_root = DAG_NONE;
    index_init (&self->keys, arena);
    index_init (&self->ids, arena);
}

size_t dag_cell (const dag_t *self, const char *id)
{
    return index_find (&self->ids, id);
}

size_t dag_add_node (dag_t *self, const dag_node_t *like)
{
    size_t index = self->node_count;
    self->nodes =
        arena_grow (self->arena, self->nodes, self->node_count, &self->node_capacity, sizeof *self->nodes);
    dag_node_t *node = &self->nodes[self->node_count++];
    *node = *like;
    node->next_called = node->first_cell = node->last_cell = DAG_NONE;
    dag_cell_t *caller = node->caller == DAG_NONE ? NULL : &self->cells[node->caller];
    size_t *last = caller ? &caller->last_called : &self->last_root;
    if (*last == DAG_NONE)
        *(caller ? &caller->first_called : &self->first_root) = index;
    else
        self->nodes[*last].next_called = index;
    *last = index;
    index_put (&self->keys, node->key, index);
    if (node->row)
        dag_touch (self, index, DAG_NONE);
    return index;
}

size_t dag_add_cell (dag_t *self, const dag_cell_t *like)
{
    size_t index = self->cell_count;
    self->cells =
        arena_grow (self->arena, self->cells, self->cell_count, &self->cell_capacity, sizeof *self->cells);
    dag_cell_t *cell = &self->cells[self->cell_count++];
    *cell = *like;
    cell->next = cell->first_called = cell->last_called = DAG_NONE;
    dag_node_t *node = &self->nodes[cell->node];
    if (node->last_cell == DAG_NONE)
        node->first_cell = index;
    else
        self->cells[node->last_cell].next = index;
    node->last_cell = index;
    node->cell_count++;
    node->cells_left += cell->state != job_finished;
    node->started += cell->state != job_finished && (cell->state != job_pending || cell->claim != CLAIM_NONE);
    index_put (&self->ids, cell->id, index);
    if (cell->row)
        dag_touch (self, DAG_NONE, index);
    return index;
}

// Its needs as indices; a key that is not there was refused when the file was read.
static void find_needs (dag_t *self, dag_node_t *node)
{
    size_t *needs = arena_array (self->arena, line_count (node->needs_text) + 1, sizeof *needs);
    char *text = arena_strdup (self->arena, node->needs_text);
    node->need_count = node->needs_left = 0;
    for (char *line = strsep (&text, "\n"); line; line = strsep (&text, "\n")) {
        size_t need = *line ? index_find (&self->keys, line) : DAG_NONE;
        if (need == DAG_NONE)
            continue;
        needs[node->need_count++] = need;
        node->needs_left += self->nodes[need].state != NODE_FINISHED;
        self->nodes[need].follower_count++;
    }
    node->needs = needs;
}

void dag_link (dag_t *self, size_t first)
{
    for (size_t i = first; i < self->node_count; i++)
        find_needs (self, &self->nodes[i]);
    for (size_t i = first; i < self->node_count; i++) {
        dag_node_t *node = &self->nodes[i];
        node->followers = arena_array (self->arena, node->follower_count + 1, sizeof (size_t));
        node->follower_count = 0;
        bool left = node->state != NODE_FINISHED;
        self->nodes_left += left;
        if (node->caller != DAG_NONE)
            self->cells[node->caller].called_left += left;
    }
    for (size_t i = first; i < self->node_count; i++)
        for (size_t j = 0; j < self->nodes[i].need_count; j++) {
            dag_node_t *need = &self->nodes[self->nodes[i].needs[j]];
            need->followers[need->follower_count++] = i;
        }
}
