/* run_node.c - a JavaScript action: its pre, main or post by the node that is on this machine.
 *
 * An action says node12 ... node24, and GitHub's runner brings each of them along. Here the folders that the agent was given are looked
 * through for that version, then for any, then the agent's own PATH; which one runs is said once in the log of a job. */

#include "agent/engine/actions/toolkit.h"
#include "agent/engine/container/container_env.h"
#include "agent/engine/effects/step_effects.h"
#include "agent/engine/log/log.h"
#include "agent/engine/log/reports.h"
#include "agent/engine/process/shell.h"
#include "agent/engine/step/environ_step.h"
#include "agent/engine/step/host.h"
#include "agent/engine/step/inputs.h"
#include "agent/engine/step/places.h"

#include <string.h>
#include <unistd.h>

static const char *file_of (const action_t *action, stage_t stage)
{
    return stage == STAGE_PRE    ? action->pre.text
           : stage == STAGE_POST ? action->post.text
                                 : action->main.text;
}

static bool has_pre (const job_step_t *of)
{
    return of->found && of->found->action->pre.text;
}

static bool has_post (const job_step_t *of)
{
    return of->found && of->found->action->post.text;
}

// Whether it starts in the job's container, whose libraries may be others.
static bool starts (step_run_t *self, const char *node)
{
    buffer_t *ignored = buffer_new (4096);
    char *arguments[] = {(char *) node, (char *) "--version", NULL};
    const exec_t exec = {.arguments = arguments,
                         .variables = environ_list (&self->job->base),
                         .folder = "/",
                         .capture = ignored};
    int exit_code = 1;
    exec_end_t end = host_exec (self, &exec, &exit_code);
    buffer_destroy (&ignored);
    return end == EXEC_ENDED && exit_code == 0;
}

static const char *usable (step_run_t *self, const char *node)
{
    const job_run_t *job = self->job;
    if (access (node, X_OK) != 0)
        return NULL;
    if (!job->inside)
        return node;
    const char *path = container_node_path (self->scope.arena, job->options->node_folders, node);
    return (job->node && strcmp (job->node, path) == 0) || starts (self, path) ? path : NULL;
}

// DIR/node20/bin/node, DIR/bin/node, DIR/node in each of the folders, else what PATH has.
static const char *find_node (step_run_t *self, const char *using)
{
    arena_t *arena = self->scope.arena;
    const char *folders = self->job->options->node_folders ? self->job->options->node_folders : "", *found;
    while (*folders) {
        size_t size = strcspn (folders, ":");
        const char *const tries[] = {arena_printf (arena, "%.*s/%s/bin/node", (int) size, folders, using),
                                     arena_printf (arena, "%.*s/bin/node", (int) size, folders),
                                     arena_printf (arena, "%.*s/node", (int) size, folders)};
        for (size_t i = 0; size && i < sizeof (tries) / sizeof (tries[0]); i++)
            if ((found = usable (self, tries[i])))
                return found;
        folders += size + (folders[size] == ':');
    }
    return program_find_in (arena, step_root (self->job), environ_get (&self->job->base, "PATH"), "node");
}

static const char *choose_node (step_run_t *self)
{
    job_run_t *job = self->job;
    const char *using = self->of->found->action->using.text ? self->of->found->action->using.text : "node";
    const char *node = find_node (self, using);
    if (!node)
        step_error (self, "%s needs %s, and there is no node %s", self->of->step->uses.text, using,
                    job->inside
                        ? "that runs in the job's container: install one in its image. Those of the"
                          " agent's setting node_folders do not start in an image without glibc (Alpine)"
                        : "on this machine: install it, or name its folder in the agent's setting"
                          " node_folders");
    else if (!job->node || strcmp (job->node, node) != 0) {
        step_log (self, "JavaScript actions (this one asks for %s) run by %s\n", using, node);
        job->node = arena_strdup (job->arena, node);
    }
    return node;
}

static result_t execute (step_run_t *self, const char *node)
{
    arena_t *arena = self->scope.arena;
    const action_found_t *found = self->of->found;
    environ_t variables;
    if (environ_of_step (self, &variables) != OK) {
        step_error (self, "%s", self->scope.error);
        return result_failure;
    }
    environ_unset (&variables, "NODE_ICU_DATA");
    const char *file = arena_printf (arena, "%s/%s", place_inside (self->job, arena, found->folder),
                                     file_of (found->action, self->stage));
    const char *main_file = arena_printf (arena, "%s/%s", place_outside (self->job, arena, found->folder),
                                          found->action->main.text);
    const toolkit_uses_t uses = toolkit_uses (main_file);
    bool uploads = self->job->offer->services && uses.artifacts;
    if (uploads)
        environ_set (&variables, "GITHUB_SERVER_URL", TOOLKIT_SERVER_URL);
    if (uses.strict_git) // A checkout's own configuration has the address already
        environ_without_git (&variables);
    char *arguments[] = {(char *) node, (char *) file, NULL};
    const exec_t exec = {.arguments = arguments,
                         .variables = environ_list (&variables),
                         .folder = self->job->folders->workspace};
    int exit_code = 0;
    exec_end_t end = host_exec (self, &exec, &exit_code);
    self->row->exit_code = exit_code;
    if (uploads)
        reports_add_uploaded (self);
    return host_judge (self, end, exit_code);
}

static result_t run (step_run_t *self)
{
    const action_t *action = self->of->found->action;
    if (inputs_evaluate (self, action) != OK) {
        step_error (self, "%s", self->scope.error);
        return result_failure;
    }
    if (action->post.text)
        step_register_post (self);
    if (self->stage == STAGE_POST)
        step_log (self, "Post job cleanup.\n");
    else
        step_announce (self, self->of->step->uses.text, "");
    const char *node = choose_node (self);
    return node ? execute (self, node) : result_failure;
}

const step_handler_t handler_node = {
    .name = "node", .run = run, .has_files = true, .has_pre = has_pre, .has_post = has_post};
