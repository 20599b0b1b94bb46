/* container_action.c - see container_action.h.
 *
 * An image that was built is kept, as an action's files are: one of an action that is named by commit is built once. One of the workspace
 * is built each time, which the engine does from what it remembers, and replaces the one before it. */

#include "agent/engine/container/container_action.h"

#include "agent/engine/container/container_env.h"
#include "agent/engine/docker/docker_context.h"
#include "agent/engine/log/log.h"
#include "agent/engine/state/lanes.h"
#include "common/base/sha256.h"
#include "common/os/rooted.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const path_pair_t *action_places (const job_run_t *job, arena_t *arena)
{
    const workspace_t *folders = job->folders;
    path_pair_t *places = arena_array (arena, 6, sizeof (path_pair_t));
    places[0] = (path_pair_t){folders->commands, "/github/file_commands"};
    places[1] = (path_pair_t){folders->workspace, "/github/workspace"};
    places[2] = (path_pair_t){folders->temp, "/github/runner_temp"};
    places[3] = (path_pair_t){folders->actions, "/github/actions"};
    places[4] = (path_pair_t){folders->tools, "/github/tools"};
    return places;
}

// ---- its image

// Stays the same for the same files: so it is found again.
static const char *tag_of (const step_run_t *by, const char *image)
{
    const action_found_t *found = by->of->found;
    const char *project = by->job->offer->repository ? by->job->offer->repository : "";
    const char *text =
        arena_printf (by->scope.arena, "%s\n%s\n%s\n%s\n%s", *found->repository ? found->repository : project,
                      found->commit, found->ref.path ? found->ref.path : "", image, by->job->outside->root);
    sha256_t sum;
    sha256_init (&sum);
    sha256_add (&sum, text, strlen (text));
    return arena_printf (by->scope.arena, "opencicd-action:%.40s", sha256_hex (&sum, by->scope.arena));
}

static fault_t build (launch_t *self, turn_t *turn, const docker_context_t *context, const char *tag)
{
    const docker_log_t log = {launch_log, self->by};
    value_t *labels = value_object (turn->arena);
    docker_build_t what = {.dockerfile = context->dockerfile, .tag = tag, .labels = labels};
    value_set (turn->arena, labels, "opencicd.action",
               value_string (turn->arena, self->by->of->step->uses.text));
    TRY (docker_context_open (turn, context, &what.context));
    fault_t fault = docker_image_build (self->docker, turn, &what, &log);
    close (what.context);
    return fault;
}

static fault_t have_built (launch_t *self, turn_t *turn, const char *file, const char *tag)
{
    const action_found_t *found = self->by->of->found;
    const job_run_t *job = self->by->job;
    docker_image_t before = {.id = ""};
    bool local = !*found->commit;
    fault_t there = docker_image_inspect (self->docker, turn, tag, &before);
    if (!there && (!local || self->by->of->built)) {
        self->image = before;
        return OK;
    }
    const docker_context_t context = {local ? job->folders->view : ROOTED_OURS, found->folder, file,
                                      job->containers->folder};
    TRY (build (self, turn, &context, tag));
    TRY (docker_image_inspect (self->docker, turn, tag, &self->image));
    if (!there && strcmp (before.id, self->image.id) != 0)
        (void) !docker_image_remove (self->docker, turn, before.id);
    return OK;
}

static fault_t get_built (launch_t *self, const char *image)
{
    turn_t turn;
    step_run_t *by = self->by;
    const char *file = strncmp (image, "./", 2) == 0 ? image + 2 : image, *tag = tag_of (by, file);
    turn_init (&turn, by->scope.arena, "", 0);
    step_log (by, "##[group]The image of %s\n", by->of->step->uses.text);
    lanes_leave (by->job);
    fault_t fault = have_built (self, &turn, file, tag);
    lanes_enter (by->job);
    step_log (by, "##[endgroup]\n");
    by->of->built = !fault;
    value_set (by->scope.arena, self->spec.body, "Image", value_string (by->scope.arena, tag));
    return launch_fail (by, &turn, fault);
}

fault_t action_image (launch_t *self, const char *image)
{
    container_settings_t settings = {.image = image, .user = "", .password = ""};
    if (strncmp (image, "docker://", 9) != 0)
        return get_built (self, image);
    settings.image = image + 9;
    step_log (self->by, "##[group]The image %s\n", settings.image);
    fault_t fault = launch_image (self, &settings);
    step_log (self->by, "##[endgroup]\n");
    return fault;
}

// ---- its container

static void make_folders (const job_run_t *job, arena_t *arena)
{
    static const char *const names[] = {"_github_home", "_github_workflow"};
    for (size_t i = 0; i < sizeof (names) / sizeof (names[0]); i++)
        (void) mkdir (arena_printf (arena, "%s/%s", job->outside->temp, names[i]), 0755);
}

fault_t action_start (launch_t *self, environ_t *base)
{
    const job_run_t *job = self->by->job;
    const workspace_t *from = job->outside;
    arena_t *arena = self->by->scope.arena;
    docker_state_t state;
    turn_t turn;
    turn_init (&turn, arena, "", 0);
    make_folders (job, arena);
    docker_spec_mount (&self->spec, from->workspace, "/github/workspace", true);
    docker_spec_mount (&self->spec, from->temp, "/github/runner_temp", true);
    docker_spec_mount (&self->spec, from->commands, "/github/file_commands", true);
    docker_spec_mount (&self->spec, arena_printf (arena, "%s/_github_home", from->temp), "/github/home",
                       true);
    docker_spec_mount (&self->spec, arena_printf (arena, "%s/_github_workflow", from->temp),
                       "/github/workflow", true);
    if (job->options->containers.may_all && access (DOCKER_HOST_DEFAULT, F_OK) == 0)
        docker_spec_mount (&self->spec, DOCKER_HOST_DEFAULT, DOCKER_HOST_DEFAULT, true);
    value_set (arena, self->spec.body, "WorkingDir", value_string (arena, "/github/workspace"));
    TRY (launch_start (self, "action", true));
    TRY (launch_fail (self->by, &turn, docker_container_inspect (self->docker, &turn, self->id, &state)));
    container_env_take (base, arena, state.environment);
    environ_set (base, "HOME", "/github/home");
    return OK;
}
