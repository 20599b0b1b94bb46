/* embedded.h - gateway, services and local agents in this process and its children: what `opencicd up` and `opencicd run` are made of.
 *
 * What it leaves for others in DATA_DIR:
 *
 *     url                 where the API is        admin-token, registration-token   0600
 *     pid                 of the server           up.lock   held while a server runs on this folder */

#ifndef OPENCICD_CLI_UP_EMBEDDED_H
#define OPENCICD_CLI_UP_EMBEDDED_H

#include "cli/up/local_agents.h"

typedef struct embedded embedded_t;

// Borrows settings and the arguments of `agents`. Call program_begin first.
MUST_USE fault_t embedded_start (embedded_t **out, turn_t *turn, const settings_t *settings,
                                 const local_agents_spec_t *agents);
void embedded_stop (embedded_t **self_p);          // Last: no other actor may be left in this process
void embedded_nudge (embedded_t *self);            // Its agents ask now what they are to do
const char *embedded_url (const embedded_t *self); // As others reach it: the public one, if there is one

#endif
