/* resolve.c - which handler runs a step, and what `uses` names. What is not in the workspace is fetched before the first step runs, so that
 * its pre can; what is in the workspace is known only when its turn has come. */

#include "agent/engine/step/resolve.h"

#include "agent/engine/log/log.h"

#include <string.h>
#include <strings.h>

static job_step_t *resolve_steps (job_run_t *self, const step_t *steps, size_t count, job_step_t *outer,
                                  frame_t *frame)
{
    job_step_t *list = arena_array (self->arena, count + 1, sizeof (job_step_t));
    for (size_t i = 0; i < count; i++)
        list[i] = (job_step_t){.step = steps + i,
                               .outer = outer,
                               .frame = frame,
                               .name = "",
                               .state = value_object (self->arena)};
    return list;
}

static job_step_t *find_step (job_step_t *steps, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (steps[i].step->id.text && strcasecmp (steps[i].step->id.text, id) == 0)
            return steps + i;
    return NULL;
}

static void set_targets (job_run_t *self, job_step_t *list, size_t count, job_step_t *step)
{
    const texts_t *ids = &step->step->targets;
    bool parallel = step->step->kind == STEP_PARALLEL;
    size_t members = parallel ? step->step->member_count : ids->count;
    step->targets = arena_array (self->arena, members + 1, sizeof (job_step_t *));
    for (size_t i = 0; i < members; i++) {
        job_step_t *target = parallel ? step - members + i : find_step (list, count, ids->items[i].text);
        if (target)
            step->targets[step->target_count++] = target;
    }
}

job_step_t *resolve_job (job_run_t *self, const step_t *steps, size_t count, size_t *out_count)
{
    size_t all = count, put = 0;
    for (size_t i = 0; i < count; i++)
        all += steps[i].member_count;
    step_t *flat = arena_array (self->arena, all + 1, sizeof (step_t));
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < steps[i].member_count; k++)
            flat[put++] = steps[i].members[k];
        flat[put++] = steps[i];
    }
    job_step_t *list = resolve_steps (self, flat, all, NULL, &self->frame);
    for (size_t i = 0; i < all; i++)
        set_targets (self, list, all, list + i);
    *out_count = all;
    return list;
}

// Its steps, and what they use in turn.
static fault_t open_composite (step_run_t *by, job_step_t *step)
{
    job_run_t *job = by->job;
    const action_t *action = step->found->action;
    if (step->frame->depth >= SCOPE_DEPTH) {
        by->scope.error = arena_printf (by->scope.arena, "%s: actions use one another more than %d deep",
                                        step->step->uses.text, SCOPE_DEPTH);
        return TOO_LARGE;
    }
    step->inner = arena_alloc (job->arena, sizeof (frame_t));
    step->inner->status = result_success;
    step->inner->depth = step->frame->depth + 1;
    step->steps = resolve_steps (job, action->steps, action->step_count, step, step->inner);
    step->step_count = action->step_count;
    fault_t fault = OK;
    for (size_t i = 0; i < step->step_count && !fault; i++)
        fault = resolve_step (by, step->steps + i, step->found, false);
    return fault;
}

static bool is_here (const char *uses)
{
    return uses[0] == '.' && (uses[1] == '/' || uses[1] == '\\' || !uses[1]);
}

// Such an action is found when its step begins: too late for its pre. GitHub warns too.
static void warn_of_pre (step_run_t *by, const job_step_t *step)
{
    if (is_here (step->step->uses.text) && step->handler->has_pre && step->handler->has_pre (step))
        step_warning (by, "%s has a `pre`, which does not run: only actions of a repository have one",
                      step->step->uses.text);
}

static fault_t open_action (step_run_t *by, job_step_t *step, const action_found_t *inside)
{
    job_run_t *job = by->job;
    turn_t turn;
    turn_init (&turn, job->arena, "", 0);
    action_found_t *found = arena_alloc (job->arena, sizeof (action_found_t));
    job->resolving = by;
    fault_t fault =
        action_store_resolve (job->store, &turn, step->step->uses.text, inside, job->stop.cancel, found);
    if (fault) {
        by->scope.error = turn.detail ? turn.detail : fault_own_text (fault);
        return fault;
    }
    step->found = found;
    if (found->action && found->action->kind == ACTION_NODE)
        step->handler = &handler_node;
    else if (found->action && found->action->kind == ACTION_COMPOSITE)
        step->handler = &handler_composite;
    else
        step->handler = &handler_docker;
    warn_of_pre (by, step);
    return step->handler == &handler_composite ? open_composite (by, step) : OK;
}

fault_t resolve_step (step_run_t *by, job_step_t *step, const action_found_t *inside, bool running)
{
    static const step_handler_t *const handlers[] = {[STEP_RUN] = &handler_script,
                                                     [STEP_WAIT] = &handler_wait,
                                                     [STEP_WAIT_ALL] = &handler_wait,
                                                     [STEP_CANCEL] = &handler_cancel,
                                                     [STEP_PARALLEL] = &handler_wait};
    const char *uses = step->step->uses.text;
    if (step->handler)
        return OK;
    if (step->step->kind != STEP_USES) {
        step->handler = handlers[step->step->kind];
        return OK;
    }
    if ((step->builtin = builtin_find (uses, by->job->options->actions.originals, by->job->offer->ref))) {
        step->handler = &handler_builtin;
        return OK;
    }
    if (strncmp (uses, "docker://", 9) == 0)
        return open_action (by, step, inside);
    if (running || !is_here (uses))
        return open_action (by, step, inside);
    return OK;
}
