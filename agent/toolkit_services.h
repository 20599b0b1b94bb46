/* toolkit_services.h - where the actions of a job find the services of GitHub's toolkit: on the server that leased it. */

#ifndef OPENCICD_AGENT_TOOLKIT_SERVICES_H
#define OPENCICD_AGENT_TOOLKIT_SERVICES_H

#include "proto/messages.h"

#define TOOLKIT_SERVICES 4 // Rows of the table, the last without a name

typedef struct {
    const char *name, *value; // "ACTIONS_RESULTS_URL"
} toolkit_service_t;

// For actions alone, never for `run:` steps: the token speaks for the job. `url` is the server's; of its path nothing is kept, because the toolkit
// does not either. Strings live in the arena. The token is a secret: it is to be masked.
void toolkit_services (arena_t *arena, const char *url, const job_offer_t *offer,
                       toolkit_service_t out[TOOLKIT_SERVICES]);

#endif
