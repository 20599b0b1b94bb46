/* reach.h - whether the server can call an agent that says nothing of its address but where it listens. */

#ifndef OPENCICD_AGENT_REACH_H
#define OPENCICD_AGENT_REACH_H

#include "common/base/turn.h"

#include <stdbool.h>

// False where `own` is an address that means another machine to a server elsewhere: loopback, or all interfaces. Names are not looked up:
// a server on this machine that is named by its public name counts as one elsewhere, to which an agent can still park.
bool reach_works (turn_t *turn, const char *server, const char *own);

#endif
