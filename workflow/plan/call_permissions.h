/* call_permissions.h - may a called job have what it asks for? A called workflow can keep or lower its caller's permissions. */

#ifndef OPENCICD_WORKFLOW_CALL_PERMISSIONS_H
#define OPENCICD_WORKFLOW_CALL_PERMISSIONS_H

#include "workflow/model/job.h"

// "contents: write, but its caller has contents: read"; NULL where it asks for no more than the calling job declares.
const char *permission_raised (arena_t *arena, const job_t *caller, const job_t *called);

#endif
