/* rights.c - see rights.h.
 *
 * Of whoever has the role everywhere nothing is read. For others one statement finds the project of what they name, in the same unit of
 * work as the handler. Lists, and messages that may name a project or not, are narrowed by rights_scope() where they are read. */

#include "services/scheduler/api/rights.h"

#define OWN_JOB   RIGHT_BIT (JOB)
#define OWN_AGENT RIGHT_BIT (AGENT)

// clang-format off
static const right_t rights[RIGHT_MESSAGES] = {
    RIGHT (project_add, INSTANCE, DEVELOPER)
    RIGHT_TO_ALL (project_list)
    RIGHT_TO_READ (project_show, PROJECT, project)
    RIGHT_IN (project_set, PROJECT, project, MAINTAINER)
    RIGHT_IN (project_remove, PROJECT, project, MAINTAINER)
    RIGHT_IN (run_trigger, PROJECT, project, DEVELOPER)
    RIGHT_IN (event_post, PROJECT, project, DEVELOPER)
    RIGHT_IN (workflow_list, PROJECT, project, VIEWER)
    RIGHT (lint_check, SIGNED_IN, MEMBER)
    RIGHT_IN (insights_show, PROJECT, project, VIEWER)
    RIGHT_IN (action_list, PROJECT, project, VIEWER)
    RIGHT_IN (action_accept, PROJECT, project, DEVELOPER)
    RIGHT_IN (trial_add, PROJECT, project, DEVELOPER)
    RIGHT_IN (trial_put, TRIAL, trial, DEVELOPER)
    RIGHT_TO_ALL (run_list)
    // An id of a number, which says nothing of the run
    [MSG_run_find] = {.of = RIGHT_LIST, .least = ROLE_VIEWER, .publicly = true, .others = OWN_JOB},
    RIGHT_TO_READ (run_show, RUN, run)
    RIGHT_TO_READ (run_annotations, RUN, run)
    RIGHT_TO_READ (run_failure, RUN, run)
    RIGHT_TO_READ (run_tests, RUN, run)
    RIGHT_IN (run_plan, RUN, run, VIEWER)
    RIGHT_IN (run_cancel, RUN, run, DEVELOPER)
    RIGHT_IN (run_rerun, RUN, run, DEVELOPER)
    RIGHT_IN (run_priority, RUN, run, DEVELOPER)
    RIGHT (runs_cancel, LIST, DEVELOPER)
    RIGHT (runs_rerun, LIST, DEVELOPER)
    RIGHT (approval_list, LIST, VIEWER)
    RIGHT_IN (run_deployments, RUN, run, VIEWER)
    RIGHT_IN (run_approve, RUN, run, VIEWER)
    RIGHT_IN (job_submit, PROJECT, project, DEVELOPER)
    RIGHT_TO_ALL (job_list)
    RIGHT_TO_READ_OR (job_show, JOB, job, OWN_JOB)
    RIGHT_TO_READ (job_attempts, JOB, job)
    RIGHT_IN (job_cancel, JOB, job, DEVELOPER)
    RIGHT_IN (job_priority, JOB, job, DEVELOPER)
    RIGHT_OF (hold_begin, OWN_JOB)
    RIGHT_OR (hold_show, JOB, job, VIEWER, OWN_JOB)
    RIGHT_IN (hold_end, JOB, job, DEVELOPER)
    RIGHT_IN (shell_open, JOB, job, DEVELOPER)
    RIGHT_OR (shell_read, JOB, job, DEVELOPER, OWN_JOB)
    RIGHT_OR (shell_write, JOB, job, DEVELOPER, OWN_JOB)
    RIGHT (queue_show, LIST, VIEWER)
    RIGHT (queue_jobs, LIST, VIEWER)
    RIGHT_TO_ALL (overview_show)
    RIGHT_TO_ALL (events_read)
    RIGHT (retention_of_runs, INSTANCE, VIEWER)
    RIGHT (agent_list, INSTANCE, VIEWER)
    RIGHT (agent_show, INSTANCE, VIEWER)
    RIGHT (agent_drain, INSTANCE, ADMIN)
    RIGHT (agent_resume, INSTANCE, ADMIN)
    RIGHT (agent_remove, INSTANCE, ADMIN)
    [MSG_agent_register] = {.of = RIGHT_INSTANCE, .least = ROLE_ADMIN, .others = RIGHT_BIT (REGISTRAR) | OWN_AGENT},
    // No route lets an administrator speak for an agent; it could register one
    [MSG_agent_heartbeat] = {.of = RIGHT_INSTANCE, .least = ROLE_ADMIN, .others = OWN_AGENT},
    [MSG_agent_next] = {.of = RIGHT_INSTANCE, .least = ROLE_ADMIN, .others = OWN_AGENT},
    [MSG_job_status] = {.of = RIGHT_INSTANCE, .least = ROLE_ADMIN, .others = OWN_AGENT | OWN_JOB},
    RIGHT_OF (action_look, OWN_JOB)
    RIGHT_OF (test_report_put, OWN_JOB)
    RIGHT_OF (trial_read, OWN_JOB)
    RIGHT_OF (cache_scope, OWN_JOB)
};
// clang-format on

static fault_t check_place (scheduler_t *self, turn_t *turn, const right_t *right, const char *name)
{
    rights_place_t place = {.project = ""}; // A job of no project
    const char *what = right->of == RIGHT_RUN     ? "run"
                       : right->of == RIGHT_JOB   ? "job"
                       : right->of == RIGHT_TRIAL ? "trial"
                                                  : "project";
    bool none = right->of == RIGHT_PROJECT && !*name;
    fault_t fault = none ? OK : place_store_find (self->db, turn, right->of, name, &place);
    if (fault == NOT_FOUND)
        return turn_fail (turn, NOT_FOUND, "there is no %s %s", what, name);
    TRY (fault);
    if (none && !caller_may_everywhere (&turn->caller, right->least))
        return turn_fail (turn, FORBIDDEN, "only a %s of all projects may submit a job of no project",
                          role_name (right->least));
    return rights_there (turn, right, &place, what, name);
}

// Where no project is public there is nothing for who is not signed in, who had better sign in.
static fault_t check_anonymous (scheduler_t *self, turn_t *turn)
{
    bool any;
    TRY (place_store_any_public (self->db, turn, &any));
    return any ? OK : turn_fail (turn, FORBIDDEN, "no project is public");
}

fault_t scheduler_may (void *context, turn_t *turn, uint16_t ask_number, const void *ask)
{
    scheduler_t *self = context;
    const right_t *right = rights_row (rights, ask_number);
    bool depends;
    TRY (rights_check (turn, right, &depends));
    if (right->of == RIGHT_LIST && turn->caller.role == ROLE_NOBODY)
        return check_anonymous (self, turn);
    return depends ? check_place (self, turn, right, rights_named (right, ask)) : OK;
}

fault_t may_with_run (scheduler_t *self, turn_t *turn, const char *run, role_t least)
{
    const right_t right = {.of = RIGHT_RUN, .least = least};
    return caller_may_everywhere (&turn->caller, least) ? OK : check_place (self, turn, &right, run);
}

bool may_see_inside (const turn_t *turn, const char *project)
{
    return caller_may (&turn->caller, project, false, ROLE_VIEWER) || turn->caller.role == ROLE_JOB;
}
