/* agent.h - the agent program: registers, takes one job at a time, runs it, reports. */

#ifndef OPENCICD_AGENT_AGENT_H
#define OPENCICD_AGENT_AGENT_H

#include "common/settings/settings.h"

// Runs until SIGTERM or SIGINT, or, where it is ephemeral, until its job has ended. The exit code: 0, or 1 where it could not begin.
int agent_main (const settings_t *settings);

#endif
