/* stored_secrets.h - the secrets that the server keeps for a job, and the variables of its environment: asked for as the attempt begins.
 *
 * They are in this process's memory alone, and what is printed of them is masked: nothing of them is written to a file, a log or a message. */

#ifndef OPENCICD_AGENT_STORED_SECRETS_H
#define OPENCICD_AGENT_STORED_SECRETS_H

#include "agent/server_api.h"

// The offer's contexts with them. Asks again for ARTIFACT_RETRY_SECONDS while the server cannot be reached; `cancel` becomes readable
// when the job is to stop. Strings live in the arena; *error never contains a secret.
MUST_USE fault_t stored_secrets (arena_t *arena, server_t *server, const job_offer_t *offer, int cancel,
                                 const char **contexts, const char **error);

// What a job's contexts become with what the server gave; for that, and for tests. INVALID where they are no objects.
MUST_USE fault_t stored_secrets_merge (arena_t *arena, const char *contexts, const job_values_t *values,
                                       const char **out);

#endif
