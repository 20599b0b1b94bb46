/* containers.c - see containers.h: whether a job has containers, the way to the engine, and what was left behind. */

#include "agent/engine/container/containers.h"

#include "agent/engine/log/log.h"
#include "agent/engine/process/orphans.h"
#include "agent/engine/state/lanes.h"
#include "agent/engine/step/step_stop.h"
#include "common/base/log.h"
#include "common/os/folder.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LABEL "opencicd.agent"

static const char *folder_of (arena_t *arena, const workspace_t *folders)
{
    return arena_printf (arena, "%s/containers", folders->root);
}

static const char *mark_of (arena_t *arena, const workspace_t *folders)
{
    return arena_printf (arena, "%s/containers/left", folders->root);
}

static const char *label_of (arena_t *arena, const workspace_t *folders)
{
    return arena_printf (arena, LABEL "=%s", tracking_id (arena, folders->root));
}

// ---- what was left behind

// Before anything is made: whoever is killed after that is looked after.
static fault_t set_mark (turn_t *turn, const workspace_t *folders)
{
    const char *path = mark_of (turn->arena, folders);
    TRY (folder_make (turn, folder_of (turn->arena, folders)));
    int fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return turn_fail (turn, BROKEN, "%s cannot be written", path);
    close (fd);
    return OK;
}

static bool is_marked (arena_t *arena, const workspace_t *folders)
{
    return access (mark_of (arena, folders), F_OK) == 0;
}

static fault_t sweep (docker_t *docker, turn_t *turn, const workspace_t *folders)
{
    size_t count = 0;
    fault_t fault = docker_remove_labelled (docker, turn, label_of (turn->arena, folders), &count);
    if (count)
        log_warn ("containers, networks or volumes that a job had left are gone now", NULL);
    if (!fault)
        (void) unlink (mark_of (turn->arena, folders));
    return fault;
}

void containers_sweep (const engine_options_t *options, const workspace_t *folders)
{
    docker_t *docker = NULL;
    turn_t turn;
    arena_t *arena = arena_new ();
    turn_init (&turn, arena, "", 0);
    if (options->containers.host && is_marked (arena, folders)) {
        fault_t fault = docker_open (&docker, &turn, options->containers.host, NULL);
        if (!fault)
            fault = sweep (docker, &turn, folders);
        if (fault)
            log_warn ("what a job left at the container engine is not removed yet", "why",
                      turn.detail ? turn.detail : fault_own_text (fault), NULL);
    }
    docker_close (&docker);
    arena_destroy (&arena);
}

// ---- what a job wants

// GitHub names the folder after the repository, twice.
static const char *repository_name (job_run_t *job)
{
    const char *name = value_get_text (job->github, "repository"), *slash = strrchr (name, '/');
    name = slash ? slash + 1 : name;
    static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    bool plain = *name && *name != '.' && strspn (name, good) == strlen (name) && name[0] != '_';
    return plain ? name : "workspace";
}

static void name_folders (containers_t *self)
{
    job_run_t *job = self->job;
    const char *name = repository_name (job);
    self->folders = *job->outside;
    self->folders.root = arena_printf (job->arena, "/__w/%s", name);
    self->folders.workspace = arena_printf (job->arena, "/__w/%s/%s", name, name);
    self->folders.temp = "/__w/_temp";
    self->folders.commands = "/__w/_temp/_runner_file_commands";
    self->folders.actions = "/__w/_actions";
    self->folders.tools = "/__t";
    job->folders = &self->folders;
}

static void add_service (containers_t *self, const char *name, const container_settings_t *settings)
{
    if (*settings->image) // An empty one is none: so a matrix can leave it out
        self->services[self->service_count++] = (job_service_t){name, *settings, ""};
}

