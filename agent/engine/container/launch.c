/* launch.c - see launch.h. */

#include "agent/engine/container/launch.h"

#include "agent/engine/log/log.h"
#include "agent/engine/process/counters.h"
#include "agent/engine/state/lanes.h"
#include "common/base/clock.h"

#include <string.h>
#include <unistd.h>

#define END_MS 20000 // For the files to be given back

void launch_log (void *by_, const char *line)
{
    step_run_t *by = by_;
    lanes_enter (by->job);
    step_log (by, "%s\n", line);
    lanes_leave (by->job);
}

fault_t launch_fail (step_run_t *by, const turn_t *turn, fault_t fault)
{
    if (fault)
        by->scope.error = turn->detail ? turn->detail : fault_own_text (fault);
    return fault;
}

// ---- the image

static fault_t pull (const launch_t *self, turn_t *turn, const container_settings_t *settings)
{
    const docker_log_t log = {launch_log, self->by};
    const docker_auth_t auth = {*settings->user ? settings->user : NULL, settings->password,
                                docker_image_server (turn->arena, settings->image)};
    int64_t begins_us = clock_monotonic_us ();
    fault_t fault = docker_image_pull (self->docker, turn, settings->image, self->spec.platform, &auth, &log);
    count_add (fault ? COUNT_PULL_FAILED : COUNT_PULL_DONE, 1);
    count_time (COUNT_PULL_SECONDS, clock_monotonic_us () - begins_us);
    return fault;
}

// As docker does it: what it has is good enough where the registry cannot give it, and it says so.
static fault_t get_image (launch_t *self, turn_t *turn, const container_settings_t *settings)
{
    bool pulls = self->by->job->options->containers.pulls;
    fault_t there = docker_image_inspect (self->docker, turn, settings->image, &self->image);
    if (there && there != NOT_FOUND)
        return there;
    if (!there && !pulls)
        return OK;
    fault_t fault = pull (self, turn, settings);
    if (fault && !there && strcmp (turn->detail, "stopped") != 0) {
        launch_log (self->by,
                    arena_printf (turn->arena, "##[warning]%s: the one that is here is used", turn->detail));
        return OK;
    }
    return fault ? fault : docker_image_inspect (self->docker, turn, settings->image, &self->image);
}

fault_t launch_image (launch_t *self, const container_settings_t *settings)
{
    turn_t turn;
    step_run_t *by = self->by;
    turn_init (&turn, by->scope.arena, "", 0);
    if (*settings->password)
        step_mask (by, settings->password);
    lanes_leave (by->job);
    fault_t fault = get_image (self, &turn, settings);
    lanes_enter (by->job);
    value_set (by->scope.arena, self->spec.body, "Image", value_string (by->scope.arena, settings->image));
    return launch_fail (by, &turn, fault);
}

// ---- its body

static fault_t each (docker_spec_t *spec, const value_t *list,
                     fault_t (*take) (docker_spec_t *, const char *))
{
    for (size_t i = 0; i < list->list.count; i++)
        TRY (take (spec, list->list.items[i]->string.text));
    return OK;
}

static fault_t take_settings (docker_spec_t *spec, const container_settings_t *settings)
{
    TRY (docker_spec_options (spec, settings->options));
    TRY (each (spec, settings->ports, docker_spec_port));
    TRY (each (spec, settings->volumes, docker_spec_volume));
    for (size_t i = 0; i < settings->env->list.count; i++)
        docker_spec_env (spec, settings->env->list.keys[i], settings->env->list.items[i]->string.text);
    return OK;
}

fault_t launch_settings (launch_t *self, const container_settings_t *settings)
{
    containers_t *all = self->by->job->containers;
    self->spec.may_all = self->by->job->options->containers.may_all;
    self->spec.volumes = self->spec.may_all ? NULL : arena_printf (self->spec.arena, "%s-", all->prefix);
    fault_t fault = take_settings (&self->spec, settings);
    if (fault)
        self->by->scope.error = self->spec.error;
    return fault;
}

static void set_text (arena_t *arena, value_t *object, const char *key, const char *text)
{
    value_set (arena, object, key, value_string (arena, text));
}

static void set_network (launch_t *self, const containers_t *all)
{
    docker_spec_t *spec = &self->spec;
    arena_t *arena = spec->arena;
    value_t *endpoint = value_object (arena), *endpoints = value_object (arena),
            *config = value_object (arena);
    if (!all->network)
        return;
    set_text (arena, spec->host, "NetworkMode", all->network);
    value_set (arena, endpoint, "Aliases", spec->aliases);
    value_set (arena, endpoints, all->network, endpoint);
    value_set (arena, config, "EndpointsConfig", endpoints);
    value_set (arena, spec->body, "NetworkingConfig", config);
}

