/* scheduler.h - the service that decides: projects, runs, jobs, attempts, agents, leases, schedules.
 *
 * Give scheduler_class and a scheduler_t to actor_new(); destroy it after the actor. It has a helper thread that pushes jobs to agents,
 * from the actor's start to its stop.
 *
 * Its tables are those of db/scheduler, migrated before (db_migrate). It never reads a repository, a log or a token itself: it calls
 * scm, logs and identity. */

#ifndef OPENCICD_SCHEDULER_H
#define OPENCICD_SCHEDULER_H

#include "services/scheduler/base/options.h"

extern const actor_class_t scheduler_class;

scheduler_t *scheduler_new (const scheduler_options_t *options);
void scheduler_destroy (scheduler_t **self_p); // After actor_destroy

#endif
