/* container_job.c - the job's network, its own container and its services: see containers.h. Order as GitHub's: the network, the job's own
 * container, the services; then their health is awaited. */

#include "agent/engine/container/container_env.h"
#include "agent/engine/container/launch.h"
#include "agent/engine/log/log.h"
#include "agent/engine/process/counters.h"
#include "agent/engine/state/lanes.h"
#include "agent/engine/step/step_stop.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/os/file.h"

#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NO_VIEW      (-1) // Nothing is found there any more
#define HEALTH_LOOKS ((backoff_t){.least_us = MILLISECONDS (100), .most_us = SECONDS (2)})

// What one of these functions works on.
typedef struct {
    step_run_t *by;
    containers_t *all;
    docker_t *docker;
    turn_t turn;
} bringup_t;

static arena_t *memory (const bringup_t *self)
{
    return self->by->job->arena;
}

static fault_t fail (bringup_t *self, fault_t fault)
{
    return launch_fail (self->by, &self->turn, fault);
}

static value_t *labels_of (const bringup_t *self)
{
    value_t *labels = value_object (self->turn.arena);
    const char *label = self->all->label;
    size_t name = strcspn (label, "=");
    value_set (self->turn.arena, labels, arena_strndup (self->turn.arena, label, name),
               value_string (self->turn.arena, label + name + 1));
    return labels;
}

static fault_t make_network (bringup_t *self)
{
    const char *id = "", *name = arena_printf (memory (self), "%s-network", self->all->prefix);
    lanes_leave (self->by->job);
    fault_t fault = docker_network_create (self->docker, &self->turn, name, labels_of (self), &id);
    lanes_enter (self->by->job);
    if (!fault)
        self->all->network = name;
    return fail (self, fault);
}

// Named volumes, of `volumes` and of options, are made before the container that mounts them: so they carry the label, by which they are
// removed.
static fault_t make_volumes (bringup_t *self, const docker_spec_t *spec)
{
    fault_t fault = OK;
    for (size_t i = 0; i < spec->named->list.count && !fault; i++)
        fault = docker_volume_create (self->docker, &self->turn, spec->named->list.items[i]->string.text,
                                      labels_of (self));
    return fail (self, fault);
}

// ---- the job's own

static void make_homes (bringup_t *self)
{
    const workspace_t *folders = self->by->job->outside;
    const char *const names[] = {"_github_home", "_github_workflow", "_runner_file_commands"};
    for (size_t i = 0; i < sizeof (names) / sizeof (names[0]); i++)
        (void) mkdir (arena_printf (self->turn.arena, "%s/%s", folders->temp, names[i]), 0755);
    if (geteuid () == 0)
        return;
    // The checkout is of the agent's user, and git in the container of root
    const char *path = arena_printf (self->turn.arena, "%s/_github_home/.gitconfig", folders->temp);
    const char *text = arena_printf (self->turn.arena, "[safe]\n\tdirectory = %s\n\tdirectory = %s/*\n",
                                     self->by->job->folders->workspace, self->by->job->folders->workspace);
    (void) !file_write (&self->turn, path, text);
}

static void mount_all (bringup_t *self, docker_spec_t *spec)
{
    job_run_t *job = self->by->job;
    const workspace_t *from = job->outside, *to = job->folders;
    arena_t *arena = self->turn.arena;
    docker_spec_mount (spec, from->workspace, to->workspace, true);
    docker_spec_mount (spec, from->temp, to->temp, true);
    docker_spec_mount (spec, from->commands, to->commands, true);
    docker_spec_mount (spec, from->actions, to->actions, true);
    docker_spec_mount (spec, from->tools, to->tools, true);
    docker_spec_mount (spec, arena_printf (arena, "%s/_github_home", from->temp), "/github/home", true);
    docker_spec_mount (spec, arena_printf (arena, "%s/_github_workflow", from->temp), "/github/workflow",
                       true);
    if (job->options->node_folders)
        container_mount_nodes (spec, job->options->node_folders);
    if (job->options->containers.may_all && access (DOCKER_HOST_DEFAULT, F_OK) == 0)
        docker_spec_mount (spec, DOCKER_HOST_DEFAULT, DOCKER_HOST_DEFAULT, true);
}

// The job's folders become those of the container's user, where we may give them: else another user than us cannot write there, as on GitHub.
// Root can anyway.
static void share_folders (const bringup_t *self, const give_t *user)
{
    job_run_t *job = self->by->job;
    const workspace_t *folders = job->outside;
    const char *const names[] = {folders->workspace, folders->temp, folders->commands, folders->actions};
    if (user->user == geteuid () || user->user == 0)
        return;
    if (geteuid () != 0) {
        step_warning (
            self->by,
            "The container's user (%u here) may be unable to write into the workspace, which belongs to %u",
            (unsigned) user->user, (unsigned) geteuid ());
        return;
    }
    job->user = *user;
    for (size_t i = 0; i < sizeof (names) / sizeof (names[0]); i++)
        give_folder (names[i], user);
}

