/* retention.h - what the scheduler removes automatically: expired runs, runs of removed projects, events.
 *
 * In the tick, in steps of a few rows. A run's row goes first; its jobs go when the log collector has answered that their logs are gone,
 * and the rest of it when the artifact store has (run_purge): until then the rows that are left remember what is still to be asked. */

#ifndef OPENCICD_SCHEDULER_RETENTION_H
#define OPENCICD_SCHEDULER_RETENTION_H

#include "services/scheduler/unit/self.h"

MUST_USE fault_t retention_tick (scheduler_t *self, turn_t *turn);
void retention_soon (scheduler_t *self, turn_t *turn); // There is something to remove

#endif
