/* job_secrets.h - what a job sees as `secrets` besides what the server offered: those of this machine, from the file that the setting
 * secrets_file names. They are in no message and no database. */

#ifndef OPENCICD_AGENT_JOB_SECRETS_H
#define OPENCICD_AGENT_JOB_SECRETS_H

#include "agent/engine/engine.h"

// Read anew for each job; ends with a NULL name. `file` "": none. Strings live in the arena, as *error, which has no value of any.
MUST_USE fault_t job_secrets (arena_t *arena, const char *file, const engine_variable_t **out,
                              const char **error);

#endif
