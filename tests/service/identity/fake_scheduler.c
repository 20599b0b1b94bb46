/* fake_scheduler.c - see fake_scheduler.h. */

#include "tests/service/identity/fake_scheduler.h"

#include <string.h>

static fault_t project_show (void *self, turn_t *turn, const void *asked, void *answered)
{
    const project_show_t *ask = asked;
    (void) self;
    bool site = strcmp (ask->project, "site") == 0 || strcmp (ask->project, SITE) == 0;
    if (!site && strcmp (ask->project, "other") != 0)
        return turn_fail (turn, NOT_FOUND, "there is no project %s", ask->project);
    *(project_t *) answered = (project_t){.id = site ? SITE : OTHER, .name = site ? "site" : "other"};
    return OK;
}

static fault_t job_grant (void *self, turn_t *turn, const void *asked, void *answered)
{
    fake_scheduler_t *fake = self;
    (void) asked;
    fake->asked++;
    if (fake->fault)
        return turn_fail (turn, fake->fault, "the scheduler refuses");
    *(grant_t *) answered = fake->grant;
    return OK;
}

static fault_t job_claims (void *self, turn_t *turn, const void *asked, void *answered)
{
    fake_scheduler_t *fake = self;
    (void) asked;
    fake->asked++;
    if (fake->fault)
        return turn_fail (turn, fake->fault, "the scheduler refuses");
    *(job_identity_t *) answered = fake->claims;
    return OK;
}

static const handler_t handlers[] = {
    {MSG_project_show, project_show}, {MSG_job_grant, job_grant}, {MSG_job_claims, job_claims}};
const actor_class_t fake_scheduler_class = {.name = "scheduler", .handlers = handlers, .count = 3};
