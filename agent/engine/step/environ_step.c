/* environ_step.c - the environment of a step's process, in GitHub's order: what this process has, the workflow's `env` and GITHUB_ENV, the
 * step's `env`, STATE_ and INPUT_, PATH, and last the default variables, which nothing may replace. */

#include "agent/engine/step/environ_step.h"

#include "agent/engine/effects/files.h"
#include "agent/engine/process/orphans.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

// Variable, and the property of the github context that it repeats.
static const char *const from_github[][2] = {
    {"GITHUB_ACTION", "action"},
    {"GITHUB_ACTION_PATH", "action_path"},
    {"GITHUB_ACTION_REF", "action_ref"},
    {"GITHUB_ACTION_REPOSITORY", "action_repository"},
    {"GITHUB_ACTOR", "actor"},
    {"GITHUB_ACTOR_ID", "actor_id"},
    {"GITHUB_API_URL", "api_url"},
    {"GITHUB_ARTIFACTS", "artifacts"},
    {"GITHUB_ARTIFACTS_LIST", "artifacts_list"},
    {"GITHUB_BASE_REF", "base_ref"},
    {"GITHUB_ENV", "env"},
    {"GITHUB_EVENT_NAME", "event_name"},
    {"GITHUB_EVENT_PATH", "event_path"},
    {"GITHUB_GRAPHQL_URL", "graphql_url"},
    {"GITHUB_HEAD_REF", "head_ref"},
    {"GITHUB_JOB", "job"},
    {"GITHUB_OUTPUT", "output"},
    {"GITHUB_PATH", "path"},
    {"GITHUB_REF", "ref"},
    {"GITHUB_REF_NAME", "ref_name"},
    {"GITHUB_REF_PROTECTED", "ref_protected"},
    {"GITHUB_REF_TYPE", "ref_type"},
    {"GITHUB_REPOSITORY", "repository"},
    {"GITHUB_REPOSITORY_ID", "repository_id"},
    {"GITHUB_REPOSITORY_OWNER", "repository_owner"},
    {"GITHUB_REPOSITORY_OWNER_ID", "repository_owner_id"},
    {"GITHUB_RETENTION_DAYS", "retention_days"},
    {"GITHUB_RUN_ATTEMPT", "run_attempt"},
    {"GITHUB_RUN_ID", "run_id"},
    {"GITHUB_RUN_NUMBER", "run_number"},
    {"GITHUB_SERVER_URL", "server_url"},
    {"GITHUB_SHA", "sha"},
    {"GITHUB_STATE", "state"},
    {"GITHUB_STEP_SUMMARY", "step_summary"},
    {"GITHUB_TRIGGERING_ACTOR", "triggering_actor"},
    {"GITHUB_WORKFLOW", "workflow"},
    {"GITHUB_WORKFLOW_REF", "workflow_ref"},
    {"GITHUB_WORKFLOW_SHA", "workflow_sha"},
    {"GITHUB_WORKSPACE", "workspace"},
};

// The same of the runner context.
static const char *const from_runner[][2] = {
    {"RUNNER_DEBUG", "debug"},
    {"RUNNER_ARCH", "arch"},
    {"RUNNER_ENVIRONMENT", "environment"},
    {"RUNNER_NAME", "name"},
    {"RUNNER_OS", "os"},
    {"RUNNER_TEMP", "temp"},
    {"RUNNER_TOOL_CACHE", "tool_cache"},
    {"RUNNER_WORKSPACE", "workspace"},
};

#define GIT_SETTINGS_MOST 1000 // By the environment
#define COUNT(table)      (sizeof (table) / sizeof (table[0]))

static void repeat (environ_t *out, const value_t *context, const char *const (*table)[2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const value_t *value = value_get (context, table[i][1]);
        if (value && value_is_primitive (value))
            environ_set (out, table[i][0], value_to_text (out->arena, value));
    }
}

void environ_of_job (job_run_t *self)
{
    environ_init (&self->own, self->arena);
    environ_inherit (&self->own);
    if (!environ_get (&self->own, "HOME"))
        environ_set (&self->own, "HOME", self->outside->root);
    self->base = self->own;
}

static void set_all (environ_t *out, const char *prefix, const value_t *object)
{
    for (size_t i = 0; object && i < object->list.count; i++)
        environ_set (out, arena_printf (out->arena, "%s%s", prefix, object->list.keys[i]),
                     value_to_text (out->arena, object->list.items[i]));
}

// INPUT_NODE-VERSION: upper case, blanks become _, hyphens stay.
static void set_inputs (environ_t *out, const value_t *with)
{
    for (size_t i = 0; with && i < with->list.count; i++) {
        char *name = arena_printf (out->arena, "INPUT_%s", with->list.keys[i]);
        for (char *c = name; *c; c++)
            *c = *c == ' ' ? '_' : (char) toupper ((unsigned char) *c);
        environ_set (out, name, value_to_text (out->arena, with->list.items[i]));
    }
}

static void set_path (const lane_t *lane, environ_t *out)
{
    const char *path = environ_get (out, "PATH");
    if (lane->added_path)
        environ_set (out, "PATH", arena_printf (out->arena, "%s%s", lane->added_path, path ? path : ""));
}

