/* action_pins.h - what actions are locked to, asked of the server for one job (docs/actions.md). */

#ifndef OPENCICD_AGENT_ACTION_PINS_H
#define OPENCICD_AGENT_ACTION_PINS_H

#include "agent/engine/actions/action_settings.h"
#include "agent/server_api.h"

// Borrows all. While the server is unreachable the request is repeated, as for artifacts.
typedef struct {
    server_t *server;
    const char *token, *job, *accept_command;
    uint32_t attempt;
    int cancel; // Becomes readable when the job is to stop
} server_pins_t;

action_pins_t server_action_pins (server_pins_t *self);

#endif
