/* fake_values.h - what the pretended identity knows of variables and environments. */

#ifndef OPENCICD_TEST_SCHEDULER_FAKE_VALUES_H
#define OPENCICD_TEST_SCHEDULER_FAKE_VALUES_H

#include "tests/service/scheduler/world.h"

void world_variables (world_t *self, const char *json); // Of every project, from now on; a literal
int world_values_purged (world_t *self);                // Projects whose secrets were to go

// Every environment's rules from now on; NULL: none. It must live as long as the world.
void world_environment (world_t *self, const environment_t *rules);

// Handlers of the pretended identity.
fault_t fake_variables_read (void *self, turn_t *turn, const void *asked, void *answered);
fault_t fake_environment_show (void *self, turn_t *turn, const void *asked, void *answered);
fault_t fake_values_purge (void *self, turn_t *turn, const void *asked, void *answered);

#endif
