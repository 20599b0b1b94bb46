/* self.h - what the scheduler's own files share: its state and its unit of work.
 *
 * The database is the truth. What is in memory here is a hint that may be lost at any moment. */

#ifndef OPENCICD_SCHEDULER_SELF_H
#define OPENCICD_SCHEDULER_SELF_H

#include "common/base/metrics.h"
#include "proto/messages.h"
#include "services/scheduler/base/match_request.h"
#include "services/scheduler/base/options.h"
#include "services/scheduler/store/supply_store.h"
#include "services/scheduler/unit/pusher.h"

#include <string.h>

#define ACCEPTED_MAX      1024              // Past it an acceptance is written with the agent's next report
#define SUPPLIES_AHEAD    8                 // Sets of labels whose agents are asked for in one unit of work
#define KNOWN_LEASES      256               // Past it what is known of one is read again
#define ACCEPTED_DELAY_US MILLISECONDS (50) // Acceptances within this time share one commit

typedef struct {
    char job[MAX_ID + 1];
    uint32_t attempt;
} accepted_t;

// Of a job that this process gave to an agent, and has not seen end: the attempt, the agent and the project.
typedef struct {
    char job[MAX_ID + 1], agent[MAX_ID + 1], project[MAX_ID + 1];
    uint32_t attempt;
} known_lease_t;

// What is still to be added to a project's jobs that have a lease, and to its runs.
typedef struct {
    struct {
        const char *project;
        int64_t by, runs;
    } * items;
    size_t count, capacity;
} running_t;

// A pushed agent whose final status is answered with this unit of work, and may bring it its next job.
typedef struct {
    const char *agent;
    turn_t *turn;
    job_orders_t *answer;
} taker_t;

// When something is removed next; a hint, like everything here.
typedef struct {
    int64_t at_us;            // The earliest of all; 0 at first
    int64_t events_us;        // Old events are looked for
    int64_t walk_us;          // The next project's old runs are
    bool walking;             // A walk over the projects is under way
    char project[MAX_ID + 1]; // It has done with those up to this one
} run_retention_t;

struct scheduler {
    db_t *db; // First, for db_unit.h
    uint32_t lease_seconds, max_attempts;
    secret_key_t key;
    char *server_url;
    char *variables; // JSON: vars.* of all projects
    pusher_t *pusher;
    void (*forget) (scheduler_t *self); // What folders above remember of what is rolled back
    bool writing;                       // unit_write was called in this unit of work
    uint64_t known_writes; // Of the database, when what was read ahead was last known to hold: see unit.h
    running_t running;     // In this unit of work
    strs_t moved;          // Runs that were written since
    size_t moved_capacity;
    const rows_t *home;                   // Asked for in this unit of work, under the lock; NULL where not
    supply_of_t supplies[SUPPLIES_AHEAD]; // Likewise
    size_t supply_count;
    strs_t queued; // Labels of the jobs of no project that it queued since
    size_t queued_capacity;
    bool ahead_came;        // All that was asked for ahead is there
    const rows_t *counter;  // Of events, locked; only while writing
    arena_t *emitted_arena; // Of the events of this unit of work, which are written at its end
    event_t *emitted;       // As many as there are changes of rows in it
    size_t emitted_count, emitted_capacity;
    taker_t takers[ACTOR_BATCH]; // In this unit of work
    size_t taker_count;
    match_request_t matching;
    metric_t *missed_matches;       // That nobody had requested
    bool match_failed, match_again; // In this unit of work; in one before: the tick asks for another
    unsigned careful; // Units of work yet in which what the matcher does can be undone by itself; see unit.h
    bool started;     // The first tick was done
    bool schedules_blamed; // Those that were due when the previous process ended
    int64_t prune_at;      // When old agents are looked for next
    scheduler_keeps_t keeps;
    run_retention_t retention;
    wall_clock_t *clock;                 // Of leases, in tests; else NULL: lease_clock.h
    int64_t clock_base_us;               // What the monotonic clock lacks
    int64_t lease_now_us, lease_read_us; // In this unit of work; when that was read, steady
    int64_t served_us;                 // When it was last recorded that a scheduler serves, as far as we know
    int64_t rested_us;                 // Agents whose backoff had ended by then were matched
    int64_t agent_retention_us;        // After which an agent that is offline is removed; 0: never
    bool ticked, part_failed;          // In this unit of work there was a tick; a part of it failed
    bool skewed;                       // Our clock is far from the database's, and that was logged
    accepted_t accepted[ACCEPTED_MAX]; // Jobs that an agent took, not yet written as running
    size_t accepted_count;
    known_lease_t known_leases[KNOWN_LEASES]; // By the hash of the job
    int64_t accepted_at;                      // When they are written; NEVER for none
    struct run_model *models;                 // Of runs that moved last; run/run_model.h
    struct background *readers;               // Threads that read large files; run/file_reader.h
    struct run_plans *plans;                  // Their plans; run/plan_cache.h
    struct workflow_lists *workflow_lists;    // Of commits; api/workflow_cache.h
};

static inline bool same (const char *a, const char *b)
{
    return strcmp (a, b) == 0;
}

static inline int64_t lease_us (const scheduler_t *self)
{
    return SECONDS (self->lease_seconds);
}

#endif
