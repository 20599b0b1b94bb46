/* run_builtin.c - a step that uses one of the actions that the engine knows itself. */

#include "agent/engine/builtin/builtin.h"
#include "agent/engine/effects/step_effects.h"
#include "agent/engine/log/log.h"
#include "agent/engine/log/reports.h"
#include "agent/engine/process/shell.h"
#include "agent/engine/state/lanes.h"
#include "agent/engine/step/environ_step.h"
#include "agent/engine/step/host.h"
#include "agent/engine/step/places.h"
#include "agent/engine/step/step_stop.h"
#include "common/base/clock.h"
#include "common/os/rooted.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

typedef struct {
    step_run_t *step;
    environ_t variables;
    exec_end_t end; // Of the last process that it ran
} use_t;

// While the action runs other steps may: what it asks of the engine takes the lock.
static void enter (use_t *self)
{
    lanes_enter (self->step->job);
}

static void leave (use_t *self)
{
    lanes_leave (self->step->job);
}

static const char *input (void *self_, const char *name)
{
    use_t *self = self_;
    const value_t *value = value_get (self->step->with, name);
    const char *text = value ? value_to_text (self->step->scope.arena, value) : "";
    return self->step->of->builtin->outside ? place_outside (self->step->job, self->step->scope.arena, text)
                                            : text;
}

static void log_line (void *self_, const char *text)
{
    use_t *self = self_;
    enter (self);
    step_log (self->step, "%s\n", text);
    leave (self);
}

static void fail (void *self_, const char *text)
{
    use_t *self = self_;
    enter (self);
    step_error (self->step, "%s", text);
    leave (self);
}

static void mask (void *self_, const char *secret)
{
    use_t *self = self_;
    enter (self);
    step_mask (self->step, secret);
    leave (self);
}

static void output (void *self_, const char *name, const char *value)
{
    use_t *self = self_;
    enter (self);
    step_set_output (self->step, name, value);
    leave (self);
}

static void variable (void *self_, const char *name, const char *value)
{
    use_t *self = self_;
    environ_set (&self->variables, name, value);
}

static void keep_state (void *self_, const char *name, const char *value)
{
    use_t *self = self_;
    enter (self);
    step_keep_state (self->step, name, value);
    leave (self);
}

static const char *state (void *self_, const char *name)
{
    use_t *self = self_;
    return value_get_text (self->step->of->state, name);
}

static bool run_program (void *self_, char *const *arguments, const char *folder, buffer_t *capture)
{
    use_t *self = self_;
    const exec_t exec = {.arguments = arguments,
                         .variables = environ_list (&self->variables),
                         .folder = folder,
                         .capture = capture,
                         .outside = self->step->of->builtin->outside};
    int exit_code = 0;
    enter (self);
    self->end = host_exec (self->step, &exec, &exit_code);
    if (self->end == EXEC_FAILED)
        step_error (self->step, "%s", self->step->scope.error);
    leave (self);
    return self->end == EXEC_ENDED && exit_code == 0;
}

static const char *program (void *self_, const char *name)
{
    use_t *self = self_;
    int root = self->step->of->builtin->outside ? ROOTED_OURS : step_root (self->step->job);
    const char *path = environ_get (&self->variables, "PATH");
    return program_find_in (self->step->scope.arena, root, path ? path : "", name);
}

static bool stopped (void *self_)
{
    use_t *self = self_;
    enter (self);
    step_stop_t stop = step_check (self->step);
    leave (self);
    if (stop == STEP_TIMED_OUT && self->end == EXEC_ENDED)
        self->end = EXEC_TIMED_OUT;
    else if (stop == STEP_CANCELLED || stop == STEP_KILLED)
        self->end = EXEC_STOPPED;
    return self->end != EXEC_ENDED;
}

// A program of another step may take the notice of a cancel: then it is seen after the wait.
static void wait (void *self_, int64_t for_us)
{
    const use_t *self = self_;
    struct pollfd cancel = {cancel_handle (self->step->job->stop.cancel), POLLIN, 0};
    int64_t left_us = step_deadline (self->step) - clock_monotonic_us ();
    poll (&cancel, 1, left_us <= 0 ? 0 : (int) ((left_us < for_us ? left_us : for_us) / 1000 + 1));
}

