/* needs.h - policy of the DAG: what is ready, what follows from what, how a run ended. Pure. */

#ifndef OPENCICD_SCHEDULER_NEEDS_H
#define OPENCICD_SCHEDULER_NEEDS_H

#include "services/scheduler/node_store.h"

bool needs_done (const node_rows_t *nodes, const node_row_t *node);
const char *needs_missing (arena_t *arena, const node_rows_t *nodes,
                           const node_row_t *node); // "build, lint"; "" for none
bool needs_all_finished (const node_rows_t *nodes);
// Marks what needs a marked node, directly or not. `marks` has a place for each node.
void needs_mark_followers (const node_rows_t *nodes, bool *marks);

// What jobs' results add up to. `cancelled`: the run was asked to stop.
result_t needs_result (const result_t *results, size_t count, bool cancelled);

#endif
