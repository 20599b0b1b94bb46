/* toolkit_services.h - where a job's actions find the services of GitHub's toolkit: on the server that leased the job. */

#ifndef OPENCICD_AGENT_TOOLKIT_SERVICES_H
#define OPENCICD_AGENT_TOOLKIT_SERVICES_H

#include "agent/engine/engine.h"
#include "proto/messages.h"

#define TOOLKIT_SERVICES 6 // Rows of the table, the last without a name

// For actions only, never for `run:` steps: the token may act for the job. `url` is the server's; its path is dropped, as the toolkit
// drops it. Strings live in the arena. The token is a secret: mask it.
void toolkit_services (arena_t *arena, const char *url, const job_offer_t *offer,
                       engine_variable_t out[TOOLKIT_SERVICES]);

#define IDENTITY_SERVICES 3 // Rows of the table, likewise

// For `run:` steps too: where the job asks for an identity. Only the end where the offer says that it may.
void toolkit_identity (arena_t *arena, const char *url, const job_offer_t *offer,
                       engine_variable_t out[IDENTITY_SERVICES]);

#endif
