/* load.h - a workflow file, from its bytes to its model: read, held against the schema and the rules that span keys. */

#ifndef OPENCICD_WORKFLOW_LOAD_H
#define OPENCICD_WORKFLOW_LOAD_H

#include "workflow/model/model.h"

// INVALID where an error finding was added; several are reported in one go, sorted in file order.
MUST_USE fault_t workflow_load (arena_t *arena, const char *file, const char *bytes, size_t size,
                                findings_t *findings, const workflow_t **out);

// The rules that span keys: needs, cycles, filters, a matrix without expressions. For workflow_load.
void check_workflow (arena_t *arena, const workflow_t *workflow, findings_t *findings);

#endif
