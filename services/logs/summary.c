/* summary.c - the summaries of an attempt's steps, as messages. They are written as its log is: by the job itself, until the log is sealed. */

#include "services/logs/logs_self.h"
#include "services/logs/summary_store.h"

HANDLER (summary_put)
{
    logs_t *self = context;
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

HANDLER (summary_list)
{
    const summary_list_t *ask = asked;
    return summary_store_list (((logs_t *) context)->db, turn, ask->job, ask->attempt, answered);
}

HANDLER (summary_read)
{
    return summary_store_read (((logs_t *) context)->db, turn, asked, &((summary_text_t *) answered)->data);
}
