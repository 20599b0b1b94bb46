/* run_docker.c - a Docker action: `uses: docker://image`, or an action whose `using` is docker.
 *
 * Source: GitHub's "Dockerfile support for GitHub Actions" and "runs for Docker container actions"; what its runner makes of `args` and
 * `entrypoint`: those of the action's file come first, then what the step gives by `with`. */

#include "agent/engine/container/container_action.h"
#include "agent/engine/effects/step_effects.h"
#include "agent/engine/log/log.h"
#include "agent/engine/process/shell.h"
#include "agent/engine/step/environ_step.h"
#include "agent/engine/step/host.h"
#include "agent/engine/step/inputs.h"

#include <string.h>

static const action_t no_action = {.kind = ACTION_DOCKER};

static const action_t *action_of (const job_step_t *of)
{
    return of->found && of->found->action ? of->found->action : &no_action;
}

static bool has_pre (const job_step_t *of)
{
    return action_of (of)->pre_entrypoint.text;
}

static bool has_post (const job_step_t *of)
{
    return action_of (of)->post_entrypoint.text;
}

// ---- what it is started with

static fault_t evaluate (step_run_t *self)
{
    const action_t *action = action_of (self->of);
    if (action != &no_action)
        return inputs_evaluate (self, action);
    self->with = value_object (self->scope.arena);
    return scope_pairs (&self->scope, &self->of->step->with, self->scope.arena, self->with);
}

// Expressions of the action's file see its inputs.
static scope_t scope_of_action (step_run_t *self, frame_t *frame)
{
    scope_t scope = self->scope;
    *frame = *self->of->frame;
    frame->inputs = self->with;
    scope.frame = frame;
    return scope;
}

static fault_t set_action_env (step_run_t *self, environ_t *base)
{
    frame_t frame;
    scope_t scope = scope_of_action (self, &frame);
    value_t *env = value_object (self->scope.arena);
    env->cased = true;
    fault_t fault = scope_pairs (&scope, &action_of (self->of)->env, self->scope.arena, env);
    for (size_t i = 0; i < env->list.count; i++)
        environ_set (base, env->list.keys[i], value_to_text (self->scope.arena, env->list.items[i]));
    self->scope.error = scope.error;
    return fault;
}

static fault_t read_args (step_run_t *self, value_t *out)
{
    const texts_t *texts = &action_of (self->of)->args;
    frame_t frame;
    scope_t scope = scope_of_action (self, &frame);
    fault_t fault = OK;
    for (size_t i = 0; i < texts->count && !fault; i++) {
        const char *text;
        fault = scope_text (&scope, texts->items + i, &text);
        if (!fault)
            value_push (self->scope.arena, out, value_string (self->scope.arena, text));
    }
    self->scope.error = scope.error;
    if (!fault && !texts->count)
        fault =
            docker_words (self->scope.arena, value_get_text (self->with, "args"), out, &self->scope.error);
    return fault;
}

static const char *entrypoint_of (const step_run_t *self)
{
    const action_t *action = action_of (self->of);
    const char *own = self->stage == STAGE_PRE    ? action->pre_entrypoint.text
                      : self->stage == STAGE_POST ? action->post_entrypoint.text
                                                  : action->entrypoint.text;
    return own ? own : value_get_text (self->with, "entrypoint");
}

static void push_all (arena_t *arena, value_t *out, const value_t *list)
{
    for (size_t i = 0; list->kind == VALUE_ARRAY && i < list->list.count; i++)
        value_push (arena, out, list->list.items[i]);
}