static fault_t start_own (bringup_t *self)
{
    containers_t *all = self->all;
    job_run_t *job = self->by->job;
    launch_t launch = {.by = self->by, .docker = self->docker};
    docker_state_t state;
    docker_spec_init (&launch.spec, self->turn.arena);
    step_log (self->by, "##[group]The job's container, %s\n", all->own.image);
    make_homes (self);
    mount_all (self, &launch.spec);
    TRY (launch_settings (&launch, &all->own));
    TRY (make_volumes (self, &launch.spec));
    TRY (launch_image (&launch, &all->own));
    if (!value_get (launch.spec.body, "WorkingDir"))
        value_set (self->turn.arena, launch.spec.body, "WorkingDir",
                   value_string (self->turn.arena, job->folders->workspace));
    docker_spec_env (&launch.spec, "HOME", "/github/home");
    docker_spec_env (&launch.spec, "GITHUB_ACTIONS", "true");
    docker_spec_env (&launch.spec, "CI", "true");
    fault_t fault = launch_start (&launch, "job", true);
    all->id = launch.id ? arena_strdup (memory (self), launch.id) : "";
    job->inside = launch.link;
    TRY (fault);
    share_folders (self, &launch.user);
    all->folders.view = sandbox_link_root (job->inside);
    job->store_options->view = all->folders.view;
    TRY (fail (self, docker_container_inspect (self->docker, &self->turn, all->id, &state)));
    container_env_take (&job->base, memory (self), state.environment);
    step_log (self->by, "##[endgroup]\n");
    return OK;
}

// ---- its services

static fault_t set_words (bringup_t *self, docker_spec_t *spec, const char *key, const char *text)
{
    value_t *words = value_array (self->turn.arena);
    if (!*text)
        return OK;
    TRY (docker_words (self->turn.arena, text, words, &self->by->scope.error));
    value_set (self->turn.arena, spec->body, key, words);
    return OK;
}

static fault_t start_service (bringup_t *self, job_service_t *service)
{
    launch_t launch = {.by = self->by, .docker = self->docker};
    docker_spec_init (&launch.spec, self->turn.arena);
    step_log (self->by, "##[group]The service %s, %s\n", service->name, service->settings.image);
    TRY (launch_settings (&launch, &service->settings));
    TRY (make_volumes (self, &launch.spec));
    TRY (launch_image (&launch, &service->settings));
    TRY (set_words (self, &launch.spec, "Entrypoint", service->settings.entrypoint));
    TRY (set_words (self, &launch.spec, "Cmd", service->settings.command));
    docker_spec_env (&launch.spec, "GITHUB_ACTIONS", "true");
    docker_spec_env (&launch.spec, "CI", "true");
    value_push (self->turn.arena, launch.spec.aliases, value_string (self->turn.arena, service->name));
    fault_t fault = launch_start (&launch, "service", false);
    service->id = launch.id ? arena_strdup (memory (self), launch.id) : "";
    TRY (fault);
    step_log (self->by, "##[endgroup]\n");
    return OK;
}

static void show_logs (bringup_t *self, const job_service_t *service)
{
    const docker_log_t log = {launch_log, self->by};
    step_log (self->by, "##[group]What the service %s printed\n", service->name);
    lanes_leave (self->by->job);
    (void) !docker_container_logs (self->docker, &self->turn, service->id, &log);
    lanes_enter (self->by->job);
    step_log (self->by, "##[endgroup]\n");
}

static bool must_stop (const bringup_t *self)
{
    struct pollfd cancel = {cancel_handle (self->by->job->stop.cancel), POLLIN, 0};
    return poll (&cancel, 1, 0) > 0 || step_check (self->by) != STEP_GOES_ON;
}

static void wait_a_little (const bringup_t *self, int64_t us)
{
    struct pollfd cancel = {cancel_handle (self->by->job->stop.cancel), POLLIN, 0};
    poll (&cancel, 1, (int) (us / 1000));
}

// Without an end, as on GitHub: the image says how often it looks, and when it gives up.
static fault_t await_health (bringup_t *self, const job_service_t *service, docker_state_t *state)
{
    backoff_t looks = HEALTH_LOOKS;
    bool said = false;
    for (;;) {
        TRY (fail (self, docker_container_inspect (self->docker, &self->turn, service->id, state)));
        if (state->health != HEALTH_STARTING || !state->running)
            break;
        if (must_stop (self))
            return fault_with (self->turn.arena, &self->by->scope.error, UNAVAILABLE, "stopped");
        if (!said)
            step_log (self->by, "Waiting until the service %s is healthy\n", service->name);
        said = true;
        wait_a_little (self, backoff_next_us (&looks));
    }
    bool ended = !state->running, bad = state->health == HEALTH_BAD || state->health == HEALTH_STARTING;
    if (ended || bad)
        show_logs (self, service);
    if (bad)
        return fault_with (self->turn.arena, &self->by->scope.error, BROKEN,
                           "the service %s is not healthy%s", service->name, ended ? ": it has ended" : "");
    if (ended)
        step_warning (self->by, "The service %s has ended with exit code %d", service->name,
                      state->exit_code);
    return OK;
}

