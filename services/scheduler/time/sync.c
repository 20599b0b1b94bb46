/* sync.c - see sync.h. */

#include "services/scheduler/time/sync.h"

#include "common/base/log.h"
#include "services/scheduler/unit/emit.h"
#include "services/scheduler/unit/unit.h"

fault_t sync_tick (scheduler_t *self, turn_t *turn)
{
    strs_t ids;
    TRY (project_store_due (self->db, turn, &ids));
    for (size_t i = 0; i < ids.count; i++) {
        project_sync_t ask = {.project = ids.items[i]};
        done_t answer;
        TRY (unit_write (self, turn));
        TRY (project_store_asked (self->db, turn, ids.items[i], turn->now_us + SYNC_ASK_AGAIN_US));
        TRY (actor_call (turn, MSG_project_sync, &ask, &answer));
    }
    return OK;
}

static int64_t pause_after (int64_t failures)
{
    int64_t pause_us = SYNC_FAILED_US;
    for (int64_t i = 1; i < failures && pause_us < SYNC_MOST_US; i++)
        pause_us *= 2;
    return pause_us;
}

fault_t sync_seen (scheduler_t *self, turn_t *turn, project_row_t *row, fault_t fault, const char *detail)
{
    project_state_t before = row->project.state;
    if (fault == OK && before == project_ready && row->sync_at == 0)
        return OK;
    row->project.state = fault == OK ? project_ready : fault == CONFLICT ? before : project_failed;
    row->project.state_reason =
        fault == OK ? "" : arena_strndup (turn->arena, detail ? detail : fault_text (fault), MAX_TEXT);
    if (fault != CONFLICT)
        row->failures = fault == OK ? 0 : row->failures + 1;
    row->sync_at = fault == OK         ? 0
                   : fault == CONFLICT ? turn->now_us + SYNC_CLONING_US
                                       : turn->now_us + pause_after (row->failures);
    TRY (project_store_set_state (self->db, turn, row));
    if (row->sync_at)
        actor_tick_at (turn, row->sync_at);
    if (row->project.state == before)
        return OK;
    log_info ("a project's repository was checked", "project", row->project.name, "state",
              state_name (&states_project, row->project.state), "reason", row->project.state_reason, NULL);
    return emit_project (self, turn, EVENT_project_state, row->project.id,
                         state_name (&states_project, row->project.state));
}
