/* shell.c - a shell in a held job: two streams of bytes between its user and the job's agent, which never meet.
 *
 * A writer says where its bytes belong, so that what is sent again is known; it waits while the other side is MAX_SHELL_AHEAD behind. A reader
 * says from where on it reads, and so what it has. Both wait here, woken by the other's request, at whichever replica. That a shell was
 * opened is recorded with the request that opened it, that it ended here, whatever ended it. What is typed and printed is neither logged nor kept. */

#include "common/actor/actor_audit.h"
#include "common/base/id.h"
#include "common/base/metrics.h"
#include "proto/audit.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/api/hold.h"
#include "services/scheduler/run/create.h"
#include "services/scheduler/run/engine.h"
#include "services/scheduler/unit/emit.h"

#define COLUMNS_USUAL 80
#define ROWS_USUAL    24
#define SEEN_EVERY    SECONDS (10) // That its user is there is written down at most so often
#define GONE_AFTER    SECONDS (60) // Then somebody else may open one
#define ROOM_SECONDS  5            // A writer waits for room; then it asks again
#define ACK_LEAST     (8 << 10)    // Bytes that were read are forgotten at least so many at a time

static const char *topic_of_shell (turn_t *turn, const char *shell)
{
    return arena_printf (turn->arena, "shell:%s", shell);
}

// ---- its end ----

static const char *end_detail (turn_t *turn, const held_shell_row_t *shell)
{
    long long seconds = (long long) ((turn->now_us - shell->opened_at) / SECONDS (1));
    return *shell->reason
               ? arena_printf (turn->arena, "shell=%s seconds=%lld why=%s", shell->id, seconds, shell->reason)
               : arena_printf (turn->arena, "shell=%s seconds=%lld exit=%u", shell->id, seconds,
                               shell->exit_status);
}

static fault_t end_shell (scheduler_t *self, turn_t *turn, held_shell_row_t *shell, const job_row_t *job)
{
    const audit_entry_t entry = {.action = "shell_end",
                                 .actor = shell->subject,
                                 .object = shell->job_id,
                                 .project = job->job.project_id,
                                 .detail = end_detail (turn, shell)};
    const audit_record_t *record;
    shell->ended_at = turn->now_us;
    TRY (hold_store_save_shell (self->db, turn, shell));
    TRY (hold_store_clear (self->db, turn, shell->id, true));
    actor_announce (turn, topic_of_shell (turn, shell->id));
    actor_announce (turn, hold_topic (turn, shell->job_id));
    TRY (audit_note (turn, &entry, &record));
    actor_audit (turn, record);
    return OK;
}

// ---- opening ----

static uint32_t side (uint32_t given, uint32_t usual)
{
    return given ? given : usual;
}

static fault_t check_terminal (turn_t *turn, const char *name)
{
    for (; *name; name++)
        if (*name <= ' ' || *name > '~')
            return turn_fail (turn, INVALID, "terminal: is not the name of one");
    return OK;
}

// One at a time. Its user may open another, which ends the first; others only once the user is gone.
static fault_t replace (scheduler_t *self, turn_t *turn, const job_row_t *job, const hold_row_t *hold)
{
    held_shell_row_t other;
    if (!*hold->shell)
        return OK;
    TRY (hold_store_shell (self->db, turn, hold->shell, &other));
    if (!other.id || other.ended_at)
        return OK;
    bool own = same (other.subject, create_actor (turn));
    if (!own && other.seen_at > turn->now_us - GONE_AFTER)
        return turn_fail (turn, CONFLICT, "%s has a shell open in this job", other.subject);
    other.reason = own ? "another one was opened" : "its user was gone";
    return end_shell (self, turn, &other, job);
}

