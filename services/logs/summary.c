/* summary.c - the summaries of an attempt's steps, as messages. They are written as its log is: by the job itself, until the log is sealed. */

#include "services/logs/logs_self.h"
#include "services/logs/summary_store.h"

fault_t handle_summary_put (void *service, turn_t *turn, const void *asked, void *answered)
{
    logs_t *self = service;
    const summary_put_t *ask = asked;
    log_row_t row;
    (void) answered;
    TRY (logs_may_write (turn, ask->job, ask->attempt));
    if (ask->attempt == 0 || ask->data.size == 0)
        return turn_fail (turn, BAD_INPUT, "attempts are counted from 1, and a summary is not empty");
    TRY (log_store_find (self->db, turn, ask->job, ask->attempt, &row));
    if (row.there && row.sealed)
        return turn_fail (turn, CONFLICT, "attempt %u of job %s has ended", ask->attempt, ask->job);
    TRY (db_unit_write (self->db, turn));
    return summary_store_put (self->db, turn, ask);
}

fault_t handle_summary_list (void *service, turn_t *turn, const void *asked, void *answered)
{
    const summary_list_t *ask = asked;
    return summary_store_list (((logs_t *) service)->db, turn, ask->job, ask->attempt, answered);
}

fault_t handle_summary_read (void *service, turn_t *turn, const void *asked, void *answered)
{
    return summary_store_read (((logs_t *) service)->db, turn, asked, &((summary_text_t *) answered)->data);
}
