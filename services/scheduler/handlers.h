/* handlers.h - one row a message that the scheduler answers: its function. The rows are in scheduler.c. */

#ifndef OPENCICD_SCHEDULER_HANDLERS_H
#define OPENCICD_SCHEDULER_HANDLERS_H

#include "services/scheduler/self.h"

// clang-format off
#define SCHEDULER_HANDLERS(H)                                                                    \
    H (project_add) H (project_list) H (project_show) H (project_remove) H (run_trigger)         \
    H (event_post) H (run_list) H (run_show) H (run_cancel) H (run_rerun) H (job_submit)         \
    H (job_list) H (job_show) H (job_attempts) H (job_cancel) H (job_status) H (agent_register)  \
    H (agent_list) H (agent_show) H (agent_remove) H (agent_beat) H (agent_next) H (events_read)
// clang-format on

#define HANDLER(name) fault_t handle_##name (void *context, turn_t *turn, const void *asked, void *answered)

#define DECLARE(name) MUST_USE HANDLER (name);
SCHEDULER_HANDLERS (DECLARE)
#undef DECLARE

// Names of projects and agents: letters, digits, . _ -, not like an id, not beginning with a dot.
MUST_USE fault_t check_name (turn_t *turn, const char *what, const char *name, char kind);
size_t page_limit (uint32_t asked);
// A project's id for a filter: "" for "".
MUST_USE fault_t filter_project (scheduler_t *self, turn_t *turn, const char *name, const char **id);

#endif
