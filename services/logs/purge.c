/* purge.c - the logs of runs that were removed: their rows at once, their blobs by the next sweep. */

#include "services/logs/archive_store.h"
#include "services/logs/logs_self.h"

HANDLER (log_purge)
{
    logs_t *self = context;
    const log_purge_t *ask = asked;
    (void) answered;
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "only services purge logs");
    TRY (db_unit_write (self->db, turn));
    TRY (archive_store_purge (self->db, turn, ask->jobs.items, ask->jobs.count));
    sweep_soon (&self->retention.sweeper, turn);
    return OK;
}
