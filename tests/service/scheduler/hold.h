/* hold.h - a request to another service that is held up, while others overtake it. */

#ifndef OPENCICD_TEST_SCHEDULER_HOLD_H
#define OPENCICD_TEST_SCHEDULER_HOLD_H

#include "tests/service/scheduler/world.h"

// The next request for a token, or for an address to be checked, does not answer until it is let go; others do.
void world_hold_next (world_t *self);
int world_holds (world_t *self); // Has it come?
void world_let_go (world_t *self);

#endif