static value_t *words (arena_t *arena, const char *const *list)
{
    value_t *out = value_array (arena);
    for (; *list; list++)
        value_push (arena, out, value_string (arena, *list));
    return out;
}

// It is gone as soon as it has ended, whoever ended it.
static void set_inside (launch_t *self)
{
    docker_spec_t *spec = &self->spec;
    arena_t *arena = spec->arena;
    const value_t *mounts = value_get (spec->host, "Mounts");
    value_t *command =
        words (arena, (const char *const[]){DOOR_SOCKET, arena_printf (arena, "%u", (unsigned) geteuid ()),
                                            arena_printf (arena, "%u", (unsigned) getegid ()), NULL});
    for (size_t i = 0; mounts && i < mounts->list.count; i++)
        if (!value_truthy (value_get (mounts->list.items[i], "ReadOnly")))
            value_push (arena, command, value_get (mounts->list.items[i], "Target"));
    docker_spec_mount (spec, self->door.folder, DOOR_PATH, false);
    value_set (arena, spec->body, "Entrypoint", words (arena, (const char *const[]){DOOR_PROGRAM, NULL}));
    value_set (arena, spec->body, "Cmd", command);
    value_set (arena, spec->host, "AutoRemove", value_bool (true));
}

// The agent's limit, where the workflow asks for more or for nothing: the group of a job's processes on this machine has no part in what the
// engine starts.
static void bound (docker_spec_t *spec, const char *key, int64_t most)
{
    const value_t *asked = value_get (spec->host, key);
    bool less = asked && asked->kind == VALUE_NUMBER && asked->number > 0 && asked->number <= (double) most;
    if (most > 0 && !less)
        value_set (spec->arena, spec->host, key, value_number (spec->arena, (double) most));
}

static void set_limits (launch_t *self)
{
    const job_run_t *job = self->by->job;
    limits_t limits = {0};
    if (job->rules)
        limits_of (job->rules, job->offer->labels, job->offer->label_count, &limits);
    bound (&self->spec, "Memory", limits.group.memory_bytes);
    bound (&self->spec, "NanoCpus", limits.group.milli_cpus * 1000000);
    bound (&self->spec, "PidsLimit", limits.group.processes);
    if (limits.group.memory_bytes > 0) // Without swap
        value_set (self->spec.arena, self->spec.host, "MemorySwap", value_get (self->spec.host, "Memory"));
}

static const value_t *body_of (launch_t *self, const containers_t *all)
{
    docker_spec_t *spec = &self->spec;
    size_t name = strcspn (all->label, "=");
    docker_spec_label (spec, arena_strndup (spec->arena, all->label, name), all->label + name + 1);
    set_network (self, all);
    set_limits (self);
    value_set (spec->arena, spec->body, "HostConfig", spec->host);
    return spec->body;
}

// ---- its start

static fault_t start (launch_t *self, turn_t *turn, const value_t *body, bool inside)
{
    const job_run_t *job = self->by->job;
    TRY (docker_container_create (self->docker, turn, self->name, self->spec.platform, body, &self->id));
    TRY (docker_container_start (self->docker, turn, self->id));
    if (inside)
        TRY (door_wait (&self->door, turn, cancel_handle (job->stop.cancel), CONTAINERS_READY_MS, &self->link,
                        &self->user));
    return OK;
}

fault_t launch_start (launch_t *self, const char *kind, bool inside)
{
    turn_t turn;
    job_run_t *job = self->by->job;
    containers_t *all = job->containers;
    unsigned number = ++all->count;
    fault_t fault = OK;
    turn_init (&turn, self->by->scope.arena, "", 0);
    self->name = arena_printf (turn.arena, "%s-%u-%s", all->prefix, number, kind);
    self->door.listener = -1;
    if (inside) {
        fault = door_open (&self->door, &turn, all->folder, job->options->containers.program, number);
        set_inside (self);
    }
    const value_t *body = body_of (self, all);
    lanes_leave (job);
    if (!fault)
        fault = start (self, &turn, body, inside);
    lanes_enter (job);
    door_close (&self->door); // It has the program open, and the socket is used once
    return launch_fail (self->by, &turn, fault);
}

void launch_end (launch_t *self)
{
    turn_t turn;
    turn_init (&turn, self->by->scope.arena, "", 0);
    sandbox_link_destroy (&self->link); // Its first process ends by that
    if (!self->id || !*self->id)
        return;
    lanes_leave (self->by->job);
    (void) !docker_container_wait (self->docker, &turn, self->id, END_MS);
    (void) !docker_container_remove (self->docker, &turn, self->id);
    lanes_enter (self->by->job);
}
