/* dag_build.h - a graph is put together out of rows, or of a plan: nodes in file order, what a job calls after it, then dag_link. */

#ifndef OPENCICD_SCHEDULER_DAG_BUILD_H
#define OPENCICD_SCHEDULER_DAG_BUILD_H

#include "services/scheduler/run/dag.h"

void dag_init (dag_t *self, arena_t *arena, uint32_t state, stop_level_t cancelled);
// Appends; `like` gives what is known, and has a row where it is to be written. Texts are borrowed. Cells of a node in the order of their
// numbers.
size_t dag_add_node (dag_t *self, const dag_node_t *like);
size_t dag_add_cell (dag_t *self, const dag_cell_t *like);
// All of a file's nodes and cells are there: their needs are found and what is left is counted. Nodes from `first` on.
void dag_link (dag_t *self, size_t first);
void dag_touch (dag_t *self, size_t node, size_t cell); // It is to be written; either may be DAG_NONE

#endif
