/* queue.c - the queue for people: what waits for an agent, by the labels that it asks for, in the order in which it is given to agents.
 *
 * That order is predicted by the matcher's own comparison: agents become free one after the other, and no job ends meanwhile. Of each
 * set of labels at most QUEUE_DEPTH jobs are put in order, and of each of its queues only as many are read as that takes. */

#include "proto/rights.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/api/view.h"
#include "services/scheduler/api/wait_reason.h"
#include "services/scheduler/base/labels.h"
#include "services/scheduler/dispatch/match.h"
#include "services/scheduler/dispatch/supply.h"
#include "services/scheduler/run/engine.h"
#include "services/scheduler/run/run_model.h"
#include "services/scheduler/store/queue_store.h"
#include "services/scheduler/unit/emit.h"
#include "services/scheduler/unit/unit.h"

#include <stdlib.h>

#define SETS_SHOWN    20 // Unless more are asked for
#define JOBS_SHOWN    5
#define JOBS_OF_QUEUE 16 // That are read at once

// One queue and its next job, while jobs are put in order.
typedef struct {
    const waiting_t *queue;
    const rows_t *rows;
    size_t at, limit; // Of the rows
    waiting_t head;   // Where `at` is a row
    queue_job_t job;
} queue_head_t;

static void look_at_head (queue_head_t *self)
{
    if (self->at < rows_count (self->rows))
        queue_store_read_job (self->rows, self->at, self->queue, &self->head, &self->job);
}

static fault_t read_lines (scheduler_t *self, turn_t *turn, const waitings_t *queues, size_t limit,
                           queue_head_t *lines)
{
    for (size_t i = 0; i < queues->count; i++) {
        lines[i] = (queue_head_t){.queue = &queues->items[i], .limit = limit};
        TRY (queue_store_jobs_later (self->db, turn, lines[i].queue, NULL, limit, &lines[i].rows));
    }
    TRY (db_wait (self->db, turn));
    for (size_t i = 0; i < queues->count; i++)
        look_at_head (&lines[i]);
    return OK;
}

static fault_t next_head (scheduler_t *self, turn_t *turn, queue_head_t *line)
{
    if (++line->at == line->limit) {
        const waiting_t last = line->head;
        line->at = 0;
        line->limit = JOBS_OF_QUEUE;
        TRY (queue_store_jobs_later (self->db, turn, line->queue, &last, line->limit, &line->rows));
        TRY (db_wait (self->db, turn));
    }
    look_at_head (line);
    return OK;
}

// NULL where none has a job left.
static queue_head_t *first_line (queue_head_t *lines, size_t count)
{
    queue_head_t *first = NULL;
    for (size_t i = 0; i < count; i++) {
        queue_head_t *line = &lines[i];
        if (line->at < rows_count (line->rows) &&
            (!first || match_is_before (&line->head, line->head.running, &first->head, first->head.running)))
            first = line;
    }
    return first;
}

// Its project has one more running job.
static void count_running (queue_head_t *lines, size_t count, const waiting_t *given)
{
    const char *project = given->project_id;
    for (size_t i = 0; i < count; i++)
        if (same (lines[i].queue->project_id, project))
            lines[i].head.running++;
}

// The jobs after the first `skip`. The first n are in the first n queues.
static fault_t in_order (scheduler_t *self, turn_t *turn, const char *labels, size_t skip, size_t limit,
                         queue_job_items_t *out)
{
    waitings_t queues;
    size_t end = skip + limit < QUEUE_DEPTH ? skip + limit : QUEUE_DEPTH;
    queue_head_t *line;
    *out = (queue_job_items_t){arena_array (turn->arena, limit + 1, sizeof *out->items), 0};
    if (!caller_may_everywhere (
            &turn->caller, ROLE_VIEWER)) // Jobs of others have their place in the order, and are not shown
        end = QUEUE_DEPTH;
    TRY (queue_store_queues (self->db, turn, labels, end < QUEUES_AT_ONCE ? end : QUEUES_AT_ONCE, &queues));
    queue_head_t *lines = arena_array (turn->arena, queues.count + 1, sizeof *lines);
    TRY (read_lines (self, turn, &queues, end < JOBS_OF_QUEUE ? end : JOBS_OF_QUEUE, lines));
    for (size_t i = 0, seen = 0; i < end && out->count < limit && (line = first_line (lines, queues.count));
         i++) {
        int64_t running = line->head.running + 1;
        line->job.position = (uint32_t) i + 1;
        bool shown = caller_may (&turn->caller, line->queue->project_id, false, ROLE_VIEWER);
        if (shown && seen++ >= skip)
            out->items[out->count++] = line->job;
        count_running (lines, queues.count, line->queue);
        if (i + 1 < end)
            TRY (next_head (self, turn, line));
        line->head.running = running;
    }
    return OK;
}

