/* execution_variables.c - the environment of a step's process: what this process has, what GitHub promises, what the workflow says. */

#include "agent/execution.h"

#include "agent/stray.h"

#include <string.h>

// Variable, and the property of the github context that it repeats.
static const char *const from_github[][2] = {
    {"GITHUB_ACTOR", "actor"},
    {"GITHUB_ACTOR_ID", "actor_id"},
    {"GITHUB_API_URL", "api_url"},
    {"GITHUB_BASE_REF", "base_ref"},
    {"GITHUB_EVENT_NAME", "event_name"},
    {"GITHUB_EVENT_PATH", "event_path"},
    {"GITHUB_GRAPHQL_URL", "graphql_url"},
    {"GITHUB_HEAD_REF", "head_ref"},
    {"GITHUB_JOB", "job"},
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
    {"GITHUB_TRIGGERING_ACTOR", "triggering_actor"},
    {"GITHUB_WORKFLOW", "workflow"},
    {"GITHUB_WORKFLOW_REF", "workflow_ref"},
    {"GITHUB_WORKFLOW_SHA", "workflow_sha"},
    {"GITHUB_WORKSPACE", "workspace"},
};

// The same of the runner context.
static const char *const from_runner[][2] = {
    {"RUNNER_ARCH", "arch"},           {"RUNNER_ENVIRONMENT", "environment"},
    {"RUNNER_NAME", "name"},           {"RUNNER_OS", "os"},
    {"RUNNER_TEMP", "temp"},           {"RUNNER_TOOL_CACHE", "tool_cache"},
    {"RUNNER_WORKSPACE", "workspace"},
};

#define COUNT(table) (sizeof (table) / sizeof (table[0]))

static void repeat (execution_t *self, const value_t *context, const char *const (*table)[2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const value_t *value = value_get (context, table[i][1]);
        if (value && value_is_primitive (value))
            variables_set (&self->variables, table[i][0], value_to_text (self->arena, value));
    }
}

void execution_variables (execution_t *self)
{
    variables_t *variables = &self->variables;
    variables_init (variables, self->arena);
    variables_inherit (variables);
    variables_set (variables, "CI", "true");
    variables_set (variables, "GITHUB_ACTIONS", "true");
    variables_set (variables, "OPENCICD", "true");
    repeat (self, self->github, from_github, COUNT (from_github));
    repeat (self, self->runner, from_runner, COUNT (from_runner));
    variables_set (variables, "RUNNER_TRACKING_ID", tracking_id (self->arena, self->folders->root));
    if (!variables_get (variables, "HOME"))
        variables_set (variables, "HOME", self->folders->root);
}

static void set_all (variables_t *out, arena_t *arena, const value_t *object)
{
    for (size_t i = 0; i < object->list.count; i++)
        variables_set (out, object->list.keys[i], value_to_text (arena, object->list.items[i]));
}

void execution_step_variables (execution_t *self, variables_t *out)
{
    variables_init (out, self->turn);
    variables_copy (out, &self->variables);
    set_all (out, self->turn, self->step_env);
    variables_set (out, "GITHUB_ACTION", self->step->id.text ? self->step->id.text : "");
    static const char *const files[] = {"ENV", "OUTPUT", "PATH", "STATE", "STEP_SUMMARY"};
    for (size_t i = 0; i < COUNT (files); i++)
        variables_set (out, arena_printf (self->turn, "GITHUB_%s", files[i]),
                       arena_printf (self->turn, "%s/%s", self->folders->commands, files[i]));
    const char *path = variables_get (out, "PATH");
    if (self->added_path)
        variables_set (out, "PATH", arena_printf (self->turn, "%s%s", self->added_path, path ? path : ""));
}

void execution_prepend_path (execution_t *self, const char *folder)
{
    self->added_path = arena_printf (self->arena, "%s:%s", folder, self->added_path ? self->added_path : "");
}
