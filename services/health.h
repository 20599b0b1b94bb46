/* health.h - does a service's thread still respond, and does its database answer it? */

#ifndef OPENCICD_HEALTH_H
#define OPENCICD_HEALTH_H

#include "common/actor/actor.h"
#include "common/db/db.h"

typedef struct health health_t;

health_t *health_new (actor_t *actor, db_t *db); // Borrows both; db is the actor's, NULL where it has none
void health_destroy (health_t **self_p);         // After the actor
// UNAVAILABLE with the reason, at the latest after `timeout_ms`. From one thread, not the actor's.
MUST_USE fault_t health_check (health_t *self, turn_t *turn, int timeout_ms);

#endif
