/* unit.c - see unit.h. */

#include "services/scheduler/unit/unit.h"

#include "common/actor/effects.h"
#include "services/scheduler/store/event_store.h"

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

static size_t place_of (const running_t *all, const char *project)
{
    size_t i = 0;
    while (i < all->count && !same (all->items[i].project, project))
        i++;
    return i;
}

static void add (scheduler_t *self, const char *project, int64_t by, int64_t runs)
{
    running_t *all = &self->running;
    size_t i = place_of (all, project);
    if (i == all->count) {
        all->items =
            arena_grow (self->emitted_arena, all->items, all->count, &all->capacity, sizeof *all->items);
        all->items[all->count++].project = arena_strdup (self->emitted_arena, project);
        all->items[i].by = all->items[i].runs = 0;
    }
    all->items[i].by += by;
    all->items[i].runs += runs;
}

void unit_add_running (scheduler_t *self, const char *project, int64_t by)
{
    add (self, project, by, 0);
}

void unit_add_run (scheduler_t *self, const char *project)
{
    add (self, project, 0, 1);
}

int64_t unit_running (const scheduler_t *self, const char *project)
{
    size_t i = place_of (&self->running, project);
    return i < self->running.count ? self->running.items[i].by : 0;
}

int64_t unit_runs (const scheduler_t *self, const char *project)
{
    size_t i = place_of (&self->running, project);
    return i < self->running.count ? self->running.items[i].runs : 0;
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

void unit_match_missed (scheduler_t *self, turn_t *turn)
{
    self->matching.turn = turn;
    self->matching.missed = true;
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
    const effects_t effects = effects_so_far (turn);
    TRY (db_savepoint (self->db, turn));
    *ended = part (self, turn, data);
    if (!*ended) // Deferred statements may still fail
        *ended = db_release (self->db, turn);
    if (!*ended)
        return OK;
    TRY (db_rollback_to (self->db, turn));
    self->emitted_count = emitted;
    self->running = running;
    self->matching = matching;
    effects_undo (turn, &effects);
    self->forget (self);
    return OK;
}

static void push_now (void *context, void *push)
{
    pusher_push (((scheduler_t *) context)->pusher, push);
}

void unit_push (turn_t *turn, push_t *push)
{
    actor_after (turn, push_now, push);
}

void unit_reset (scheduler_t *self)
{
    self->writing = self->ticked = false;
    arena_reset (self->emitted_arena); // With the events go these lists, which are in it
    self->emitted = NULL;
    self->emitted_count = self->emitted_capacity = 0;
    self->running = (running_t){0};
    self->moved = (strs_t){0};
    self->moved_capacity = 0;
    self->queued = (strs_t){0};
    self->queued_capacity = 0;
    self->home = NULL;
    self->supply_count = 0;
    self->ahead_came = false;
    unit_known (self);
    self->taker_count = 0;
    self->matching = (match_request_t){0};
    self->match_failed = self->match_again; // Until one has succeeded
}
