/* contexts.c - the contexts of a job at its start: what the server gave, and what only this machine knows. Lists: GitHub's "Contexts
 * reference". */

#include "agent/engine/job/contexts.h"

#include "agent/engine/state/job_run.h"
#include "common/os/machine.h"
#include "workflow/plan/context.h"

#include <string.h>

static void set (arena_t *arena, value_t *object, const char *key, const char *text)
{
    value_set (arena, object, key, value_string (arena, text));
}

// Asked for by whoever runs the job again, or by the variable or secret that GitHub names for it.
static bool wants_debug (const job_run_t *self)
{
    static const char name[] = "ACTIONS_STEP_DEBUG";
    return strcmp (value_get_text (value_get (self->given, "runner"), "debug"), "1") == 0 ||
           strcmp (value_get_text (value_get (self->given, "secrets"), name), "true") == 0 ||
           strcmp (value_get_text (value_get (self->given, "vars"), name), "true") == 0;
}

static value_t *runner_context (job_run_t *self)
{
    value_t *runner = value_object (self->arena);
    set (self->arena, runner, "name", self->options->name);
    set (self->arena, runner, "os", "Linux");
    set (self->arena, runner, "arch", machine_arch (self->arena));
    set (self->arena, runner, "environment", "self-hosted");
    if (wants_debug (self))
        set (self->arena, runner, "debug", "1");
    return runner;
}

static value_t *github_context (job_run_t *self)
{
    value_t *github = context_copy (self->arena, value_get (self->given, "github"));
    set (self->arena, github, "job", self->job->key.text ? self->job->key.text : "");
    if (!*value_get_text (github, "server_url"))
        set (self->arena, github, "server_url", self->options->server);
    if (!*value_get_text (github, "ref") && self->offer->ref)
        set (self->arena, github, "ref", self->offer->ref);
    if (!*value_get_text (github, "sha") && self->offer->sha)
        set (self->arena, github, "sha", self->offer->sha);
    return github;
}

// The file that has the job, which in a called workflow is not github.workflow_ref.
static value_t *job_context (job_run_t *self)
{
    const engine_job_t *offer = self->offer;
    const char *file = offer->workflow ? offer->workflow : "", *ref = strrchr (file, '@');
    const char *path = strstr (file, "/.");
    const char *own = value_get_text (self->github, "repository");
    bool is_other = offer->workflow_sha && *offer->workflow_sha && ref && path;
    value_t *job = value_object (self->arena);
    value_set (self->arena, job, "check_run_id",
               value_number (self->arena, context_number (offer->id ? offer->id : "")));
    if (is_other) {
        set (self->arena, job, "workflow_ref", file);
        set (self->arena, job, "workflow_sha", offer->workflow_sha);
        set (self->arena, job, "workflow_repository",
             arena_strndup (self->arena, file, (size_t) (path - file)));
        set (self->arena, job, "workflow_file_path",
             arena_strndup (self->arena, path + 1, (size_t) (ref - path - 1)));
    } else if (strncmp (file, "./", 2) == 0) {
        const char *at = value_get_text (self->github, "ref");
        set (self->arena, job, "workflow_ref", arena_printf (self->arena, "%s/%s@%s", own, file + 2, at));
        set (self->arena, job, "workflow_sha", value_get_text (self->github, "sha"));
        set (self->arena, job, "workflow_repository", own);
        set (self->arena, job, "workflow_file_path", file + 2);
    }
    return job;
}

void contexts_name_folders (job_run_t *self)
{
    const workspace_t *folders = self->folders;
    set (self->arena, self->runner, "temp", folders->temp);
    set (self->arena, self->runner, "tool_cache", folders->tools);
    set (self->arena, self->runner, "workspace", folders->root);
    set (self->arena, self->github, "workspace", folders->workspace);
    set (self->arena, self->github, "event_path",
         arena_printf (self->arena, "%s/event.json", folders->commands));
}

// GitHub gives every job a token by these two names; actions have it as the default of an input.
static void give_token (job_run_t *self)
{
    const char *token = self->offer->token;
    value_t *secrets = context_copy (self->arena, value_get (self->given, "secrets"));
    value_t *given = context_copy (self->arena, self->given);
    if (!token || !*token)
        return;
    if (!*value_get_text (self->github, "token"))
        set (self->arena, self->github, "token", token);
    if (!value_get (secrets, "GITHUB_TOKEN"))
        set (self->arena, secrets, "GITHUB_TOKEN", token);
    value_set (self->arena, given, "secrets", secrets);
    self->given = given;
}

// Those of this machine, where the server gave none: what a call passes comes first. It may pass which one it means, under another name.
static void add_secrets (job_run_t *self)
{
    const engine_variable_t *variable = self->offer->secrets;
    value_t *all = context_copy (self->arena, self->given), *own = value_object (self->arena);
    value_t *secrets = context_copy (self->arena, value_get (self->given, "secrets"));
    set (self->arena, own, "GITHUB_TOKEN", self->offer->token ? self->offer->token : "");
    for (; variable && variable->name; variable++)
        set (self->arena, own, variable->name, variable->value);
    for (size_t i = 0; i < secrets->list.count; i++)
        if (secrets->list.items[i]->kind == VALUE_OBJECT)
            set (self->arena, secrets, secrets->list.keys[i],
                 value_get_text (own, value_get_text (secrets->list.items[i], "from")));
    for (variable = self->offer->secrets; variable && variable->name; variable++)
        if (!*value_get_text (secrets, variable->name))
            set (self->arena, secrets, variable->name, variable->value);
    value_set (self->arena, all, "secrets", secrets);
    self->given = all;
}

static fault_t mask_secrets (job_run_t *self, scope_t *scope)
{
    const value_t *secrets = value_get (self->given, "secrets");
    fault_t fault = OK;
    for (size_t i = 0; secrets && secrets->kind == VALUE_OBJECT && i < secrets->list.count && !fault; i++) {
        const char *text = value_to_text (self->arena, secrets->list.items[i]);
        fault = mask_add (self->mask, text, strlen (text));
    }
    if (fault)
        scope->error = "the job has too many secrets";
    return fault;
}

fault_t contexts_open (job_run_t *self, scope_t *scope)
{
    const char *text = self->offer->contexts, *error;
    if (!text || !*text)
        text = "{}";
    fault_t fault = value_from_json (self->arena, text, strlen (text), &self->given, &error);
    if (fault || self->given->kind != VALUE_OBJECT) {
        scope->error = arena_printf (self->arena, "the job's contexts are not a JSON object%s%s",
                                     fault ? ": " : "", fault ? error : "");
        return INVALID;
    }
    add_secrets (self);
    self->github = github_context (self);
    give_token (self);
    self->runner = runner_context (self);
    contexts_name_folders (self);
    self->job_context = job_context (self);
    self->lane.env = value_object (self->arena);
    self->lane.env->cased = true;
    self->frame = (frame_t){.inputs = value_get (self->given, "inputs"),
                            .steps = value_object (self->arena),
                            .github = self->github,
                            .status = result_success};
    scope->env = self->lane.env;
    scope->github = self->github;
    return mask_secrets (self, scope);
}