// As `docker run`: another entrypoint does without the image's command, arguments replace it.
static fault_t choose_words (step_run_t *self, const docker_image_t *image, value_t *words)
{
    arena_t *arena = self->scope.arena;
    const char *entrypoint = entrypoint_of (self);
    value_t *args = value_array (arena);
    TRY (read_args (self, args));
    if (*entrypoint)
        value_push (arena, words, value_string (arena, entrypoint));
    else
        push_all (arena, words, image->entrypoint);
    if (args->list.count || *entrypoint)
        push_all (arena, words, args);
    else
        push_all (arena, words, image->command);
    if (words->list.count)
        return OK;
    return fault_with (arena, &self->scope.error, INVALID,
                       "the image %s names no program: give `entrypoint` or `args`",
                       self->of->step->uses.text);
}

static char *const *arguments_of (step_run_t *self, const launch_t *launch, const environ_t *base,
                                  const value_t *words)
{
    arena_t *arena = self->scope.arena;
    char **arguments = arena_array (arena, words->list.count + 1, sizeof (char *));
    for (size_t i = 0; i < words->list.count; i++)
        arguments[i] = (char *) value_to_text (arena, words->list.items[i]);
    const char *found =
        program_find_in (arena, sandbox_link_root (launch->link), environ_get (base, "PATH"), arguments[0]);
    if (found)
        arguments[0] = (char *) found;
    return arguments;
}

// A value that is a path of the job's is one of the action's; a list of them is not, as on GitHub.
static void translate (step_run_t *self, environ_t *variables)
{
    arena_t *arena = self->scope.arena;
    const path_pair_t *places = action_places (self->job, arena);
    for (size_t i = 0; i < variables->count; i++) {
        environ_entry_t *entry = variables->entries + i;
        const char *value = entry->text + entry->name + 1, *there = place_translate (arena, places, value);
        if (there != value)
            entry->text = arena_printf (arena, "%.*s=%s", (int) entry->name, entry->text, there);
    }
}

// ---- its run

static fault_t prepare (step_run_t *self, launch_t *launch, environ_t *base, value_t *words)
{
    const action_t *action = action_of (self->of);
    const char *image = action->image.text ? action->image.text : self->of->step->uses.text;
    TRY (containers_connect (self, &launch->docker));
    docker_spec_init (&launch->spec, self->scope.arena);
    TRY (action_image (launch, image));
    TRY (choose_words (self, &launch->image, words));
    TRY (action_start (launch, base));
    return set_action_env (self, base);
}

static result_t execute (step_run_t *self, const launch_t *launch, const environ_t *base,
                         const value_t *words)
{
    environ_t variables;
    int exit_code = 0;
    self->base = base;
    if (environ_of_step (self, &variables) != OK) {
        step_error (self, "%s", self->scope.error);
        return result_failure;
    }
    translate (self, &variables);
    const exec_t exec = {.arguments = arguments_of (self, launch, base, words),
                         .variables = environ_list (&variables),
                         .folder = "/github/workspace",
                         .link = launch->link};
    exec_end_t end = host_exec (self, &exec, &exit_code);
    self->row->exit_code = exit_code;
    return host_judge (self, end, exit_code);
}

static result_t run_in_container (step_run_t *self)
{
    launch_t launch = {.by = self, .door = {.listener = -1}};
    environ_t base;
    value_t *words = value_array (self->scope.arena);
    result_t result = result_failure;
    fault_t fault = prepare (self, &launch, &base, words);
    if (fault)
        step_error (self, "%s", self->scope.error);
    else
        result = execute (self, &launch, &base, words);
    launch_end (&launch);
    docker_close (&launch.docker);
    return fault && self->job->stop.cancelling ? result_cancelled : result;
}

static result_t run (step_run_t *self)
{
    if (evaluate (self) != OK) {
        step_error (self, "%s", self->scope.error);
        return result_failure;
    }
    if (has_post (self->of))
        step_register_post (self);
    if (self->stage == STAGE_POST)
        step_log (self, "Post job cleanup.\n");
    else
        step_announce (self, self->of->step->uses.text, "");
    return run_in_container (self);
}

const step_handler_t handler_docker = {
    .name = "docker", .run = run, .has_files = true, .has_pre = has_pre, .has_post = has_post};
