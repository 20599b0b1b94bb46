/* overview.c - what one comes home to: which default branches fail, what runs, and what one started last. */

#include "proto/rights.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/run/create.h"

static fault_t page_of (scheduler_t *self, turn_t *turn, run_filter_t filter, run_items_t *out)
{
    const char *next;
    filter.scope = rights_scope (turn);
    filter.project = filter.state = filter.workflow = filter.before = "";
    return run_store_page (self->db, turn, &filter, out, &next);
}

HANDLER (overview_show)
{
    scheduler_t *self = context;
    overview_t *answer = answered;
    (void) asked;
    int64_t since = turn->now_us - SECONDS (FAILING_DAYS * 86400);
    TRY (run_store_failing (self->db, turn, rights_scope (turn), since, OVERVIEW_RUNS, &answer->failing));
    TRY (page_of (self, turn, (run_filter_t){.unfinished = true, .limit = OVERVIEW_RUNS + 1},
                  &answer->running));
    TRY (page_of (self, turn, (run_filter_t){.actor = create_actor (turn), .limit = OVERVIEW_MINE},
                  &answer->mine));
    answer->more_running = answer->running.count > OVERVIEW_RUNS;
    if (answer->more_running)
        answer->running.count = OVERVIEW_RUNS;
    return page_of (self, turn, (run_filter_t){.limit = OVERVIEW_MINE}, &answer->latest);
}
