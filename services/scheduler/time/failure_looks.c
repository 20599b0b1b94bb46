/* failure_looks.c - see failure_looks.h. */

#include "services/scheduler/time/failure_looks.h"

#include "services/scheduler/store/failure_store.h"
#include "services/scheduler/unit/unit.h"

fault_t failure_looks_tick (scheduler_t *self, turn_t *turn)
{
    failure_rows_t rows;
    TRY (failure_store_due (self->db, turn, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        const failure_look_t ask = {.job = rows.items[i].job_id, .attempt = rows.items[i].attempt};
        done_t answer;
        TRY (unit_write (self, turn));
        TRY (failure_store_asked (self->db, turn, &rows.items[i], turn->now_us + FAILURE_LOOK_AGAIN_US));
        TRY (actor_call (turn, MSG_failure_look, &ask, &answer));
    }
    return OK;
}
