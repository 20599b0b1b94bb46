/* scheduler.h - the service that decides: projects, runs, jobs, attempts, agents, leases, schedules.
 *
 * Give scheduler_class and a scheduler_t to actor_new(); destroy it after the actor. It has a helper thread that pushes jobs to agents,
 * from the actor's start to its stop.
 *
 * Its tables are those of db/scheduler, migrated before (db_migrate). It never reads a repository, a log or a token itself: it asks
 * scm, logs and identity. */

#ifndef OPENCICD_SCHEDULER_H
#define OPENCICD_SCHEDULER_H

#include "common/actor.h"
#include "common/db.h"
#include "common/job_token.h"

#define SCHEDULER_LEASE_SECONDS     30
#define SCHEDULER_HEARTBEAT_SECONDS 10
#define SCHEDULER_MAX_ATTEMPTS      3

typedef struct {
    db_t *db;                // Borrowed; used in the actor's thread alone
    uint32_t lease_seconds;  // 0: SCHEDULER_LEASE_SECONDS
    uint32_t max_attempts;   // Tries at a job whose agents were lost; 0: SCHEDULER_MAX_ATTEMPTS
    const secret_key_t *key; // Of job tokens; copied
    const char *server_url;  // What github.server_url says; copied
} scheduler_options_t;

typedef struct scheduler scheduler_t;

extern const actor_class_t scheduler_class;

scheduler_t *scheduler_new (const scheduler_options_t *options);
void scheduler_destroy (scheduler_t **self_p); // After actor_destroy

#endif
