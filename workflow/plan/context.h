/* context.h - the `github` context of a run, built from what is known when it is made. Pure.
 *
 * Keys as GitHub's "Contexts reference" names them. What a job, an attempt or a machine adds (job, run_attempt, workspace, token, action...)
 * is added later, by the offer and by the agent. */

#ifndef OPENCICD_WORKFLOW_CONTEXT_H
#define OPENCICD_WORKFLOW_CONTEXT_H

#include "workflow/expression/value.h"

typedef struct {
    const char *run_id;
    int64_t run_number;
    const char *workflow, *path; // Name and file
    const char *event, *ref, *sha, *actor;
    const char *project_id, *project, *url; // Id, name and repository; url "" for none
    const char *default_branch;
    const char *server_url;
    const value_t *payload; // github.event
} context_t;

const value_t *context_github (arena_t *arena, const context_t *from);
const char *context_repository (arena_t *arena, const char *url, const char *project); // "owner/name"
const char *context_ref_name (arena_t *arena, const char *ref); // "main" of refs/heads/main
// A whole number that stands for a name of ours where GitHub has a numeric id; always the same for the same name.
double context_number (const char *name);
value_t *context_copy (arena_t *arena, const value_t *object); // A new object with the same items

#endif
