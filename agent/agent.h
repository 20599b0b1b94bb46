/* agent.h - the agent program: registers, takes one job at a time, runs it, reports. */

#ifndef OPENCICD_AGENT_AGENT_H
#define OPENCICD_AGENT_AGENT_H

#include "common/settings/settings.h"

// Runs until SIGTERM or SIGINT; an ephemeral agent until its job has ended. Returns the exit status: 0, or 1 if it could not start.
int agent_main (const settings_t *settings);

#endif
