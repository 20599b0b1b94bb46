/* bulk.c - one change to many runs. Each is decided as if it had been asked for alone, in a part of the unit of work that is rolled back
 * by itself: what cannot be done with one is said, and the others are done.
 *
 * Runs are named, or found by the filters of the list; with these the answer's `next` goes on where it ended, so that a
 * run that was changed is not met again. */

#include "common/base/metrics.h"
#include "proto/strs.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/api/rights.h"
#include "services/scheduler/run/rerun.h"
#include "services/scheduler/unit/unit.h"

typedef struct {
    const run_rerun_t *again; // NULL: to be cancelled
    variables_t variables;    // Of the projects of all of them
    const char *run;
    bool hard;
} bulk_task_t;

static fault_t change (scheduler_t *self, turn_t *turn, void *data)
{
    const bulk_task_t *task = data;
    TRY (may_with_run (self, turn, task->run, ROLE_DEVELOPER));
    if (!task->again)
        return cancel_run (self, turn, task->run, task->hard);
    run_rerun_t again = *task->again;
    again.run = task->run;
    return rerun (self, turn, &again, &task->variables);
}

static void count (bool done)
{
    metric_add (metrics_counter ("opencicd_bulk_changes_total", "result", done ? "done" : "refused",
                                 "Runs that a change to many named, by what became of them"),
                1);
}

static fault_t show_change (scheduler_t *self, turn_t *turn, run_change_t *out)
{
    run_row_t row;
    fault_t fault = run_store_find (self->db, turn, out->id, &row);
    if (fault == NOT_FOUND)
        return OK;
    if (fault == OK) {
        out->project = row.run.project;
        out->number = row.run.number;
        out->state = row.run.state;
        out->result = row.run.result;
    }
    return fault;
}

static fault_t change_all (scheduler_t *self, turn_t *turn, const strs_t *runs, bulk_task_t *task,
                           runs_changed_t *out)
{
    out->items.items = arena_array (turn->arena, runs->count + 1, sizeof *out->items.items);
    for (size_t i = 0; i < runs->count; i++) {
        fault_t ended;
        const strs_t before = {.items = runs->items, .count = i};
        if (strs_has (&before, runs->items[i]))
            continue;
        run_change_t *item = &out->items.items[out->items.count++];
        task->run = item->id = runs->items[i];
        turn->detail = NULL;
        TRY (unit_part (self, turn, change, task, &ended));
        // These are no answer about this run: they fail the whole, which is tried again
        if (ended == LATER || ended == UNAVAILABLE || ended == NO_SPACE)
            return ended;
        item->done = ended == OK;
        count (item->done);
        item->code = ended == OK ? "" : fault_name (ended);
        item->reason = ended == OK ? "" : turn->detail ? turn->detail : fault_text (ended);
        if (ended != NOT_FOUND) // It may be one that the caller may not see
            TRY (show_change (self, turn, item));
    }
    return OK;
}

static bool narrows (const run_filter_t *filter, const char *project)
{
    return *project || *filter->state || *filter->workflow || *filter->ref || *filter->actor ||
           *filter->event || *filter->result || filter->since || filter->until;
}

static fault_t find (scheduler_t *self, turn_t *turn, const char *project, run_filter_t *filter, strs_t *runs,
                     const char **next)
{
    run_items_t found;
    TRY (check_run_filter (turn, filter));
    if (!filter->unfinished && !*filter->state)
        filter->state = state_name (&states_run, run_finished); // What has not ended cannot run again
    TRY (filter_project (self, turn, project, &filter->project));
    filter->scope = *filter->project ? NULL : rights_scope (turn);
    TRY (run_store_page (self->db, turn, filter, &found, next));
    *runs = (strs_t){arena_array (turn->arena, found.count + 1, sizeof (char *)), found.count};
    for (size_t i = 0; i < found.count; i++)
        runs->items[i] = found.items[i].id;
    return OK;
}

// `runs` as they were named, or as the filter finds them.
static fault_t choose (scheduler_t *self, turn_t *turn, const char *project, run_filter_t *filter,
                       strs_t *runs, const char **next)
{
    bool narrowed = narrows (filter, project);
    *next = "";
    if (runs->count > 0 && narrowed)
        return turn_fail (turn, INVALID, "runs: name them, or say which by filters, not both");
    if (runs->count == 0 && !narrowed)
        return turn_fail (turn, INVALID, "runs: name them, or say which by at least one filter");
    if (filter->limit == 0)
        filter->limit = BULK_RUNS;
    filter->unfinished &= !*filter->state;
    return runs->count > 0 ? OK : find (self, turn, project, filter, runs, next);
}

HANDLER (runs_cancel)
{
    const runs_cancel_t *ask = asked;
    runs_changed_t *out = answered;
    run_filter_t filter = RUN_FILTER (ask);
    strs_t runs = ask->runs;
    filter.limit = ask->limit;
    filter.unfinished = true;
    if (same (filter.state, state_name (&states_run, run_finished)) || *filter.result)
        return turn_fail (turn, INVALID, "%s: a run that has ended cannot be cancelled",
                          *filter.result ? "result" : "state");
    TRY (unit_write (context, turn));
    TRY (choose (context, turn, ask->project, &filter, &runs, &out->next));
    return change_all (context, turn, &runs, &(bulk_task_t){.hard = ask->hard}, out);
}

HANDLER (runs_rerun)
{
    const runs_rerun_t *ask = asked;
    runs_changed_t *out = answered;
    const run_rerun_t again = {.run = "", .only = ask->only, .job = "", .debug = ask->debug};
    const char *finished = state_name (&states_run, run_finished);
    run_filter_t filter = RUN_FILTER (ask);
    strs_t runs = ask->runs;
    filter.limit = ask->limit;
    if (*ask->only && !same (ask->only, "all") && !same (ask->only, "failed"))
        return turn_fail (turn, INVALID, "only: %s is not one of all, failed", ask->only);
    if (*filter.state && !same (filter.state, finished))
        return turn_fail (turn, INVALID, "state: only a run that has ended can run again");
    bulk_task_t task = {.again = &again};
    TRY (choose (context, turn, ask->project, &filter, &runs, &out->next));
    TRY (variables_of_runs (context, turn, &runs, &task.variables));
    TRY (unit_write (context, turn));
    return change_all (context, turn, &runs, &task, out);
}
