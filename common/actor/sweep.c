/* sweep.c - see sweep.h. */

#include "common/actor/sweep.h"

#include "common/base/log.h"
#include "common/db/db_unit.h"

#define EVERY_US  SECONDS (600)     // While nothing is known to have expired
#define PAUSE_US  MILLISECONDS (50) // Between two steps
#define FAILED_US SECONDS (600)     // Until a blob that could not be deleted is tried again
#define TASKS     4                 // That delete at the same time, each some

// Some blobs, for a helper thread.
typedef struct {
    sweeper_t *sweeper;
    turn_t turn; // With an arena of its own
    const char **keys;
    size_t count;
    fault_t *faults; // For each key
    fault_t fault;
    bool counted; // Its end was served already: it is served again when a batch is rolled back
} task_t;

// A blob that cannot be deleted does not hold up the others.
static void delete_blobs (void *context)
{
    task_t *self = context;
    self->fault = blob_delete_many (self->sweeper->blob, &self->turn, self->keys, self->count, self->faults);
}

// The last of the parallel tasks decides when the next step is due.
static void end_task (sweeper_t *self, turn_t *turn, task_t *task)
{
    if (!task->counted) {
        task->counted = true;
        self->under_way--;
    }
    if (task->fault)
        log_warn ("some blobs could not be deleted; they will be tried again", "what", self->of->what,
                  "fault", fault_name (task->fault), "detail", task->turn.detail ? task->turn.detail : "",
                  NULL);
    if (self->under_way > 0)
        return;
    self->at_us = turn->now_us + PAUSE_US;
    actor_tick_at (turn, self->at_us);
}

// In the actor's thread. What could not be deleted goes to the end of the list, or it would block all others for ever.
static fault_t deleted (void *service, turn_t *turn, void *data)
{
    task_t *task = data;
    sweeper_t *self = task->sweeper;
    (void) service;
    end_task (self, turn, task);
    TRY (db_unit_write (self->db, turn));
    for (size_t i = 0; i < task->count; i++)
        TRY (task->faults[i] ? self->of->postpone (self->db, turn, task->keys[i], turn->now_us + FAILED_US)
                             : self->of->removed (self->db, turn, task->keys[i]));
    return OK;
}

// Every nth of the keys, from `first` on.
static fault_t begin_task (sweeper_t *self, turn_t *turn, const rows_t *blobs, size_t first, size_t nth)
{
    arena_t *arena = arena_new ();
    task_t *task = arena_alloc (arena, sizeof (*task));
    *task = (task_t){.sweeper = self,
                     .keys = arena_array (arena, rows_count (blobs), sizeof (char *)),
                     .faults = arena_array (arena, rows_count (blobs), sizeof (fault_t))};
    turn_init (&task->turn, arena, "", 0);
    for (size_t i = first; i < rows_count (blobs); i += nth)
        task->keys[task->count++] = arena_strdup (arena, rows_str (blobs, i, 0));
    return background_send (self->background, turn, delete_blobs, deleted, &arena, task);
}

// No row refers to these blobs any more: they may be deleted even if this step is rolled back.
static fault_t remove_garbage (sweeper_t *self, turn_t *turn, size_t *count)
{
    const rows_t *blobs;
    TRY (self->of->garbage (self->db, turn, &blobs));
    *count += rows_count (blobs);
    size_t tasks =
        blob_parallel (self->blob) > 1 ? 1 : TASKS; // A far store removes all of them in one request
    for (size_t i = 0; i < tasks && i < rows_count (blobs); i++) {
        if (begin_task (self, turn, blobs, i, tasks)) { // No free background task
            turn->detail = NULL;
            return OK;
        }
        self->under_way++;
    }
    return OK;
}

static fault_t remove_over (sweeper_t *self, turn_t *turn, int64_t before_us, size_t *count)
{
    const rows_t *over;
    TRY (self->of->over (self->db, turn, before_us, &over));
    if (rows_count (over) == 0)
        return OK;
    *count += rows_count (over);
    TRY (db_unit_write (self->db, turn));
    for (size_t i = 0; i < rows_count (over); i++)
        TRY (self->of->remove (self->db, turn, rows_str (over, i, 0), rows_i64 (over, i, 1)));
    return OK;
}

fault_t sweep (sweeper_t *self, turn_t *turn, int64_t before_us, int64_t *next_us)
{
    size_t count = 0;
    if (turn->now_us >= self->at_us) {
        TRY (remove_over (self, turn, before_us, &count));
        if (self->under_way == 0)
            TRY (remove_garbage (self, turn, &count));
        self->at_us = turn->now_us + (count > 0 ? PAUSE_US : EVERY_US);
    }
    if (self->at_us < *next_us)
        *next_us = self->at_us;
    return OK;
}

void sweep_soon (sweeper_t *self, turn_t *turn)
{
    self->at_us = 0;
    actor_tick_at (turn, turn->now_us);
}
