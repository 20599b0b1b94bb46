/* registration.h - who this agent is: its name and labels, the id that the server gave it, and the token that it made itself.
 *
 * The token is kept in a file (0600) in the work folder before it is sent to the server, so that an agent that starts again, or never saw
 * the answer, is the same one. */

#ifndef OPENCICD_AGENT_REGISTRATION_H
#define OPENCICD_AGENT_REGISTRATION_H

#include "agent/server_api.h"
#include "common/settings/settings.h"

typedef struct {
    arena_t *arena;
    const char *file; // Where the token is kept
    const char *id;
    const char *token;        // NULL before it registered for the first time
    const char *url;          // Where it listens for jobs; "": it asks for them
    const char *not_isolated; // Why jobs do not run in a sandbox; "": they do
    uint32_t lease_seconds, heartbeat_seconds;
    int64_t server_time; // When it registered; 0 from an older server
} registration_t;

// Reads the token if there is one. `work_dir` exists.
void registration_load (registration_t *self, arena_t *arena, const settings_t *settings);
// Registers with the agent's own token, else with the registration token. UNAVAILABLE, TIMEOUT, OVERLOADED, BROKEN: try again later.
MUST_USE fault_t registration_send (registration_t *self, turn_t *turn, server_t *server,
                                    const settings_t *settings);
const char *registration_push_key (const registration_t *self); // What the server signs its requests with

#endif
