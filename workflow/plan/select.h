/* select.h - a part of a workflow: some of its jobs with what they need, or without, and some cells of their matrices. Pure.
 *
 * What is left is a workflow like any other: results, conditions and needs are those of the jobs in it. */

#ifndef OPENCICD_WORKFLOW_SELECT_H
#define OPENCICD_WORKFLOW_SELECT_H

#include "workflow/plan/plan.h"

struct selection {
    const char *const *jobs; // Keys; none: all
    size_t job_count;
    bool no_needs;            // Without what they need, unless it is named too
    const char *const *cells; // "KEY:VALUE"; of several for one key any may hold
    size_t cell_count;
};

// INVALID, with findings, where a job is not there or what is to hold of cells is not KEY:VALUE.
MUST_USE fault_t select_jobs (arena_t *arena, const workflow_t *workflow, const selection_t *selection,
                              findings_t *findings, const workflow_t **out);
// Is it one of those? A key that its matrix does not have decides nothing.
bool select_cell (arena_t *arena, const selection_t *selection, const value_t *matrix);

#endif
