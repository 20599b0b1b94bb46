/* taken.h - the attempts that this agent took last, kept on its disk: none is started twice, also where the agent was killed in between and
 * the server, which does not know of the start, repeats its offer.
 *
 * Written without waiting for the disk: what a killed program wrote is there, and after a crash of the machine an offer is too old. */

#ifndef OPENCICD_AGENT_TAKEN_H
#define OPENCICD_AGENT_TAKEN_H

#include "common/base/fault.h"

#include <stdbool.h>
#include <stdint.h>

// An offer can be repeated while it is young (agent_server.c); no agent takes more jobs meanwhile.
#define TAKEN_KEPT 4096

typedef struct taken taken_t;

MUST_USE fault_t taken_new (taken_t **out, const char *path); // Reads the file, or creates it, 0600; NO_SPACE
void taken_destroy (taken_t **self_p);
void taken_add (taken_t *self, const char *job, uint32_t attempt);
bool taken_has (const taken_t *self, const char *job, uint32_t attempt);

#endif
