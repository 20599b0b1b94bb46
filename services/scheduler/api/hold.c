/* hold.c - jobs that are held when they fail: their agent asks, their owner ends it or opens a shell (shell.c).
 *
 * Who may look into a job sees all that it has: so only whoever asked for the hold may, and an administrator; of a job that deploys to an
 * environment, whose secrets are kept from developers, an administrator alone; of code of a fork nobody, it is not held. */

#include "services/scheduler/api/hold.h"

#include "services/scheduler/api/handlers.h"
#include "services/scheduler/run/create.h"
#include "services/scheduler/run/engine.h"
#include "services/scheduler/run/planner.h"
#include "services/scheduler/store/lease_store.h"
#include "services/scheduler/store/offer_store.h"
#include "services/scheduler/unit/emit.h"
#include "services/scheduler/unit/lease_clock.h"
#include "workflow/plan/fork.h"

const char *hold_topic (turn_t *turn, const char *job)
{
    return arena_printf (turn->arena, "hold:%s", job);
}

bool hold_is_open (const turn_t *turn, const job_row_t *job, const hold_row_t *hold)
{
    return hold->job_id && !*hold->ended_by && hold->until_at > turn->now_us && job_is_leased (job);
}

fault_t hold_check_owner (turn_t *turn, const job_row_t *job, const hold_row_t *hold)
{
    if (turn->caller.role == ROLE_ADMIN)
        return OK;
    if (*job->job.environment)
        return turn_fail (turn, FORBIDDEN,
                          "the job deploys to %s, whose secrets it has: only an ADMIN may look into it",
                          job->job.environment);
    bool owner = caller_may (&turn->caller, job->job.project_id, false, ROLE_DEVELOPER) &&
                 same (create_actor (turn), hold->subject);
    return owner ? OK
                 : turn_fail (turn, FORBIDDEN,
                              "the job is held for %s: only they, or an ADMIN, may look into it",
                              hold->subject);
}

fault_t hold_check_job (turn_t *turn, const job_row_t *job)
{
    const caller_t *caller = &turn->caller;
    bool own = caller->role == ROLE_JOB && same (caller->subject, job->job.id);
    if (!own)
        return turn_fail (turn, FORBIDDEN, "this is for the job's own agent");
    return caller->attempt == job->job.attempt && job_is_leased (job)
               ? OK
               : turn_fail (turn, CONFLICT, "attempt %u of job %s is over", caller->attempt, job->job.id);
}

static void show (const turn_t *turn, const hold_row_t *hold, const held_shell_row_t *shell, held_job_t *out)
{
    bool open = shell->id && !shell->ended_at;
    int64_t left_us = hold->until_at - turn->now_us;
    *out = (held_job_t){.job = hold->job_id ? hold->job_id : "",
                        .attempt = hold->attempt,
                        .until = hold->until_at,
                        .over = *hold->ended_by != 0,
                        .shell = open ? shell->id : "",
                        .opened_by = open ? shell->subject : "",
                        .terminal = open ? shell->terminal : "",
                        .columns = open ? shell->columns : 0,
                        .rows = open ? shell->rows : 0,
                        .reason = hold->reason,
                        .seconds_left = left_us > 0 ? (uint32_t) (left_us / SECONDS (1)) : 0};
}

fault_t hold_shown (scheduler_t *self, turn_t *turn, const hold_row_t *hold, held_job_t *out)
{
    held_shell_row_t shell = {.id = NULL};
    if (*hold->shell)
        TRY (hold_store_shell (self->db, turn, hold->shell, &shell));
    show (turn, hold, &shell, out);
    return OK;
}

// The lease's end by time moves by as much: a job that is held does not run out of time.
static fault_t prolong (scheduler_t *self, turn_t *turn, const char *job, int64_t by_us)
{
    lease_t lease;
    TRY (lease_store_of_job (self->db, turn, job, &lease));
    if (!*lease.job_id)
        return OK;
    lease.kill_at += by_us;
    return lease_store_save (self->db, turn, &lease);
}