static fault_t read_services (containers_t *self, scope_t *scope)
{
    const job_t *job = self->job->job;
    arena_t *arena = self->job->arena;
    const value_t *whole;
    container_settings_t settings;
    TRY (scope_value (scope, &job->services_whole, &whole));
    size_t count = whole->kind == VALUE_OBJECT ? whole->list.count : job->service_count;
    self->services = arena_array (arena, count + 1, sizeof (job_service_t));
    for (size_t i = 0; whole->kind == VALUE_OBJECT && i < count; i++) {
        TRY (container_settings_of_value (scope, whole->list.items[i], &settings));
        add_service (self, arena_strdup (arena, whole->list.keys[i]), &settings);
    }
    for (size_t i = 0; i < job->service_count; i++) {
        TRY (container_settings_read (scope, &job->services[i].container, &settings));
        add_service (self, job->services[i].name.text, &settings);
    }
    return OK;
}

static containers_t *make (job_run_t *job)
{
    static unsigned jobs; // Of this process, one after the other
    containers_t *self = arena_alloc (job->arena, sizeof (containers_t));
    *self = (containers_t){.job = job, .id = ""};
    const char *tracking = tracking_id (job->arena, job->outside->root);
    self->label = label_of (job->arena, job->outside);
    self->folder = folder_of (job->arena, job->outside);
    self->prefix = arena_printf (job->arena, "%s-%d-%u", tracking, (int) getpid (), ++jobs);
    self->own = (container_settings_t){.image = ""};
    return self;
}

fault_t containers_plan (job_run_t *job, scope_t *scope)
{
    containers_t *self = make (job);
    TRY (container_settings_read (scope, &job->job->container, &self->own));
    if (!*self->own.image && job->offer->image)
        self->own.image = job->offer->image;
    TRY (read_services (self, scope));
    if (!*self->own.image && !self->service_count)
        return OK;
    job->containers = self;
    if (*self->own.image)
        name_folders (self);
    return OK;
}

// ---- the engine

static bool is_stopped (void *self_)
{
    step_run_t *by = self_;
    lanes_enter (by->job);
    cancel_clear (by->job->stop.cancel);
    lanes_wake (by->job); // The others may not have seen it
    bool stopped = step_check (by) != STEP_GOES_ON;
    lanes_leave (by->job);
    return stopped;
}

static fault_t no_engine (step_run_t *by, const char *why)
{
    return fault_with (by->scope.arena, &by->scope.error, UNAVAILABLE,
                       "this job needs a container engine (Docker or Podman): %s", why);
}

// What an earlier job left goes before there is anything of this one, with the job's lock held: so no other step of it makes any meanwhile.
static fault_t prepare (step_run_t *by)
{
    const job_run_t *job = by->job;
    docker_t *docker = NULL;
    turn_t turn;
    turn_init (&turn, by->scope.arena, "", 0);
    bool left = job->containers->left = is_marked (turn.arena, job->outside);
    fault_t fault = left ? docker_open (&docker, &turn, job->options->containers.host, NULL) : OK;
    if (docker && sweep (docker, &turn, job->outside) != OK)
        log_warn ("what a job left at the container engine is not removed yet", "why", turn.detail, NULL);
    docker_close (&docker);
    if (!fault)
        fault = set_mark (&turn, job->outside);
    return fault ? no_engine (by, turn.detail ? turn.detail : fault_own_text (fault)) : OK;
}

fault_t containers_connect (step_run_t *by, docker_t **docker)
{
    job_run_t *job = by->job;
    turn_t turn;
    if (!job->options->containers.host)
        return no_engine (by, "none is set up for this agent (docker_host)");
    if (!job->containers)
        job->containers = make (job);
    if (!job->containers->prepared)
        TRY (prepare (by));
    job->containers->prepared = true;
    const docker_stop_t stop = {cancel_handle (job->stop.cancel), is_stopped, by};
    turn_init (&turn, by->scope.arena, "", 0);
    lanes_leave (job);
    fault_t fault = docker_open (docker, &turn, job->options->containers.host, &stop);
    lanes_enter (job);
    job->containers->reached |= !fault;
    return fault ? no_engine (by, turn.detail ? turn.detail : fault_own_text (fault)) : OK;
}

void containers_forget (job_run_t *job)
{
    arena_t *arena = arena_new ();
    (void) unlink (mark_of (arena, job->outside));
    arena_destroy (&arena);
}
