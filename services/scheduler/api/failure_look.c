/* failure_look.c - reads what the log of an attempt that failed says, and keeps it: a digest and its history are then look-ups.
 *
 * The attempt may have been followed by another, whose steps the job now has: then there is nothing left to read. */

#include "common/base/log.h"
#include "common/base/metrics.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/api/view.h"
#include "services/scheduler/failure/failure.h"
#include "services/scheduler/store/failure_store.h"
#include "services/scheduler/unit/unit.h"

#define LINES_READ 120         // Of the step's end
#define FACTS_MAX  (256 << 10) // Bytes of a packed failure

static fault_t ask_lines (turn_t *turn, const log_excerpt_t *ask, log_lines_t *out)
{
    fault_t fault = actor_call (turn, MSG_log_excerpt, ask, out);
    if (fault != NOT_FOUND && fault != GONE && fault != INVALID)
        return fault;
    *out = (log_lines_t){0};
    turn->detail = NULL;
    return OK;
}

// Those of `found` that come before the last ones, and these.
static log_line_items_t join_lines (arena_t *arena, const log_line_items_t *found,
                                    const log_line_items_t *last)
{
    log_line_items_t all = {arena_array (arena, found->count + last->count + 1, sizeof (log_line_t)), 0};
    for (size_t i = 0; i < found->count && found->items[i].line < last->items[0].line; i++)
        all.items[all.count++] = found->items[i];
    for (size_t i = 0; i < last->count; i++)
        all.items[all.count++] = last->items[i];
    return all;
}

// A job that never began has no log, and that of a lost agent may have come to nothing. Most failures end with what tells the cause; for the
// others it is looked for in what the step printed before, as a compiler's error may be followed by thousands of lines.
static fault_t read_lines (turn_t *turn, const job_t *job, log_line_items_t *out)
{
    const step_row_t *step = failure_step (job);
    log_lines_t last = {0}, found = {0};
    *out = (log_line_items_t){0};
    if (!step || job->attempt == 0)
        return OK;
    log_excerpt_t ask = {.job = job->id, .attempt = job->attempt, .step = step->number, .lines = LINES_READ};
    TRY (ask_lines (turn, &ask, &last));
    *out = last.items;
    if (out->count < LINES_READ || failure_is_told (job, out))
        return OK;
    ask.words = failure_words (turn->arena);
    TRY (ask_lines (turn, &ask, &found));
    *out = join_lines (turn->arena, &found.items, &last.items);
    return OK;
}

static fault_t pack_facts (turn_t *turn, const failure_t *failure, bytes_t *out)
{
    buffer_t *packed = buffer_new (FACTS_MAX);
    fault_t fault = message_pack (MESSAGE (failure), failure, packed);
    *out =
        (bytes_t){arena_copy (turn->arena, buffer_text (packed), buffer_size (packed)), buffer_size (packed)};
    buffer_destroy (&packed);
    return fault;
}

static fault_t read_facts (scheduler_t *self, turn_t *turn, const failure_look_t *ask, failure_t *out,
                           const char **run)
{
    job_row_t job;
    log_line_items_t lines;
    fault_t fault = job_store_find (self->db, turn, ask->job, &job);
    *out = (failure_t){.fingerprint = "", .job_id = ""};
    if (fault == NOT_FOUND || (!fault && (job.job.attempt != ask->attempt || job.job.state != job_finished)))
        return OK;
    TRY (fault);
    TRY (view_steps (turn, &job));
    TRY (read_lines (turn, &job.job, &lines));
    failure_read (turn->arena, &job.job, &lines, out);
    out->matrix = ""; // It may be large, and stays with the job
    *run = job.job.run_id;
    return OK;
}

static void count (cause_t cause)
{
    metric_add (metrics_counter ("opencicd_failures_total", "cause", state_name (&states_cause, cause),
                                 "Failed attempts whose logs were looked at, by what went wrong"),
                1);
}

HANDLER (failure_look)
{
    scheduler_t *self = context;
    const failure_look_t *ask = asked;
    failure_row_t row = {.job_id = ask->job, .attempt = ask->attempt};
    failure_t failure;
    const char *run = "";
    bool due;
    (void) answered;
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "this is for services");
    TRY (failure_store_is_due (self->db, turn, ask->job, ask->attempt, &due));
    if (!due)
        return OK; // Another replica was faster
    TRY (read_facts (self, turn, ask, &failure, &run));
    fault_t fault = *failure.job_id ? pack_facts (turn, &failure, &row.facts) : OK;
    if (fault) { // Too much of it: what the job itself says is all that is kept
        log_warn ("what a failed job says cannot be kept", "job", ask->job, "fault", fault_name (fault),
                  NULL);
        row.facts = (bytes_t){0};
        turn->detail = NULL;
    }
    TRY (unit_write (self, turn));
    TRY (failure_store_save (self->db, turn, &row, failure.fingerprint));
    if (*failure.job_id)
        count (failure.cause);
    actor_announce (turn, failure_topic (turn, run));
    actor_tick_at (turn, turn->now_us); // There is room for another
    return OK;
}
