/* rights.c - who may read and write logs. Whoever may see a job may read its log; the job itself writes it. */

#include "services/logs/logs_self.h"

#include <string.h>

#define OWN_JOB RIGHT_BIT (JOB)

// clang-format off
static const right_t rights[RIGHT_MESSAGES] = {
    RIGHT_OF (log_append, OWN_JOB)
    RIGHT_OF (log_seal, OWN_JOB)
    RIGHT_OF (summary_put, OWN_JOB)
    RIGHT (retention_of_logs, INSTANCE, VIEWER)
    RIGHT_TO_READ_OR (log_show, JOB, job, OWN_JOB) // It goes back to what is there
    RIGHT_TO_READ (log_read, JOB, job)
    RIGHT_TO_READ (log_clock, JOB, job)
    RIGHT_TO_READ (log_search, JOB, job)
    RIGHT_TO_READ (summary_list, JOB, job)
    RIGHT_TO_READ (summary_read, JOB, job)
};
// clang-format on

fault_t logs_may (void *context, turn_t *turn, uint16_t ask_number, const void *ask)
{
    logs_t *self = context;
    const right_t *right = rights_row (rights, ask_number);
    bool depends;
    TRY (rights_check (turn, right, &depends));
    bool others = turn->caller.role == ROLE_JOB && right->of == RIGHT_JOB &&
                  strcmp (rights_named (right, ask), turn->caller.subject) != 0;
    if (others)
        return turn_fail (turn, FORBIDDEN, "this token is of another job");
    return depends ? places_check_job (&self->places, turn, right, rights_named (right, ask)) : OK;
}
