/* annotations.c - what the steps of a run said of the code: the jobs keep it with their steps.
 *
 * A page begins where the last one ended by count: what a finished attempt said stays as it is. */

#include "services/scheduler/api/handlers.h"
#include "services/scheduler/api/view.h"

#include <stdlib.h>

#define CURSOR_DIGITS 9

typedef struct {
    annotation_items_t *page;
    size_t limit; // Rows of the page
    size_t skip;  // Rows of the pages before it that are still to be passed over
    bool more;
} gathering_t;

static fault_t read_cursor (turn_t *turn, const char *cursor, size_t *out)
{
    size_t digits = strspn (cursor, "0123456789");
    *out = strtoul (cursor, NULL, 10);
    return !cursor[digits] && digits <= CURSOR_DIGITS
               ? OK
               : turn_fail (turn, INVALID, "cursor: is not one of ours");
}

static void gather (gathering_t *self, const job_t *job)
{
    for (size_t i = 0; i < job->annotations.count; i++) {
        if (self->skip > 0) {
            self->skip--;
            continue;
        }
        if (self->page->count == self->limit) {
            self->more = true;
            return;
        }
        annotation_t *row = &self->page->items[self->page->count++];
        *row = job->annotations.items[i];
        row->job_id = job->id;
        row->job_name = job->name;
    }
}

HANDLER (run_annotations)
{
    scheduler_t *self = context;
    const run_annotations_t *ask = asked;
    annotation_page_t *page = answered;
    run_row_t run;
    job_rows_t jobs;
    size_t before;
    gathering_t gathering = {.page = &page->items, .limit = page_limit (ask->limit)};
    TRY (read_cursor (turn, ask->cursor, &before));
    TRY (run_store_find (self->db, turn, ask->run, &run));
    TRY (job_store_of_run (self->db, turn, ask->run, &jobs));
    gathering.skip = before;
    page->items.items = arena_array (turn->arena, gathering.limit + 1, sizeof (annotation_t));
    for (size_t i = 0; i < jobs.count && !gathering.more; i++) {
        TRY (view_steps (turn, &jobs.items[i]));
        gather (&gathering, &jobs.items[i].job);
    }
    page->next = gathering.more ? arena_printf (turn->arena, "%zu", before + page->items.count) : "";
    return OK;
}
