/* select.h - a part of a workflow: some of its jobs with what they need, or without, and some cells of their matrices. Pure.
 *
 * The result is a workflow like any other: results, conditions and needs are those of the jobs in it. */

#ifndef OPENCICD_WORKFLOW_SELECT_H
#define OPENCICD_WORKFLOW_SELECT_H

#include "workflow/plan/plan_context.h"

struct selection {
    const char *const *jobs; // Keys; none: all
    size_t job_count;
    bool no_needs;            // Without the jobs that they need, unless those are named, too
    const char *const *cells; // "KEY:VALUE"; of several with one key, any may match
    size_t cell_count;
};

// INVALID, with findings, if a job does not exist or a cell is not KEY:VALUE.
MUST_USE fault_t select_jobs (arena_t *arena, const workflow_t *workflow, const selection_t *selection,
                              findings_t *findings, const workflow_t **out);
// Does the selection include this cell? A key that its matrix does not have is ignored.
bool select_cell (arena_t *arena, const selection_t *selection, const value_t *matrix);

#endif