HANDLER (shell_open)
{
    scheduler_t *self = context;
    const shell_open_t *ask = asked;
    job_row_t job;
    hold_row_t hold;
    TRY (check_terminal (turn, ask->terminal));
    TRY (unit_write (self, turn));
    TRY (job_store_find (self->db, turn, ask->job, &job));
    TRY (hold_store_find (self->db, turn, ask->job, job.job.attempt, &hold));
    if (!hold_is_open (turn, &job, &hold))
        return turn_fail (turn, CONFLICT,
                          "job %s is not held: `opencicd rerun --hold-on-failure 30m` holds it",
                          job.job.name);
    TRY (hold_check_owner (turn, &job, &hold));
    TRY (replace (self, turn, &job, &hold));
    const held_shell_row_t shell = {.id = id_new (turn->arena, 'h', turn->now_us),
                                    .job_id = ask->job,
                                    .attempt = job.job.attempt,
                                    .subject = create_actor (turn),
                                    .terminal = ask->terminal,
                                    .columns = side (ask->columns, COLUMNS_USUAL),
                                    .rows = side (ask->rows, ROWS_USUAL),
                                    .opened_at = turn->now_us};
    hold.shell = shell.id;
    TRY (hold_store_add_shell (self->db, turn, &shell));
    TRY (hold_store_save (self->db, turn, &hold));
    actor_announce (turn, hold_topic (turn, ask->job));
    metric_add (metrics_counter ("opencicd_shells_total", NULL, NULL, "Shells that were opened in held jobs"),
                1);
    return hold_shown (self, turn, &hold, answered);
}

// ---- bytes ----

// *by_job: the caller is its agent; else its user.
static fault_t find (scheduler_t *self, turn_t *turn, const char *job, const char *id, job_row_t *row,
                     held_shell_row_t *shell, bool *by_job)
{
    *by_job = turn->caller.role == ROLE_JOB;
    TRY (job_store_find (self->db, turn, job, row));
    TRY (hold_store_shell (self->db, turn, id, shell));
    if (!shell->id || !same (shell->job_id, job))
        return turn_fail (turn, NOT_FOUND, "job %s has no shell %s", row->job.name, id);
    if (*by_job && (!same (turn->caller.subject, job) || turn->caller.attempt != shell->attempt))
        return turn_fail (turn, FORBIDDEN, "this is for the job's own agent");
    if (!*by_job && !same (shell->subject, create_actor (turn)))
        return turn_fail (turn, FORBIDDEN, "the shell is %s's", shell->subject);
    return OK;
}

// The job may have ended without it, as where its agent was lost: then nobody else says that the shell has ended.
static fault_t see_to_end (scheduler_t *self, turn_t *turn, const job_row_t *job, held_shell_row_t *shell)
{
    if (shell->ended_at || (job->job.attempt == shell->attempt && job_is_leased (job)))
        return OK; // Its agent ends it
    TRY (unit_write (self, turn));
    shell->reason = "the job has ended";
    return end_shell (self, turn, shell, job);
}

static fault_t write_bytes (scheduler_t *self, turn_t *turn, const shell_write_t *ask, bool by_job,
                            held_shell_row_t *shell)
{
    int64_t *have = by_job ? &shell->printed : &shell->typed;
    int64_t skip = *have - ask->at;
    if (skip < 0)
        return turn_fail (turn, CONFLICT, "at: bytes are missing from %lld on", (long long) *have);
    if (skip >= (int64_t) ask->data.size)
        return OK; // They are here
    const bytes_t data = {(const char *) ask->data.data + skip, ask->data.size - (size_t) skip};
    TRY (hold_store_put (self->db, turn, shell->id, !by_job, *have, &data));
    *have += (int64_t) data.size;
    return OK;
}

static bool has_room (const held_shell_row_t *shell, const shell_write_t *ask, bool by_job)
{
    int64_t behind = by_job ? shell->printed - shell->shown : shell->typed - shell->taken;
    return ask->data.size == 0 || behind + (int64_t) ask->data.size <= MAX_SHELL_AHEAD;
}

