/* deferred.c - pending requests of the scheduler to other services: logs to be sealed, tokens to be revoked.
 *
 * A tick cannot wait for an answer, so it sends these messages to the scheduler itself. The row that remembers the request (lease.h) is removed
 * only when the other service has answered; one that does not is asked again by a later tick. */

#include "common/base/log.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/store/agent_store.h"
#include "services/scheduler/store/job_store.h"
#include "services/scheduler/store/project_store.h"
#include "services/scheduler/store/removed_store.h"
#include "services/scheduler/store/seal_store.h"
#include "services/scheduler/store/trial_store.h"
#include "services/scheduler/time/retention.h"
#include "services/scheduler/unit/unit.h"

static fault_t is_service (turn_t *turn)
{
    return turn->caller.role == ROLE_SERVICE ? OK : turn_fail (turn, FORBIDDEN, "this is for services");
}

// A retry would give the same answer: there is nothing to wait for.
static bool is_final (fault_t fault)
{
    return fault == OK || fault == NOT_FOUND || fault == CONFLICT || fault == INVALID || fault == GONE;
}

HANDLER (attempt_seal)
{
    scheduler_t *self = context;
    const attempt_seal_t *ask = asked;
    (void) answered;
    TRY (is_service (turn));
    job_row_t row;
    fault_t found = job_store_find (self->db, turn, ask->job, &row);
    if (found && found != NOT_FOUND)
        return found;
    log_seal_t seal = {
        .job = ask->job, .attempt = ask->attempt, .sha256 = "", .project = found ? "" : row.job.project_id};
    log_offset_t sealed;
    fault_t fault = actor_call (turn, MSG_log_seal, &seal, &sealed);
    if (!is_final (fault))
        return fault;
    if (fault)
        log_warn ("a log cannot be sealed", "job", ask->job, "fault", fault_name (fault), NULL);
    TRY (unit_write (self, turn));
    return seal_store_remove (self->db, turn, ask->job, ask->attempt);
}

HANDLER (agent_revoke)
{
    scheduler_t *self = context;
    const agent_revoke_t *ask = asked;
    (void) answered;
    TRY (is_service (turn));
    token_revoke_t revoke = {.token = "", .subject = ask->agent};
    done_t done;
    fault_t fault = actor_call (turn, MSG_token_revoke, &revoke, &done);
    if (fault && fault != NOT_FOUND)
        return fault;
    TRY (unit_write (self, turn));
    return agent_store_remove (self->db, turn, ask->agent);
}

// Some of its jobs, once their logs are gone; with the last of them the rest of the run, once its artifacts are.
HANDLER (run_purge)
{
    scheduler_t *self = context;
    const run_purge_t *ask = asked;
    bool removed;
    strs_t jobs;
    done_t done;
    (void) answered;
    TRY (is_service (turn));
    TRY (removed_store_is (self->db, turn, ask->run, &removed));
    if (!removed)
        return OK; // Another replica was faster
    TRY (removed_store_jobs (self->db, turn, ask->run, &jobs));
    bool last = jobs.count < REMOVED_JOBS;
    log_purge_t logs = {.jobs = jobs};
    artifact_purge_t artifacts = {.run = ask->run, .project = ""};
    if (jobs.count > 0)
        TRY (actor_call (turn, MSG_log_purge, &logs, &done));
    if (last)
        TRY (actor_call (turn, MSG_artifact_purge, &artifacts, &done));
    TRY (unit_write (self, turn));
    TRY (removed_store_clear_jobs (self->db, turn, &jobs));
    if (last) {
        TRY (trial_store_release (self->db, turn, ask->run));
        TRY (removed_store_clear (self->db, turn, ask->run));
    } else
        TRY (removed_store_asked (self->db, turn, ask->run, turn->now_us));
    retention_soon (self, turn);
    return OK;
}

// Its caches; its mirror, unless another project has the same repository; its secrets, variables and environments. Last, so that the row is
// removed with the answer.
HANDLER (project_purge)
{
    scheduler_t *self = context;
    const project_purge_t *ask = asked;
    removed_project_t removed;
    bool shared;
    done_t done;
    (void) answered;
    TRY (is_service (turn));
    TRY (project_store_removed (self->db, turn, ask->project, &removed));
    if (!*removed.id)
        return OK; // Another replica was faster
    TRY (project_store_has_url (self->db, turn, removed.url, removed.trusted, &shared));
    TRY (actor_call (turn, MSG_cache_purge, &(cache_purge_t){.project = removed.id}, &done));
    if (*removed.url) { // Of a shared one the mirror stays
        const scm_forget_t forget = {
            .url = shared ? "" : removed.url, .trusted = removed.trusted, .project = removed.id};
        fault_t fault = actor_call (turn, MSG_scm_forget, &forget, &done);
        if (!is_final (fault))
            return fault;
    }
    fault_t purged = actor_call (turn, MSG_values_purge, &(values_purge_t){.project = ask->project}, &done);
    if (!is_final (purged))
        return purged;
    TRY (unit_write (self, turn));
    return project_store_cleared (self->db, turn, ask->project);
}
