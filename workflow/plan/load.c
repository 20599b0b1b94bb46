/* load.c - see load.h. */

#include "workflow/plan/load.h"

#include "workflow/model/model_read.h"
#include "workflow/schema/schema.h"

fault_t workflow_load (arena_t *arena, const char *file, const char *bytes, size_t size, findings_t *findings,
                       const workflow_t **out)
{
    workflow_t *self = arena_alloc (arena, sizeof (*self));
    self->file = arena_strdup (arena, file);
    *out = self;
    node_t *root = NULL;
    size_t errors = findings->errors;
    (void) !yaml_parse (arena, bytes, size, findings, &root); // What can be read of it is checked
    if (root) {
        schema_check (arena, root, &schema_workflow, findings);
        read_workflow (arena, root, findings, self);
        check_workflow (arena, self, findings);
    }
    findings_sort (findings);
    return findings->errors == errors ? OK : INVALID;
}
