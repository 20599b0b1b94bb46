/* status_shape.h - a status as each forge's API takes it: the names of states, and what may be how long. Pure.
 *
 * What was skipped counts as a success, or a check that is required would wait for ever; what was cancelled does not. Sources: GitHub's REST
 * API, "Commit statuses"; GitLab's, "Commits API: set the pipeline status of a commit"; Gitea's /api/swagger, CreateStatusOption. */

#ifndef OPENCICD_SCM_STATUS_SHAPE_H
#define OPENCICD_SCM_STATUS_SHAPE_H

#include "services/scm/forges/forge.h"

#define STATUS_DESCRIPTION 140 // Characters: GitHub's bound, kept for all
#define STATUS_CONTEXT     255 // Bytes: GitLab's of a name
#define STATUS_URL         255 // Characters: GitLab's; it shows none that is longer

const char *status_state_name (forge_state_t state);               // "pending", as it is stored and listed
bool status_state_from (const char *name, forge_state_t *out);     // False for an unknown one
const char *status_description (arena_t *arena, const char *text); // Cut where it is too long, in one line
// The same text for the same name; of one that is too long its beginning, and a sum of all of it.
const char *status_context (arena_t *arena, const char *name);

const value_t *status_shape_rest (arena_t *arena, const forge_shown_t *status);   // GitHub, Gitea, Forgejo
const value_t *status_shape_gitlab (arena_t *arena, const forge_shown_t *status); // Of POST .../statuses/SHA

#endif
