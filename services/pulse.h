/* pulse.h - does a service's thread still come round, and does its database answer it? */

#ifndef OPENCICD_PULSE_H
#define OPENCICD_PULSE_H

#include "common/actor.h"
#include "common/db.h"

typedef struct pulse pulse_t;

pulse_t *pulse_new (actor_t *actor, db_t *db); // Borrows both; db is the actor's, NULL where it has none
void pulse_destroy (pulse_t **self_p);         // After the actor
// UNAVAILABLE with why, at the latest after `patience_ms`. From one thread, not the actor's.
MUST_USE fault_t pulse_feel (pulse_t *self, turn_t *turn, int patience_ms);

#endif
