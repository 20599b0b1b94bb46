/* retention.c - see retention.h.
 *
 * Bytes are not counted as they arrive: a counter would be one row that every append of every job writes. Instead an index of times and
 * sizes is walked now and then, a bounded part of it in each step, from the newest log until the room is used up. */

#include "services/logs/retention.h"

#include "common/db/db_unit.h"
#include "services/logs/archive_store.h"

#include <stdio.h>

#define WALK_EVERY SECONDS (600)
#define WALK_PAUSE MILLISECONDS (50) // Between two steps of one walk

void retention_init (log_retention_t *self, db_t *db, blob_t *blob, background_t *background)
{
    static const sweep_t old = {.what = "logs",
                                .over = archive_store_old,
                                .remove = archive_store_forget,
                                .garbage = archive_store_garbage,
                                .removed = archive_store_removed,
                                .postpone = archive_store_postpone};
    self->sweeper = (sweeper_t){.of = &old, .db = db, .blob = blob, .background = background};
}

// True where the walk has come past the room.
static bool count_down (budget_t *budget, int64_t max_bytes, const log_sizes_t *sizes)
{
    for (size_t i = 0; i < sizes->count; i++) {
        budget->size += sizes->items[i].size;
        budget->cursor_us = sizes->items[i].changed_us;
        if (budget->size > max_bytes)
            return true;
    }
    return false;
}

static void end_walk (log_retention_t *self, turn_t *turn, int64_t before_us)
{
    self->budget = (budget_t){.at_us = turn->now_us + WALK_EVERY, .before_us = before_us};
    if (before_us > 0)
        self->sweeper.at_us = 0;
}

static fault_t walk (log_retention_t *self, turn_t *turn)
{
    budget_t *budget = &self->budget;
    log_sizes_t sizes;
    if (self->max_bytes == 0 || turn->now_us < budget->at_us)
        return OK;
    if (budget->cursor_us == 0)
        budget->cursor_us = INT64_MAX;
    TRY (archive_store_sizes (self->sweeper.db, turn, budget->cursor_us, &sizes));
    if (count_down (budget, self->max_bytes, &sizes)) {
        end_walk (self, turn, budget->cursor_us + 1);
        return OK;
    }
    budget->at_us = turn->now_us + WALK_PAUSE;
    if (sizes.count < SIZES_STEP)
        end_walk (self, turn, 0);
    return OK;
}

// Removes some of the project's logs that are past its room.
static fault_t forget_of_project (log_retention_t *self, turn_t *turn)
{
    budget_t *budget = &self->of_project;
    const rows_t *logs;
    TRY (archive_store_project_old (self->sweeper.db, turn, self->project, budget->before_us, &logs));
    if (rows_count (logs) > 0)
        TRY (db_unit_write (self->sweeper.db, turn));
    for (size_t i = 0; i < rows_count (logs); i++)
        TRY (archive_store_forget (self->sweeper.db, turn, rows_str (logs, i, 0), rows_i64 (logs, i, 1)));
    self->sweeper.at_us = 0;
    *budget = (budget_t){.at_us = turn->now_us + WALK_PAUSE,
                         .before_us = rows_count (logs) == FORGET_STEP ? budget->before_us : 0};
    return OK;
}

// One step through one project; after its end the next project's turn comes.
static fault_t walk_project (log_retention_t *self, turn_t *turn)
{
    budget_t *budget = &self->of_project;
    log_sizes_t sizes;
    const char *next;
    if (self->project_bytes == 0 || turn->now_us < budget->at_us)
        return OK;
    if (budget->before_us > 0)
        return forget_of_project (self, turn);
    if (budget->cursor_us == 0) {
        TRY (archive_store_project_after (self->sweeper.db, turn, self->project, &next));
        snprintf (self->project, sizeof self->project, "%s", next);
        budget->cursor_us = *next ? INT64_MAX : 0;
        budget->at_us = turn->now_us + (*next ? 0 : WALK_EVERY);
        if (!*next)
            return OK;
    }
    TRY (archive_store_project_sizes (self->sweeper.db, turn, self->project, budget->cursor_us, &sizes));
    if (count_down (budget, self->project_bytes, &sizes))
        budget->before_us = budget->cursor_us + 1;
    else if (sizes.count < SIZES_STEP)
        *budget = (budget_t){0};
    budget->at_us = turn->now_us + WALK_PAUSE;
    return OK;
}

fault_t retention_step (log_retention_t *self, turn_t *turn, int64_t *next_us)
{
    int64_t before = self->kept_us ? turn->now_us - self->kept_us : 0;
    TRY (walk (self, turn));
    TRY (walk_project (self, turn));
    if (self->budget.before_us > before)
        before = self->budget.before_us;
    TRY (sweep (&self->sweeper, turn, before, next_us));
    if (self->max_bytes && self->budget.at_us < *next_us)
        *next_us = self->budget.at_us;
    if (self->project_bytes && self->of_project.at_us < *next_us)
        *next_us = self->of_project.at_us;
    return OK;
}
