/* trial.c - trials: commits that are in no repository, sent to be run.
 *
 * The scheduler says who may and what belongs to whom; the scm service keeps the bytes, under an id that only we give. A trial's runs have a ref
 * of their own (TRIAL_REF), so that nothing which looks at branches or tags takes them for one. */

#include "common/base/id.h"
#include "common/os/git_bundle.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/store/trial_store.h"
#include "services/scheduler/unit/unit.h"

HANDLER (trial_add)
{
    scheduler_t *self = context;
    const trial_add_t *ask = asked;
    trial_t *trial = answered;
    project_row_t project;
    scm_tree_t tree;
    TRY (project_store_find (self->db, turn, ask->project, &project));
    TRY (fetch_tree (turn, &project,
                     &(scm_fetch_t){.ref = "", .sha = "", .before = "", .trial = "", .have = ask->have},
                     &tree));
    TRY (unit_write (self, turn));
    const trial_row_t row = {.id = id_new (turn->arena, TRIAL_ID, turn->now_us),
                             .project_id = project.project.id,
                             .created_at = turn->now_us};
    TRY (trial_store_add (self->db, turn, &row));
    actor_tick_at (turn, turn->now_us + TRIAL_UNUSED_US);
    *trial = (trial_t){.id = row.id,
                       .project = project.project.name,
                       .ref = arena_printf (turn->arena, TRIAL_REF "%s", row.id),
                       .known = tree.known,
                       .most = TRIAL_MAX,
                       .created_at = turn->now_us};
    return OK;
}

// Until it has a run: what runs is what was sent before.
HANDLER (trial_put)
{
    scheduler_t *self = context;
    const trial_put_t *ask = asked;
    trial_row_t row;
    bool used;
    done_t done;
    (void) answered;
    if (ask->part >= TRIAL_PARTS)
        return turn_fail (
            turn, TOO_LARGE,
            "part: a trial has at most %lld bytes, in %d parts: push what is large, or ignore it",
            (long long) TRIAL_MAX, TRIAL_PARTS);
    TRY (trial_store_find (self->db, turn, ask->trial, &row));
    TRY (trial_store_has_run (self->db, turn, ask->trial, &used));
    if (used || row.removed)
        return turn_fail (turn, CONFLICT, "trial %s %s", ask->trial,
                          used ? "has runs: it does not change any more" : "is being removed");
    const scm_trial_put_t put = {.trial = ask->trial, .part = ask->part, .data = ask->data};
    return actor_call (turn, MSG_scm_trial_put, &put, &done);
}

// For the job alone.
HANDLER (trial_read)
{
    scheduler_t *self = context;
    const trial_read_t *ask = asked;
    const caller_t *caller = &turn->caller;
    scm_trial_read_t read = {.offset = ask->offset, .size = ask->size};
    if (caller->role != ROLE_JOB || !same (caller->subject, ask->job))
        return turn_fail (turn, FORBIDDEN, "only job %s may read what it runs", ask->job);
    TRY (trial_store_of_job (self->db, turn, ask->job, caller->attempt, &read.trial));
    return actor_call (turn, MSG_scm_trial_read, &read, answered);
}

HANDLER (trial_purge)
{
    scheduler_t *self = context;
    const trial_purge_t *ask = asked;
    done_t done;
    (void) answered;
    if (turn->caller.role != ROLE_SERVICE)
        return turn_fail (turn, FORBIDDEN, "this is for services");
    TRY (actor_call (turn, MSG_scm_trial_drop, &(scm_trial_drop_t){.trial = ask->trial}, &done));
    TRY (unit_write (self, turn));
    return trial_store_clear (self->db, turn, ask->trial);
}
