/* deployments.c - see deployments.h. A tick cannot wait for identity, so it sends a message to the scheduler itself (api/approval.c). */

#include "services/scheduler/time/deployments.h"

#include "services/scheduler/store/deployment_store.h"
#include "services/scheduler/unit/unit.h"

fault_t deployments_tick (scheduler_t *self, turn_t *turn)
{
    deployment_rows_t rows;
    TRY (deployment_store_due (self->db, turn, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        const deployment_look_t ask = {.job = rows.items[i].shown.job_id,
                                       .run_attempt = rows.items[i].shown.run_attempt};
        done_t answer;
        TRY (unit_write (self, turn));
        TRY (deployment_store_asked (self->db, turn, &rows.items[i], turn->now_us + DEPLOYMENT_AGAIN_US));
        TRY (actor_call (turn, MSG_deployment_look, &ask, &answer));
    }
    return OK;
}
