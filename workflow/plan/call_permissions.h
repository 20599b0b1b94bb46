/* call_permissions.h - may a called job have what it asks for? A called workflow can keep or lower its caller's permissions. */

#ifndef OPENCICD_WORKFLOW_CALL_PERMISSIONS_H
#define OPENCICD_WORKFLOW_CALL_PERMISSIONS_H

#include "workflow/model/job.h"

// "contents: write, but its caller has contents: read"; NULL where it asks for no more than the calling job declares. Of a caller that declares
// nothing, and is not called itself (`first`), only that is known that nobody has: `id-token`.
const char *permission_raised (arena_t *arena, const job_t *caller, const job_t *called, bool first);

// What a job has: an object, "read-all" or "write-all"; NULL where nothing is declared. `declared` is its own, or its workflow's; NULL: none.
// `caller` is what the job has that calls its workflow, null where nothing is declared there; NULL: nothing calls it.
const value_t *permissions_below (arena_t *arena, const value_t *declared, const value_t *caller);
// May it ask for identities? Only where every workflow of its row of calls says so. Of what permissions_below gives.
bool permissions_identify (const value_t *permissions);

#endif