static fault_t begin (scheduler_t *self, turn_t *turn, job_row_t *job, uint32_t minutes, const char *subject,
                      const char *reason)
{
    const hold_row_t hold = {.job_id = job->job.id,
                             .attempt = job->job.attempt,
                             .subject = subject,
                             .reason = reason,
                             .began_at = turn->now_us,
                             .until_at = turn->now_us + minutes * SECONDS (60)};
    TRY (hold_store_add (self->db, turn, &hold));
    TRY (prolong (self, turn, job->job.id, minutes * SECONDS (60)));
    TRY (job_store_hold (self->db, turn, job->job.id, hold.until_at, reason));
    return emit_job (self, turn, &job->job);
}

HANDLER (hold_begin)
{
    scheduler_t *self = context;
    const hold_begin_t *ask = asked;
    const rows_t *rows;
    offer_parts_t parts;
    job_row_t job;
    hold_row_t hold;
    uint32_t minutes;
    const char *subject;
    TRY (unit_write (self, turn));
    TRY (offer_store_read_later (self->db, turn, ask->job, &rows));
    TRY (job_store_find (self->db, turn, ask->job, &job));
    TRY (hold_check_job (turn, &job));
    TRY (offer_store_found (turn, rows, ask->job, &parts));
    TRY (hold_store_find (self->db, turn, ask->job, job.job.attempt, &hold));
    TRY (hold_store_asked (self->db, turn, job.job.run_id, &minutes, &subject));
    bool wanted =
        minutes > 0 && job.job.state != job_cancelling && !fork_is (planner_json (turn->arena, parts.github));
    if (!hold.job_id && wanted) {
        TRY (begin (self, turn, &job, minutes, subject, ask->reason));
        TRY (hold_store_find (self->db, turn, ask->job, job.job.attempt, &hold));
    }
    return hold_shown (self, turn, &hold, answered);
}

// People see it as well; the agent waits for another shell, or for the end.
HANDLER (hold_show)
{
    scheduler_t *self = context;
    const hold_show_t *ask = asked;
    held_job_t *out = answered;
    job_row_t job;
    hold_row_t hold;
    TRY (job_store_find (self->db, turn, ask->job, &job));
    if (turn->caller.role == ROLE_JOB)
        TRY (hold_check_job (turn, &job));
    TRY (hold_store_find (self->db, turn, ask->job, job.job.attempt, &hold));
    TRY (hold_shown (self, turn, &hold, out));
    if (hold_is_open (turn, &job, &hold)) {
        bool news = *out->shell && !same (out->shell, ask->shell);
        if (ask->wait && !news && !actor_waited (turn))
            return actor_wait (turn, hold_topic (turn, ask->job), turn->now_us + SECONDS (ask->wait));
    } else
        out->over = hold.job_id != NULL;
    return OK;
}

HANDLER (hold_end)
{
    scheduler_t *self = context;
    const hold_end_t *ask = asked;
    job_row_t job;
    hold_row_t hold;
    TRY (unit_write (self, turn));
    TRY (job_store_find (self->db, turn, ask->job, &job));
    TRY (hold_store_find (self->db, turn, ask->job, job.job.attempt, &hold));
    if (!hold_is_open (turn, &job, &hold))
        return turn_fail (turn, CONFLICT, "job %s is not held", job.job.name);
    TRY (hold_check_owner (turn, &job, &hold));
    hold.ended_by = create_actor (turn);
    TRY (hold_store_save (self->db, turn, &hold));
    TRY (job_store_hold (self->db, turn, ask->job, 0, hold.reason));
    TRY (emit_job (self, turn, &job.job));
    actor_announce (turn, hold_topic (turn, ask->job));
    return hold_shown (self, turn, &hold, answered);
}
