/* schema_json.h - the schema's rows for other programs: as a JSON Schema for editors and validators, and as a list of keys for completion. */

#ifndef OPENCICD_WORKFLOW_SCHEMA_JSON_H
#define OPENCICD_WORKFLOW_SCHEMA_JSON_H

#include "workflow/schema/schema.h"

// JSON Schema, draft 2020-12. It takes whatever the check takes; what spans keys (needs, ids) and is within a text (expressions, cron)
// it cannot say, and takes as well.
const value_t *schema_json (arena_t *arena, const schema_object_t *self);

// [{"path": "jobs.*.steps[].run", "kinds", "values", "required", "contexts", "functions", "meaning"}, ...] in the order of the rows. "*" is
// any key, "[]" an item; where an object can hold itself the path ends with "...".
const value_t *schema_keys_json (arena_t *arena, const schema_object_t *self);

#endif