// A further setting of git's, after those that the workflow gives it by the environment.
static void set_git (environ_t *out, const char *key, const char *value)
{
    const char *count = environ_get (out, "GIT_CONFIG_COUNT");
    long index = count ? strtol (count, NULL, 10) : 0;
    if (index < 0 || index >= GIT_SETTINGS_MOST)
        return;
    environ_set (out, arena_printf (out->arena, "GIT_CONFIG_KEY_%ld", index), key);
    environ_set (out, arena_printf (out->arena, "GIT_CONFIG_VALUE_%ld", index), value);
    environ_set (out, "GIT_CONFIG_COUNT", arena_printf (out->arena, "%ld", index + 1));
}

void environ_without_git (environ_t *out)
{
    const char *count = environ_get (out, "GIT_CONFIG_COUNT");
    long most = count ? strtol (count, NULL, 10) : 0;
    for (long i = 0; i < most && i < GIT_SETTINGS_MOST; i++) {
        environ_unset (out, arena_printf (out->arena, "GIT_CONFIG_KEY_%ld", i));
        environ_unset (out, arena_printf (out->arena, "GIT_CONFIG_VALUE_%ld", i));
    }
    environ_unset (out, "GIT_CONFIG_COUNT");
}

// Some append .git to what they build: git takes the longest name that fits.
static void set_address (environ_t *out, const char *key, const char *named)
{
    set_git (out, key, named);
    set_git (out, key, arena_printf (out->arena, "%s.git", named));
}

// Whoever clones or pushes builds the address of the server, owner and name. Where the repository is elsewhere (a folder, another host, a
// path of more than two parts), git is configured so; also for those who write the token into the address, always with https.
static void set_repository (const value_t *github, bool action, environ_t *out)
{
    const char *real = value_get_text (github, "repositoryUrl"),
               *server = value_get_text (github, "server_url");
    const char *host = strstr (server, "://"), *token = value_get_text (github, "token");
    const char *key = arena_printf (out->arena, "url.%s.insteadOf", real);
    const char *path = value_get_text (github, "repository");
    const char *named = arena_printf (out->arena, "%s/%s", server, path);
    if (!*real || !host || strncmp (real, named, strlen (named)) == 0)
        return;
    set_address (out, key, named);
    if (action && *token)
        set_address (out, key,
                     arena_printf (out->arena, "https://x-access-token:%s@%s/%s", token, host + 3, path));
}

static void set_defaults (const step_run_t *self, environ_t *out)
{
    environ_set (out, "RUNNER_TRACKING_ID", tracking_id (out->arena, self->job->outside->root));
    environ_set (out, "GITHUB_ACTIONS", "true");
    environ_set (out, "OPENCICD", "true");
    if (!environ_get (out, "CI"))
        environ_set (out, "CI", "true");
}

static void set_path_text (arena_t *arena, value_t *context, const char *key, const char *path)
{
    value_set (arena, context, key, value_string (arena, path));
}

void environ_of_hook (step_run_t *self, environ_t *out)
{
    arena_t *arena = self->scope.arena;
    const workspace_t *folders = self->job->outside;
    value_t *github = value_copy (arena, self->scope.github), *runner = value_copy (arena, self->job->runner);
    set_path_text (arena, github, "workspace", folders->workspace);
    set_path_text (arena, github, "event_path", arena_printf (arena, "%s/event.json", folders->commands));
    set_path_text (arena, runner, "temp", folders->temp);
    set_path_text (arena, runner, "tool_cache", folders->tools);
    set_path_text (arena, runner, "workspace", folders->root);
    files_name (self, folders, github);
    environ_init (out, arena);
    environ_copy (out, &self->job->own);
    repeat (out, github, from_github, COUNT (from_github));
    repeat (out, runner, from_runner, COUNT (from_runner));
    set_defaults (self, out);
    environ_set (out, HOOK_VARIABLE, tracking_id (arena, folders->root));
}

fault_t environ_of_step (step_run_t *self, environ_t *out)
{
    job_run_t *job = self->job;
    bool docker = self->of->handler == &handler_docker;
    bool action = self->of->handler == &handler_node || docker;
    environ_init (out, self->scope.arena);
    environ_copy (out, self->base ? self->base : &job->base);
    set_all (out, "", self->scope.env);
    if (action) {
        set_all (out, "STATE_", self->of->state);
        set_inputs (out, self->with);
    }
    if (!docker) // Its PATH is its image's
        set_path (self->lane, out);
    repeat (out, self->scope.github, from_github, COUNT (from_github));
    set_repository (self->scope.github, action, out);
    repeat (out, job->runner, from_runner, COUNT (from_runner));
    set_defaults (self, out);
    for (size_t i = 0; action && job->offer->services && job->offer->services[i].name; i++)
        environ_set (out, job->offer->services[i].name, job->offer->services[i].value);
    for (size_t i = 0; job->offer->identity && job->offer->identity[i].name; i++) // `run:` steps too
        environ_set (out, job->offer->identity[i].name, job->offer->identity[i].value);
    self->scope.error = arena_printf (out->arena, "a process may have at most %d variables", ENVIRON_MAX);
    return out->full ? TOO_LARGE : OK;
}
