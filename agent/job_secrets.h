/* job_secrets.h - secrets of this machine, which a job sees besides those that the server offered: from the file that the setting
 * secrets_file names. They are never in a message or a database. */

#ifndef OPENCICD_AGENT_JOB_SECRETS_H
#define OPENCICD_AGENT_JOB_SECRETS_H

#include "agent/engine/engine.h"

// Read again for each job; ends with a NULL name. `file` "": none. Strings live in the arena; *error never contains a secret.
MUST_USE fault_t job_secrets (arena_t *arena, const char *file, const engine_variable_t **out,
                              const char **error);

#endif
