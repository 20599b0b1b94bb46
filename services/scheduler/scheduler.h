/* scheduler.h - the service that decides: projects, runs, jobs, attempts, agents, leases, schedules.
 *
 * Give scheduler_class and a scheduler_t to actor_new(); destroy it after the actor. It has a helper thread that pushes jobs to agents,
 * from the actor's start to its stop.
 *
 * Its tables are those of db/scheduler, migrated before (db_migrate). It never reads a repository, a log or a token itself: it calls
 * scm, logs and identity. */

#ifndef OPENCICD_SCHEDULER_H
#define OPENCICD_SCHEDULER_H

#include "common/actor/actor.h"
#include "common/base/job_token.h"
#include "common/db/db.h"

#define SCHEDULER_LEASE_SECONDS     30
#define SCHEDULER_HEARTBEAT_SECONDS 10
#define SCHEDULER_MAX_ATTEMPTS      3

#define SCHEDULER_EVENTS_US (SECONDS (86400) * 7)
#define SCHEDULER_EVENTS    100000

// What is removed automatically.
typedef struct {
    int64_t runs_us;   // After they ended; 0: never
    int64_t runs;      // The latest of a project; 0: all
    int64_t events_us; // 0: SCHEDULER_EVENTS_US
    int64_t events;    // The latest; 0: SCHEDULER_EVENTS
} scheduler_keeps_t;

typedef struct {
    db_t *db;                      // Borrowed; used in the actor's thread alone
    uint32_t lease_seconds;        // 0: SCHEDULER_LEASE_SECONDS
    uint32_t max_attempts;         // Tries at a job whose agents were lost; 0: SCHEDULER_MAX_ATTEMPTS
    uint32_t agent_retention_days; // Agents not seen for this long are removed; 0: never
    const secret_key_t *key;       // Of job tokens; copied
    const char *server_url;        // What github.server_url says; copied
    const char *variables;         // vars.* of all projects, JSON; NULL: none; copied
    wall_clock_t *clock;           // The clock of leases in tests; NULL: the database's. Borrowed
    scheduler_keeps_t keeps;
} scheduler_options_t;

typedef struct scheduler scheduler_t;

extern const actor_class_t scheduler_class;

scheduler_t *scheduler_new (const scheduler_options_t *options);
void scheduler_destroy (scheduler_t **self_p); // After actor_destroy

#endif
