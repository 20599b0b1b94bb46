/* retention_view.c - how long the scheduler keeps runs, events and agents, as its settings say (time/retention.c removes them). */

#include "proto/retention.h"
#include "services/scheduler/api/handlers.h"

HANDLER (retention_of_runs)
{
    const scheduler_t *self = context;
    const scheduler_keeps_t *keeps = &self->keeps;
    (void) asked;
    const retention_item_t rows[] = {{"run_retention_days", "Runs, after their end, with logs and artifacts",
                                      retention_days (keeps->runs_us), "days"},
                                     {"run_keep", "Runs of each project, the latest", keeps->runs, "runs"},
                                     {"event_retention_days", "Events, which pages and programs follow",
                                      retention_days (keeps->events_us), "days"},
                                     {"event_keep", "Events, the latest", keeps->events, "events"},
                                     {"agent_retention_days", "Agents that were not seen",
                                      retention_days (self->agent_retention_us), "days"}};
    retention_fill (turn, answered, rows, sizeof rows / sizeof *rows);
    return OK;
}
