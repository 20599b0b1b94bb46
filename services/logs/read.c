/* read.c - windows of a log: by line, by byte, by step; and waiting for what has not arrived yet.
 *
 * A waiting reader makes the log a followed one: what arrives is then read by all its viewers from memory (tails.h).
 * Rows say which pieces are needed; those in the database are cut at once, those in blobs by a helper thread. The key of that
 * task does not say how long the log is: a log that grows while its window is cut makes no difference to the window. */

#include "services/logs/logs_self.h"
#include "services/logs/window.h"

#define MARGIN MILLISECONDS (200) // An answer that says "nothing yet" leaves before its reader gives up

// The requested part of the log.
typedef struct {
    log_row_t row;
    marks_t marks;
    int64_t skip, offset, end; // As in window_t
    bool final;
    bool from_tail; // Then all that is asked for is in `recent`
    piece_t recent;
} read_plan_t;

// The first part of the step that is not before the offset. Once something follows its last part nothing more is expected.
static void bound_by_step (read_plan_t *plan, const log_read_t *ask)
{
    const marks_t *marks = &plan->marks;
    const mark_t *part = NULL, *end = marks->items + marks->count;
    int64_t size = plan->row.extent.size, until = size;
    size_t later = 0; // Parts after that one
    for (const mark_t *mark = marks->items; mark < end; mark++) {
        if (mark->step != ask->step)
            continue;
        later += part && until > plan->offset;
        if (later)
            continue;
        part = mark;
        until = mark + 1 < end ? mark[1].start : size;
    }
    int64_t begin = part ? part->start : size;
    if (part && part + 1 < end) {
        plan->end = until;
        plan->final = later == 0;
    }
    if (plan->skip < 0 && plan->offset < begin)
        plan->offset = begin;
    if (!part)
        plan->end = plan->offset;
}

// One read of the row serves all viewers of a batch.
static fault_t look_at_tail (logs_t *self, turn_t *turn, const log_read_t *ask, read_plan_t *plan)
{
    bool by_offset = ask->line == 0 && ask->step == 0;
    tail_t *tail = by_offset ? tails_find (self->tails, ask->job, ask->attempt, turn->now_us) : NULL;
    if (!tail)
        return OK;
    if (!tail_is_current (self->tails, tail)) {
        log_row_t row;
        TRY (log_store_find (self->db, turn, ask->job, ask->attempt, &row));
        tails_check (self->tails, tail, &row);
    }
    plan->from_tail = tail_reaches (tail, ask->offset);
    if (plan->from_tail)
        tail_show (tail, &plan->row, &plan->recent, &plan->marks);
    return OK;
}

static fault_t make_plan (logs_t *self, turn_t *turn, const log_read_t *ask, read_plan_t *plan)
{
    TRY (look_at_tail (self, turn, ask, plan));
    if (!plan->from_tail) {
        TRY (log_store_find (self->db, turn, ask->job, ask->attempt, &plan->row));
        TRY (log_store_steps (self->db, turn, &plan->row, &plan->marks));
    }
    int64_t size = plan->row.extent.size;
    plan->skip = ask->line > 0 ? ask->line - 1 : -1;
    plan->offset = ask->offset < size && plan->skip <= 0 ? ask->offset : size;
    plan->end = size;
    plan->final = plan->row.sealed;
    if (ask->step > 0)
        bound_by_step (plan, ask);
    if (plan->skip == 0) { // The first line needs no search
        plan->skip = -1;
        plan->offset = 0;
    }
    return OK;
}

// Is there nothing to read, yet or ever?
static bool is_empty (const read_plan_t *plan)
{
    const extent_t *extent = &plan->row.extent;
    if (plan->skip >= 0)
        return plan->skip > extent->newlines || (plan->skip == extent->newlines && !extent->midline);
    return plan->offset >= plan->end;
}