HANDLER (shell_write)
{
    scheduler_t *self = context;
    const shell_write_t *ask = asked;
    job_row_t job;
    held_shell_row_t shell;
    bool by_job;
    (void) answered;
    TRY (find (self, turn, ask->job, ask->shell, &job, &shell, &by_job));
    if (!has_room (&shell, ask, by_job) && !shell.ended_at) {
        if (actor_waited (turn))
            return turn_fail (turn, OVERLOADED, "nobody has read what was written before");
        return actor_wait (turn, topic_of_shell (turn, ask->shell), turn->now_us + SECONDS (ROOM_SECONDS));
    }
    TRY (unit_write (self, turn));
    TRY (find (self, turn, ask->job, ask->shell, &job, &shell, &by_job)); // Under the lock
    if (shell.ended_at)
        return ask->ended ? OK : turn_fail (turn, GONE, "the shell has ended");
    TRY (write_bytes (self, turn, ask, by_job, &shell));
    if (!by_job) {
        shell.seen_at = turn->now_us;
        shell.columns = side (ask->columns, shell.columns);
        shell.rows = side (ask->rows, shell.rows);
    }
    if (ask->ended) {
        shell.exit_status = by_job ? ask->exit_status : 0;
        shell.reason = by_job ? ask->reason : "its user left";
        return end_shell (self, turn, &shell, &job);
    }
    actor_announce (turn, topic_of_shell (turn, ask->shell));
    return hold_store_save_shell (self->db, turn, &shell);
}

// All was printed, and read.
static fault_t forget (scheduler_t *self, turn_t *turn, const shell_read_t *ask, held_shell_row_t *shell)
{
    TRY (unit_write (self, turn));
    shell->shown = ask->at;
    TRY (hold_store_clear (self->db, turn, ask->shell, false));
    return hold_store_save_shell (self->db, turn, shell);
}

// What was read is forgotten, many bytes at a time; and that its user is there.
static fault_t acknowledge (scheduler_t *self, turn_t *turn, const shell_read_t *ask, bool by_job,
                            held_shell_row_t *shell)
{
    int64_t *read = by_job ? &shell->taken : &shell->shown;
    int64_t there = by_job ? shell->typed : shell->printed;
    bool much = ask->at - *read >= ACK_LEAST && ask->at <= there;
    bool seen = !by_job && !shell->ended_at && shell->seen_at < turn->now_us - SEEN_EVERY;
    if (!much && !seen)
        return OK;
    TRY (unit_write (self, turn));
    TRY (hold_store_shell (self->db, turn, ask->shell, shell)); // Under the lock
    if (!by_job)
        shell->seen_at = turn->now_us;
    if (much && ask->at > *read) {
        *read = ask->at;
        TRY (hold_store_drop (self->db, turn, ask->shell, by_job, ask->at));
        actor_announce (turn, topic_of_shell (turn, ask->shell));
    }
    return hold_store_save_shell (self->db, turn, shell);
}

HANDLER (shell_read)
{
    scheduler_t *self = context;
    const shell_read_t *ask = asked;
    shell_bytes_t *out = answered;
    job_row_t job;
    held_shell_row_t shell;
    bool by_job;
    TRY (find (self, turn, ask->job, ask->shell, &job, &shell, &by_job));
    TRY (see_to_end (self, turn, &job, &shell));
    TRY (acknowledge (self, turn, ask, by_job, &shell));
    TRY (hold_store_get (self->db, turn, ask->shell, by_job, ask->at, MAX_SHELL_PIECE, &out->data));
    bool all = ask->at + (int64_t) out->data.size >= (by_job ? shell.typed : shell.printed);
    bool resized = by_job && (ask->columns != shell.columns || ask->rows != shell.rows);
    if (out->data.size == 0 && !shell.ended_at && !resized && ask->wait && !actor_waited (turn))
        return actor_wait (turn, topic_of_shell (turn, ask->shell), turn->now_us + SECONDS (ask->wait));
    if (shell.ended_at && !by_job && ask->at == shell.printed && shell.shown < shell.printed)
        TRY (forget (self, turn, ask, &shell));
    out->next = ask->at + (int64_t) out->data.size;
    out->columns = shell.columns;
    out->rows = shell.rows;
    out->ended = shell.ended_at > 0 && (all || by_job);
    out->exit_status = shell.exit_status;
    out->reason = shell.reason;
    return OK;
}
