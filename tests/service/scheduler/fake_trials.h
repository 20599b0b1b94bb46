/* fake_trials.h - what the pretended scm service does with bundles of trials, which it counts and remembers: one for all worlds of a program. */

#ifndef OPENCICD_TEST_FAKE_TRIALS_H
#define OPENCICD_TEST_FAKE_TRIALS_H

#include "proto/messages.h"

fault_t fake_trial_put (void *self, turn_t *turn, const void *asked, void *answered);
fault_t fake_trial_read (void *self, turn_t *turn, const void *asked, void *answered); // The trial's id
fault_t fake_trial_drop (void *self, turn_t *turn, const void *asked, void *answered);

int fake_trial_parts (void);           // That have come since the last call
const char *fake_trial_dropped (void); // The last bundle that went; "" after fake_trial_fault()
void fake_trial_fault (fault_t fault); // What it says of one that is to go

#endif