static fault_t find_pieces (logs_t *self, turn_t *turn, const read_plan_t *plan, pieces_t *pieces)
{
    const log_row_t *row = &plan->row;
    int64_t from = plan->offset, upto = from + MAX_CHUNK;
    // At the end of a step nothing is read, except for the line number.
    int64_t end = plan->end > from ? plan->end : from + 1;
    if (plan->skip < 0)
        return from < row->extent.size
                   ? log_store_pieces (self->db, turn, row, from, upto < end ? upto : end, pieces)
                   : OK;
    if (is_empty (plan))
        return OK;
    fault_t fault = OK;
    from = extent_stored (&row->extent);
    if (plan->skip <= extent_stored_newlines (&row->extent))
        fault = log_store_line (self->db, turn, row, plan->skip, &from);
    // The piece in which the line begins is needed even where a step has ended before.
    upto = from + PIECE_MAX + MAX_CHUNK;
    if (upto > row->extent.size)
        upto = row->extent.size;
    return fault ? fault : log_store_pieces (self->db, turn, row, from, upto, pieces);
}

static window_t *make_window (logs_t *self, arena_t *arena, const read_plan_t *plan, const log_read_t *ask)
{
    window_t *window = arena_alloc (arena, sizeof (*window));
    *window = (window_t){.blob = self->blob,
                         .skip = plan->skip,
                         .offset = plan->offset,
                         .end = plan->end,
                         .final = plan->final,
                         .lines = ask->lines,
                         .attempt = plan->row.attempt,
                         .size = plan->row.extent.size,
                         .newlines = plan->row.extent.newlines,
                         .total_lines = extent_lines (&plan->row.extent)};
    turn_init (&window->turn, arena, "", 0);
    return window;
}

static fault_t answer_with (turn_t *turn, const window_t *window, log_window_t *answer)
{
    if (window->fault)
        return turn_fail (turn, window->fault, "%s",
                          window->turn.detail ? window->turn.detail : fault_text (window->fault));
    *answer = window->window;
    return OK;
}

static fault_t cut (logs_t *self, turn_t *turn, const log_read_t *ask, const read_plan_t *plan,
                    const char *key, log_window_t *answer)
{
    piece_t recent = plan->recent;
    pieces_t pieces = {0};
    fault_t fault = plan->from_tail ? OK : find_pieces (self, turn, plan, &pieces);
    if (plan->from_tail && plan->offset < plan->end)
        pieces = (pieces_t){.items = &recent, .count = 1};
    TRY (fault);
    arena_t *arena = pieces.in_blobs ? arena_new () : turn->arena;
    window_t *window = make_window (self, arena, plan, ask);
    window->pieces = pieces.in_blobs ? pieces_copy (&pieces, arena) : pieces;
    if (pieces.in_blobs)
        return background_begin (self->reads, turn, key, window_cut, &arena, window);
    window_cut (window);
    return answer_with (turn, window, answer);
}

static bool wants_to_wait (const log_read_t *ask, const turn_t *turn, const read_plan_t *plan)
{
    return ask->wait > 0 && !plan->final && is_empty (plan) && !actor_waited (turn);
}

static fault_t wait_for_more (logs_t *self, turn_t *turn, const log_read_t *ask, const read_plan_t *plan)
{
    if (!plan->from_tail)
        tails_follow (self->tails, &plan->row, turn->now_us);
    int64_t until = turn->now_us + SECONDS (ask->wait), latest = turn->deadline_us - MARGIN;
    return actor_wait (turn, logs_topic (turn, ask->job), until < latest ? until : latest);
}

HANDLER (log_read)
{
    logs_t *self = context;
    const log_read_t *ask = asked;
    log_window_t *answer = answered;
    read_plan_t plan = {0};
    window_t *window;
    if (ask->line < 0 || ask->offset < 0)
        return turn_fail (turn, BAD_INPUT, "lines are counted from 1, bytes from 0");
    TRY (make_plan (self, turn, ask, &plan));
    const char *key =
        arena_printf (turn->arena, "read/%s/%s/%u/%lld/%lld/%u/%u", turn->request_id, ask->job, ask->attempt,
                      (long long) ask->line, (long long) ask->offset, ask->step, ask->lines);
    fault_t fault = background_find (self->reads, turn, key, (void **) &window);
    if (fault == OK)
        fault = answer_with (turn, window, answer);
    else if (fault == NOT_FOUND && wants_to_wait (ask, turn, &plan))
        return wait_for_more (self, turn, ask, &plan);
    else if (fault == NOT_FOUND)
        fault = cut (self, turn, ask, &plan, key, answer);
    if (!fault)
        answer->step = step_at (&plan.marks, answer->offset);
    return fault;
}
