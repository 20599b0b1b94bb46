/* unit.c - see unit.h. */

#include "services/scheduler/unit.h"

#include "common/base/log.h"
#include "services/scheduler/dispatch/claim.h"
#include "services/scheduler/dispatch/offer.h"
#include "services/scheduler/emit.h"
#include "services/scheduler/lease_clock.h"
#include "services/scheduler/run/engine.h"
#include "services/scheduler/store/event_store.h"
#include "services/scheduler/store/project_store.h"

fault_t unit_write (scheduler_t *self, turn_t *turn)
{
    if (self->writing)
        return OK;
    bool known = unit_is_known (self);
    fault_t fault = event_store_lock (self->db, turn, &self->counter);
    self->writing = !fault;
    if (known)
        unit_known (self);
    return fault;
}

bool unit_is_known (const scheduler_t *self)
{
    return self->known_writes == db_writes (self->db);
}

void unit_known (scheduler_t *self)
{
    self->known_writes = db_writes (self->db);
}

void unit_moved (scheduler_t *self, const char *run)
{
    self->moved.items = arena_grow (self->emitted_arena, self->moved.items, self->moved.count,
                                    &self->moved_capacity, sizeof *self->moved.items);
    self->moved.items[self->moved.count++] = arena_strdup (self->emitted_arena, run);
}

bool unit_holds (const scheduler_t *self, const char *run, size_t since)
{
    bool holds = unit_is_known (self);
    for (size_t i = since; holds && i < self->moved.count; i++)
        holds = !same (self->moved.items[i], run);
    return holds;
}

void unit_add_running (scheduler_t *self, const char *project, int64_t by)
{
    running_t *all = &self->running;
    size_t i = 0;
    while (i < all->count && !same (all->items[i].project, project))
        i++;
    if (i == all->count) {
        all->items =
            arena_grow (self->emitted_arena, all->items, all->count, &all->capacity, sizeof *all->items);
        all->items[all->count++].project = arena_strdup (self->emitted_arena, project);
        all->items[i].by = 0;
    }
    all->items[i].by += by;
}

int64_t unit_running (const scheduler_t *self, const char *project)
{
    for (size_t i = 0; i < self->running.count; i++)
        if (same (self->running.items[i].project, project))
            return self->running.items[i].by;
    return 0;
}

// What a part adds can be undone.
static running_t running_copy (const scheduler_t *self)
{
    running_t copy = {.count = self->running.count, .capacity = self->running.count};
    copy.items = arena_copy (self->emitted_arena, self->running.items, copy.count * sizeof *copy.items);
    return copy;
}

void unit_match_all (scheduler_t *self, turn_t *turn)
{
    self->matching.turn = turn;
    self->matching.all = true;
}

// False where there is no more room.
static bool add_text (turn_t *turn, const char **texts, size_t *count, const char *text)
{
    for (size_t i = 0; i < *count; i++)
        if (same (texts[i], text))
            return true;
    if (*count == SETS_AT_ONCE)
        return false;
    texts[(*count)++] = arena_strdup (turn->arena, text);
    return true;
}

void unit_match_job (scheduler_t *self, turn_t *turn, const char *labels)
{
    match_request_t *request = &self->matching;
    request->turn = turn;
    request->jobs++;
    request->all |= !add_text (turn, request->labels, &request->label_count, labels);
}

void unit_match_agent (scheduler_t *self, turn_t *turn, const char *agent)
{
    match_request_t *request = &self->matching;
    request->turn = turn;
    request->all |= !add_text (turn, request->agents, &request->agent_count, agent);
}

fault_t unit_part (scheduler_t *self, turn_t *turn, unit_part_fn *part, void *data, fault_t *ended)
{
    size_t emitted = self->emitted_count;
    const running_t running = running_copy (self);
    match_request_t matching = self->matching;
    TRY (db_savepoint (self->db, turn));
    *ended = part (self, turn, data);
    if (!*ended) // Deferred statements may still fail
        *ended = db_release (self->db, turn);
    if (!*ended)
        return OK;
    TRY (db_rollback_to (self->db, turn));
    engine_forget (self);
    self->emitted_count = emitted;
    self->running = running;
    self->matching = matching;
    offer_forget (self);
    return OK;
}

static void reset (scheduler_t *self)
{
    self->writing = false;
    emit_forget (self);
    self->running = (running_t){0};
    self->moved = (strs_t){0};
    self->moved_capacity = 0;
    self->queued = (strs_t){0};
    self->queued_capacity = 0;
    self->home = NULL;
    self->supply_count = 0;
    self->home_runs = 0;
    self->ahead_came = false;
    unit_known (self);
    self->taker_count = 0;
    self->matching = (match_request_t){0};
    self->match_failed = self->match_again; // Until one has succeeded
}

fault_t unit_begin (void *context, turn_t *turn)
{
    scheduler_t *self = context;
    reset (self);
    lease_clock_read (self);
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

fault_t unit_prepare (void *context)
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
        if (self->running.items[i].by != 0)
            TRY (project_store_add_running (self->db, turn, self->running.items[i].project,
                                            self->running.items[i].by));
    return OK;
}

fault_t unit_commit (void *context, turn_t *turn)
{
    scheduler_t *self = context;
    TRY (write_running (self, turn));
    TRY (emit_write (self, turn));
    TRY (be_careful (self, db_commit (self->db, turn)));
    self->careful -= self->careful > 0;
    self->match_again = self->match_failed;
    return OK;
}

void unit_rollback (void *context)
{
    scheduler_t *self = context;
    reset (self);
    engine_forget (self);
    db_rollback (self->db);
}

uint64_t unit_writes (void *context)
{
    scheduler_t *self = context;
    return db_writes (self->db);
}