static fault_t explain (wait_reasons_t *reasons, const char *labels, queue_set_t *out)
{
    const labels_reason_t *reason;
    TRY (wait_reason_labels (reasons, labels, &reason));
    out->reason = reason->text;
    out->never = reason->standing.state == SUPPLY_NONE;
    out->help = supply_help (reasons->turn->arena, &reason->standing, labels);
    return OK;
}

static fault_t read_cursor (turn_t *turn, const char *cursor, size_t *skip)
{
    char *end;
    unsigned long number = strtoul (cursor, &end, 10);
    *skip = number;
    return *end || number > INT32_MAX ? turn_fail (turn, INVALID, "cursor: is not the `next` of a page") : OK;
}

static const char *next_cursor (turn_t *turn, size_t skip, size_t count, size_t limit, size_t most)
{
    return count < limit || skip + count >= most ? "" : arena_printf (turn->arena, "%zu", skip + count);
}

HANDLER (queue_show)
{
    scheduler_t *self = context;
    const queue_show_t *ask = asked;
    queue_page_t *page = answered;
    wait_reasons_t reasons = {.scheduler = self, .turn = turn};
    size_t skip, limit = ask->limit ? ask->limit : SETS_SHOWN;
    TRY (read_cursor (turn, ask->cursor, &skip));
    TRY (queue_store_sets (self->db, turn, rights_scope (turn), skip, limit, &page->items));
    for (size_t i = 0; i < page->items.count; i++) {
        queue_set_t *set = &page->items.items[i];
        const char *labels = labels_of (turn->arena, set->labels.items, set->labels.count);
        TRY (explain (&reasons, labels, set));
        TRY (in_order (self, turn, labels, 0, ask->jobs ? ask->jobs : JOBS_SHOWN, &set->jobs));
    }
    page->next = next_cursor (turn, skip, page->items.count, limit, INT32_MAX);
    return OK;
}

HANDLER (queue_jobs)
{
    scheduler_t *self = context;
    const queue_jobs_t *ask = asked;
    queue_job_page_t *page = answered;
    size_t skip, limit = page_limit (ask->limit);
    TRY (read_cursor (turn, ask->cursor, &skip));
    TRY (in_order (self, turn, labels_of (turn->arena, ask->labels.items, ask->labels.count), skip, limit,
                   &page->items));
    page->next = next_cursor (turn, skip, page->items.count, limit, QUEUE_DEPTH);
    return OK;
}

static fault_t check_priority (turn_t *turn, int64_t priority)
{
    return priority < -PRIORITY_MOST ? turn_fail (turn, INVALID, "priority: is %lld, at least %d is allowed",
                                                  (long long) priority, -PRIORITY_MOST)
                                     : OK;
}

HANDLER (job_priority)
{
    scheduler_t *self = context;
    const job_priority_t *ask = asked;
    job_row_t row;
    TRY (check_priority (turn, ask->priority));
    TRY (unit_write (self, turn));
    TRY (job_store_find (self->db, turn, ask->job, &row));
    if (row.job.state != job_queued)
        return turn_fail (turn, CONFLICT, "job %s does not wait for an agent: it is %s", row.job.name,
                          state_name (&states_job, row.job.state));
    if (row.job.priority != ask->priority)
        TRY (job_move (self, turn, &row, ask->priority));
    return show_job (self, turn, ask->job, answered);
}

// Jobs that are still to come are made with the run's priority; those that are there and have not begun get it now.
static fault_t move_jobs (scheduler_t *self, turn_t *turn, const char *run, int64_t priority)
{
    job_rows_t waiting;
    TRY (job_store_queued (self->db, turn, run, &waiting));
    for (size_t i = 0; i < waiting.count; i++)
        if (waiting.items[i].job.priority != priority)
            TRY (job_move (self, turn, &waiting.items[i], priority));
    return job_store_priority_of_run (self->db, turn, run, priority);
}

HANDLER (run_priority)
{
    scheduler_t *self = context;
    const run_priority_t *ask = asked;
    run_row_t row;
    TRY (check_priority (turn, ask->priority));
    TRY (unit_write (self, turn));
    TRY (run_store_find (self->db, turn, ask->run, &row));
    if (row.run.state == run_finished)
        return turn_fail (turn, CONFLICT, "run %lld has ended", (long long) row.run.number);
    TRY (move_jobs (self, turn, ask->run, ask->priority));
    row.run.priority = ask->priority;
    row.version++;
    TRY (run_store_save (self->db, turn, &row));
    run_model_forget (self, ask->run); // It has the version before
    TRY (emit_run (self, turn, EVENT_run_state, &row.run));
    return show_run (self, turn, ask->run, answered);
}
