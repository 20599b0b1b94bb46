/* identity.h - who this agent is: its name and labels, and the id and token that the server gave it.
 *
 * The token is kept in a file (0600) in the work folder, so that an agent that starts again is the same one. */

#ifndef OPENCICD_AGENT_IDENTITY_H
#define OPENCICD_AGENT_IDENTITY_H

#include "agent/server_api.h"
#include "common/settings.h"

typedef struct {
    arena_t *arena;
    const char *file; // Where the token is kept
    const char *id;
    const char *token; // NULL before it registered for the first time
    const char *url;   // Where it takes jobs; "" where it asks for them
    uint32_t lease_seconds, heartbeat_seconds;
} identity_t;

// Reads the token if there is one. `work_dir` exists.
void identity_load (identity_t *self, arena_t *arena, const settings_t *settings);
// With its own token, else with the registration token. UNAVAILABLE, TIMEOUT, OVERLOADED, BROKEN: try again later.
MUST_USE fault_t identity_register (identity_t *self, turn_t *turn, server_t *server,
                                    const settings_t *settings);
const char *identity_push_key (const identity_t *self); // What the server shows when it calls

#endif