static void mask_secrets (step_run_t *self)
{
    const char *const *secrets = self->of->builtin->secrets;
    for (size_t i = 0; secrets && secrets[i]; i++)
        step_mask (self, value_get_text (self->with, secrets[i]));
}

static void warn_of_unknown_inputs (step_run_t *self)
{
    const builtin_t *builtin = self->of->builtin;
    for (size_t i = 0; i < self->with->list.count; i++) {
        const char *const *known = builtin->inputs;
        while (*known && strcasecmp (*known, self->with->list.keys[i]) != 0)
            known++;
        if (!*known)
            step_warning (self, "%s here does not know the input `%s`", builtin->name,
                          self->with->list.keys[i]);
    }
}

static const char *text_or_empty (const char *text)
{
    return text ? text : "";
}

static result_t call (use_t *use)
{
    step_run_t *self = use->step;
    const job_run_t *job = self->job;
    const builtin_t *builtin = self->of->builtin;
    const workspace_t *folders = builtin->outside ? job->outside : job->folders;
    const builtin_call_t asked = {.self = use,
                                  .arena = self->scope.arena,
                                  .workspace = folders->workspace,
                                  .view = folders->view,
                                  .repository = text_or_empty (job->offer->repository),
                                  .ref = value_get_text (self->scope.github, "ref"),
                                  .sha = value_get_text (self->scope.github, "sha"),
                                  .name = value_get_text (self->scope.github, "repository"),
                                  .own_folder = job->outside->commands,
                                  .temp = folders->temp,
                                  .temp_inside = folders == job->folders ? NULL : job->folders->temp,
                                  .token = value_get_text (self->scope.github, "token"),
                                  .server_url = value_get_text (self->scope.github, "server_url"),
                                  .home = builtin->outside ? NULL : environ_get (&use->variables, "HOME"),
                                  .artifacts = job->sink->artifacts,
                                  .caches = job->sink->caches,
                                  .input = input,
                                  .log = log_line,
                                  .fail = fail,
                                  .mask = mask,
                                  .output = output,
                                  .variable = variable,
                                  .keep_state = keep_state,
                                  .state = state,
                                  .program = program,
                                  .run = run_program,
                                  .stopped = stopped,
                                  .wait = wait};
    lanes_begin_builtin (self->job);
    bool good = self->stage == STAGE_POST ? builtin->post (&asked) : builtin->run (&asked);
    lanes_end_builtin (self->job);
    if (builtin->outside && job->user.user != geteuid ())
        give_folder (folders->workspace, &job->user);
    if (builtin->outside && job->user.user != geteuid ())
        give_folder (folders->temp, &job->user);
    if (good && builtin->run == builtin_upload) // Reports are found in what is uploaded, too
        reports_add_lines (self, value_get_text (self->with, "path"));
    if (use->end == EXEC_STOPPED || use->end == EXEC_TIMED_OUT)
        return host_judge (self, use->end, 0);
    return good && use->end == EXEC_ENDED ? result_success : result_failure;
}

static bool has_post (const job_step_t *of)
{
    return of->builtin->post;
}

static result_t run (step_run_t *self)
{
    use_t use = {.step = self, .end = EXEC_ENDED};
    self->with = value_object (self->scope.arena);
    self->base = &self->job->own;
    if (scope_pairs (&self->scope, &self->of->step->with, self->scope.arena, self->with) != OK ||
        environ_of_step (self, &use.variables) != OK) {
        step_error (self, "%s", self->scope.error);
        return result_failure;
    }
    mask_secrets (self);
    step_announce (self, self->of->step->uses.text, "");
    if (self->stage == STAGE_MAIN)
        warn_of_unknown_inputs (self);
    if (self->of->builtin->post)
        step_register_post (self);
    return call (&use);
}

const step_handler_t handler_builtin = {.name = "builtin", .run = run, .has_post = has_post};
