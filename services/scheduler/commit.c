/* commit.c - see commit.h. */

#include "services/scheduler/commit.h"

#include "common/base/log.h"
#include "services/scheduler/dispatch/claim.h"
#include "services/scheduler/store/project_store.h"
#include "services/scheduler/time/tick.h"
#include "services/scheduler/unit/emit.h"
#include "services/scheduler/unit/lease_clock.h"
#include "services/scheduler/unit/unit.h"

#define MATCH_AGAIN_US SECONDS (1) // After a matching that failed
#define MATCHES_MAX    16          // Of one unit of work; what is left waits for the next tick

fault_t commit_begin (void *context, turn_t *turn)
{
    scheduler_t *self = context;
    unit_reset (self);
    lease_clock_read (self, turn);
    return db_begin (self->db, turn);
}

static fault_t match (scheduler_t *self, const match_request_t *request)
{
    turn_t *turn = request->turn;
    const char *detail = turn->detail; // Of its own answer
    self->match_failed = false;
    fault_t fault = claim_jobs (self, turn, request);
    if (fault && self->careful == 0)
        return fault; // Everything is rolled back and repeated, with the matcher isolated
    if (fault) {
        self->match_failed = true;
        log_error (turn->detail ? turn->detail : fault_text (fault), "in", "the matcher", NULL);
        actor_tick_at (turn, turn->now_us + MATCH_AGAIN_US);
    }
    turn->detail = detail;
    return OK;
}

// Each message of a batch that was rolled back runs again alone, and may be rolled back once more.
static fault_t be_careful (scheduler_t *self, fault_t fault)
{
    if (fault)
        self->careful = 2 * ACTOR_BATCH;
    return fault;
}

fault_t commit_prepare (void *context)
{
    scheduler_t *self = context;
    // A job that cannot be offered ends, which may queue another
    for (int i = 0; self->matching.turn && i < MATCHES_MAX; i++) {
        match_request_t request = self->matching;
        self->matching = (match_request_t){0};
        TRY (be_careful (self, match (self, &request)));
    }
    if (self->matching.turn) { // What is left is not forgotten
        self->match_failed = true;
        actor_tick_at (self->matching.turn, self->matching.turn->now_us);
    }
    return OK;
}

static fault_t write_running (scheduler_t *self, turn_t *turn)
{
    for (size_t i = 0; i < self->running.count; i++)
        if (self->running.items[i].by != 0 || self->running.items[i].runs != 0)
            TRY (project_store_count (self->db, turn, self->running.items[i].project,
                                      self->running.items[i].by, self->running.items[i].runs));
    return OK;
}

fault_t commit_write (void *context, turn_t *turn)
{
    scheduler_t *self = context;
    TRY (write_running (self, turn));
    TRY (emit_write (self, turn));
    TRY (be_careful (self, db_commit (self->db, turn)));
    self->careful -= self->careful > 0;
    self->match_again = self->match_failed;
    return OK;
}

void commit_rollback (void *context)
{
    scheduler_t *self = context;
    scheduler_tick_undone (self);
    unit_reset (self);
    self->forget (self);
    db_rollback (self->db);
}

uint64_t commit_writes (void *context)
{
    scheduler_t *self = context;
    return db_writes (self->db);
}
