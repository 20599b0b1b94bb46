/* told.c - what became of a push, and jobs that agents took.
 *
 * An acceptance is not worth a commit of its own: it is kept in memory for ACCEPTED_DELAY_US and written together with others, unless
 * the agent's next word comes first. Lost with the process, that word makes up for it. */

#include "services/scheduler/told.h"

#include "common/log.h"
#include "services/scheduler/claim.h"
#include "services/scheduler/lost.h"
#include "services/scheduler/note.h"

static void accept (scheduler_t *self, turn_t *turn, const push_result_t *result)
{
    if (self->accepted_count == ACCEPTED_MAX || strlen (result->job) > MAX_ID)
        return;
    accepted_t *accepted = &self->accepted[self->accepted_count++];
    memcpy (accepted->job, result->job, strlen (result->job) + 1);
    accepted->attempt = result->attempt;
    if (self->accepted_at == NEVER)
        self->accepted_at = turn->now_us + ACCEPTED_DELAY_US;
    actor_tick_at (turn, self->accepted_at);
}

void told_spoken (scheduler_t *self, const char *job)
{
    for (size_t i = 0; i < self->accepted_count; i++)
        if (same (self->accepted[i].job, job)) {
            self->accepted[i] = self->accepted[--self->accepted_count];
            return;
        }
}

fault_t told_write (scheduler_t *self, turn_t *turn)
{
    if (self->accepted_at > turn->now_us)
        return OK;
    for (; self->accepted_count > 0; self->accepted_count--) {
        const accepted_t *accepted = &self->accepted[self->accepted_count - 1];
        bool changed;
        TRY (unit_write (self, turn));
        TRY (told_begun (self, turn, accepted->job, accepted->attempt, &changed));
    }
    self->accepted_at = NEVER;
    return OK;
}

fault_t told_begun (scheduler_t *self, turn_t *turn, const char *job, uint32_t attempt, bool *changed)
{
    lease_t lease;
    job_row_t row;
    TRY (lease_store_of_job (self->db, turn, job, &lease));
    *changed = *lease.job_id && lease.attempt == attempt && !lease.begun;
    if (!*changed)
        return OK;
    lease.begun = true;
    TRY (lease_store_save (self->db, turn, &lease));
    TRY (job_store_running (self->db, turn, job, attempt, changed));
    if (!*changed) // It is being cancelled
        return OK;
    TRY (job_store_find (self->db, turn, job, &row));
    return note_job (self, turn, &row.job);
}

static lost_t how_lost (turn_t *turn, const push_result_t *result)
{
    switch (result->outcome) {
    case PUSH_BUSY: return (lost_t){"the agent was busy", .agent = agent_busy, .forget = true};
    case PUSH_UNREACHABLE:
        return (lost_t){"the agent could not be reached", .agent = agent_offline, .forget = true};
    case PUSH_REFUSED:
        return (lost_t){arena_printf (turn->arena, "the agent refused it with HTTP status %ld", result->http),
                        .agent = agent_offline, .counts = true};
    default: return (lost_t){"the agent did not answer", .agent = agent_offline};
    }
}

static fault_t take_back (scheduler_t *self, turn_t *turn, const push_result_t *result)
{
    lease_t lease;
    TRY (unit_write (self, turn));
    TRY (lease_store_of_job (self->db, turn, result->job, &lease));
    bool over = !*lease.job_id || lease.attempt != result->attempt || lease.begun;
    bool may_have_it = result->again && result->outcome != PUSH_UNREACHABLE;
    if (over || may_have_it)
        return OK; // It has spoken meanwhile, or the lease will tell
    lost_t how = how_lost (turn, result);
    log_warn (how.reason, "agent", result->agent, "job", result->job, NULL);
    TRY (lost_job (self, turn, &lease, &how));
    return claim_jobs (self, turn);
}

void claim_told (void *context, turn_t *turn, void *data)
{
    scheduler_t *self = context;
    push_result_t *result = data;
    if (result->outcome == PUSH_ACCEPTED) {
        accept (self, turn, result);
        return;
    }
    // Where it fails the unit of work is undone with it, and the lease expires
    fault_t fault = take_back (self, turn, result);
    if (fault)
        log_error (turn->detail ? turn->detail : fault_text (fault), "job", result->job, NULL);
}
