/* run_composite.c - an action that is a list of steps: they run in a frame of their own, and are logged as the step that uses it.
 *
 * Its outputs are evaluated after all steps, also after a failure. Its steps' posts run inside its own post, the last registered first. */

#include "agent/engine/effects/step_effects.h"
#include "agent/engine/log/log.h"
#include "agent/engine/step/inputs.h"
#include "agent/engine/step/places.h"
#include "agent/engine/step/step.h"

static bool has (const job_step_t *of, bool pre)
{
    for (size_t i = 0; i < of->step_count; i++) {
        const step_handler_t *handler = of->steps[i].handler;
        bool (*ask) (const job_step_t *) = !handler ? NULL : pre ? handler->has_pre : handler->has_post;
        if (ask && ask (of->steps + i))
            return true;
    }
    return false;
}

static bool has_pre (const job_step_t *of)
{
    return has (of, true);
}

// Its steps register theirs, and this one with them.
static bool has_post (const job_step_t *of)
{
    (void) of;
    return false;
}

static fault_t enter (step_run_t *self)
{
    job_run_t *job = self->job;
    job_step_t *of = self->of;
    value_t *github = value_copy (job->arena, self->of->frame->github);
    value_set (job->arena, github, "action_path",
               value_string (job->arena, place_inside (job, job->arena, of->found->folder)));
    value_set (job->arena, github, "action_repository", value_string (job->arena, of->found->repository));
    value_set (job->arena, github, "action_ref", value_string (job->arena, of->found->ref.ref));
    of->inner->github = github;
    of->inner->env = self->own_env;
    of->inner->began_cancelling = job->stop.cancelling;
    fault_t fault = inputs_evaluate (self, of->found->action);
    of->inner->inputs = self->with;
    if (!of->inner->steps)
        of->inner->steps = value_object (job->arena);
    return fault;
}

static fault_t make_outputs (step_run_t *self)
{
    const action_t *action = self->of->found->action;
    scope_t scope = self->scope;
    scope.frame = scope.status_of = self->of->inner;
    scope.github = self->of->inner->github;
    fault_t fault = OK;
    for (size_t i = 0; i < action->output_count && !fault; i++) {
        const char *text = NULL;
        fault = scope_text (&scope, &action->outputs[i].value, &text);
        if (!fault)
            step_set_output (self, action->outputs[i].name.text, text ? text : "");
    }
    self->scope.error = scope.error;
    return fault;
}

static result_t run_pres (step_run_t *self)
{
    result_t result = result_success;
    for (size_t i = 0; i < self->of->step_count; i++) {
        job_step_t *step = self->of->steps + i;
        if (step->handler && step->handler->has_pre && step->handler->has_pre (step) &&
            step_execute (self->job, step, STAGE_PRE, NULL, self) == result_failure)
            result = result_failure;
    }
    return result;
}

static result_t run_posts (step_run_t *self)
{
    result_t result = result_success;
    job_step_t *post;
    while ((post = self->of->posts)) {
        self->of->posts = post->next_post;
        if (step_execute (self->job, post, STAGE_POST, NULL, self) == result_failure)
            result = result_failure;
    }
    return result;
}

static result_t run_steps (step_run_t *self)
{
    bool cancelled = false;
    step_announce (self, self->of->step->uses.text, "");
    for (size_t i = 0; i < self->of->step_count; i++) {
        job_step_t *step = self->of->steps + i;
        if (step_execute (self->job, step, STAGE_MAIN, NULL, self) == result_cancelled)
            cancelled = true;
    }
    fault_t fault = make_outputs (self);
    if (fault)
        step_error (self, "an output of %s: %s", self->of->step->uses.text, self->scope.error);
    return fault || self->of->inner->status == result_failure ? result_failure
           : cancelled                                        ? result_cancelled
                                                              : result_success;
}

static result_t run (step_run_t *self)
{
    if (enter (self) != OK) {
        step_error (self, "%s", self->scope.error);
        return result_failure;
    }
    if (self->stage == STAGE_MAIN)
        return run_steps (self);
    return self->stage == STAGE_PRE ? run_pres (self) : run_posts (self);
}

const step_handler_t handler_composite = {
    .name = "composite", .run = run, .has_pre = has_pre, .has_post = has_post};
