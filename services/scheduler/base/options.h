/* options.h - what a scheduler is made with (scheduler.h), and what it keeps of that (unit/self.h). */

#ifndef OPENCICD_SCHEDULER_OPTIONS_H
#define OPENCICD_SCHEDULER_OPTIONS_H

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

#endif
