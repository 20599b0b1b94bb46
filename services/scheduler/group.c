/* group.c - see progress.h: concurrency groups. Runs and jobs of a project share their names. */

#include "services/scheduler/concurrency_store.h"
#include "services/scheduler/progress.h"

#include "common/id.h"

// A run or a job that waits, or holds the group, must make room.
static fault_t dismiss (scheduler_t *self, turn_t *turn, const char *owner, const char *reason)
{
    if (id_is (owner, 'r')) {
        run_row_t run;
        TRY (run_store_find (self->db, turn, owner, &run));
        return run_stop (self, turn, &run, CANCEL_SOFT, reason);
    }
    job_row_t job;
    TRY (job_store_find (self->db, turn, owner, &job));
    return job_stop (self, turn, &job, CANCEL_SOFT, reason);
}

fault_t group_claim (scheduler_t *self, turn_t *turn, const char *project, const char *owner,
                     const group_t *group, bool *holds)
{
    claimants_t others;
    TRY (concurrency_store_of_group (self->db, turn, project, group->name, &others));
    concurrency_decision_t decision =
        concurrency_decide (&others, group->cancel_in_progress, group->queue_all);
    *holds = decision.holds;
    claimant_t claimant = {owner, decision.holds, turn->now_us};
    TRY (concurrency_store_add (self->db, turn, project, group->name, &claimant));
    if (decision.refused)
        return dismiss (self, turn, owner,
                        arena_printf (turn->arena, "%d already wait for the concurrency group %s",
                                      CONCURRENCY_WAITING, group->name));
    const char *reason =
        arena_printf (turn->arena, "a newer one took its place in the concurrency group %s", group->name);
    for (size_t i = 0; i < decision.gone; i++)
        // The last to go is the holder: whoever is to wait must be gone by then, or the group would be theirs
        TRY (dismiss (self, turn, others.items[decision.first_gone + decision.gone - 1 - i].owner, reason));
    return OK;
}

static fault_t let_go_on (scheduler_t *self, turn_t *turn, const char *owner)
{
    if (id_is (owner, 'r')) {
        run_row_t run;
        TRY (run_store_find (self->db, turn, owner, &run));
        return run_begin (self, turn, &run, NULL);
    }
    job_row_t job;
    TRY (job_store_find (self->db, turn, owner, &job));
    return job_queue (self, turn, &job);
}

fault_t group_release (scheduler_t *self, turn_t *turn, const char *project, const char *name,
                       const char *owner)
{
    bool held;
    claimants_t others;
    TRY (concurrency_store_remove (self->db, turn, project, name, owner, &held));
    if (!held)
        return OK;
    TRY (concurrency_store_of_group (self->db, turn, project, name, &others));
    if (others.count == 0)
        return OK;
    TRY (concurrency_store_hold (self->db, turn, project, name, others.items[0].owner));
    return let_go_on (self, turn, others.items[0].owner);
}