// ---- what expressions see of them

static value_t *context_of (const bringup_t *self, const char *id)
{
    value_t *context = value_object (memory (self));
    value_set (memory (self), context, "id", value_string (memory (self), id));
    value_set (memory (self), context, "network", value_string (memory (self), self->all->network));
    return context;
}

// "6379" of "6379/tcp": the last one wins, as on GitHub.
static value_t *ports_of (const bringup_t *self, const value_t *ports)
{
    value_t *out = value_object (memory (self));
    for (size_t i = 0; ports->kind == VALUE_OBJECT && i < ports->list.count; i++) {
        const value_t *bound = ports->list.items[i];
        const char *key =
            arena_strndup (memory (self), ports->list.keys[i], strcspn (ports->list.keys[i], "/"));
        if (bound->kind == VALUE_ARRAY && bound->list.count)
            value_set (memory (self), out, key,
                       value_string (memory (self), value_get_text (bound->list.items[0], "HostPort")));
    }
    return out;
}

static fault_t ready_services (bringup_t *self)
{
    value_t *services = value_object (memory (self));
    for (size_t i = 0; i < self->all->service_count; i++) {
        const job_service_t *service = self->all->services + i;
        docker_state_t state;
        TRY (await_health (self, service, &state));
        value_t *context = context_of (self, service->id);
        value_set (memory (self), context, "ports", ports_of (self, state.ports));
        value_set (memory (self), services, service->name, context);
    }
    value_set (memory (self), self->by->job->job_context, "services", services);
    if (*self->all->id)
        value_set (memory (self), self->by->job->job_context, "container", context_of (self, self->all->id));
    return OK;
}

static fault_t start_all (bringup_t *self)
{
    TRY (make_network (self));
    if (*self->all->own.image)
        TRY (start_own (self));
    for (size_t i = 0; i < self->all->service_count; i++)
        TRY (start_service (self, self->all->services + i));
    return ready_services (self);
}

fault_t containers_start (step_run_t *by)
{
    bringup_t work = {.by = by, .all = by->job->containers};
    turn_init (&work.turn, by->scope.arena, "", 0);
    TRY (containers_connect (by, &work.docker));
    step_log (by, "%s\n", docker_version (work.docker));
    int64_t begins_us = clock_monotonic_us ();
    fault_t fault = start_all (&work);
    count_add (COUNT_JOB_CONTAINERS, 1);
    count_time (COUNT_CONTAINERS_SECONDS, clock_monotonic_us () - begins_us);
    docker_close (&work.docker);
    return fault;
}

// ---- the end

static fault_t stop_all (bringup_t *self)
{
    containers_t *all = self->all;
    size_t count;
    launch_t own = {.by = self->by, .docker = self->docker, .id = all->id, .link = self->by->job->inside};
    self->by->job->inside = NULL;
    all->folders.view = self->by->job->store_options->view = NO_VIEW;
    launch_end (&own);
    // By the label, not one by one: what was being made when something failed has no id here
    return docker_remove_labelled (self->docker, &self->turn, all->label, &count);
}

void containers_stop (step_run_t *by)
{
    bringup_t work = {.by = by, .all = by->job->containers};
    job_run_t *job = by->job;
    backoff_t tries = {.least_us = MILLISECONDS (200), .most_us = SECONDS (2)};
    int64_t until = clock_monotonic_us () + SECONDS (CONTAINERS_AWAY_SECONDS);
    fault_t fault;
    if (!work.all->reached) { // Nothing was made, and there is nothing to wait for
        if (!work.all->left)
            containers_forget (job);
        return;
    }
    turn_init (&work.turn, by->scope.arena, "", 0);
    do {
        fault = docker_open (&work.docker, &work.turn, job->options->containers.host, NULL);
        if (!fault)
            fault = stop_all (&work);
        docker_close (&work.docker);
        if (fault)
            poll (NULL, 0, (int) (backoff_next_us (&tries) / 1000));
    } while (fault && clock_monotonic_us () < until && !job->stop.killed);
    sandbox_link_destroy (&job->inside);
    if (fault)
        step_warning (by, "The job's containers are not all gone, and will be before the next one: %s",
                      work.turn.detail ? work.turn.detail : fault_own_text (fault));
    else
        containers_forget (job);
}
