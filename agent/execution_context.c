/* execution_context.c - what expressions see on an agent, and their evaluation. Lists: GitHub's "Contexts reference". */

#include "agent/execution.h"

#include "agent/hash_files.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

static const char *const offered_contexts[] = {"needs", "matrix", "strategy", "inputs", "vars", "secrets"};

static const char *machine_arch (const char *machine)
{
    static const struct {
        const char *machine, *arch;
    } table[] = {{"x86_64", "X64"}, {"aarch64", "ARM64"}, {"armv7l", "ARM"}, {"i686", "X86"}};
    for (size_t i = 0; i < sizeof (table) / sizeof (table[0]); i++)
        if (strcmp (machine, table[i].machine) == 0)
            return table[i].arch;
    return machine;
}

static void set (arena_t *arena, value_t *object, const char *key, const char *text)
{
    value_set (arena, object, key, value_string (arena, text));
}

static value_t *runner_context (execution_t *self)
{
    value_t *runner = value_object (self->arena);
    struct utsname machine;
    uname (&machine);
    set (self->arena, runner, "name", engine_settings (self->engine)->name);
    set (self->arena, runner, "os", "Linux");
    set (self->arena, runner, "arch", machine_arch (machine.machine));
    set (self->arena, runner, "environment", "self-hosted");
    set (self->arena, runner, "temp", self->folders->temp);
    set (self->arena, runner, "tool_cache", self->folders->tools);
    set (self->arena, runner, "workspace", self->folders->root);
    return runner;
}

static value_t *github_context (execution_t *self)
{
    value_t *github = value_object (self->arena);
    const value_t *offered = value_get (self->offered, "github");
    for (size_t i = 0; offered && offered->kind == VALUE_OBJECT && i < offered->list.count; i++)
        value_set (self->arena, github, offered->list.keys[i], offered->list.items[i]);
    set (self->arena, github, "workspace", self->folders->workspace);
    set (self->arena, github, "job", self->job->key.text ? self->job->key.text : "");
    set (self->arena, github, "event_path",
         arena_printf (self->arena, "%s/event.json", self->folders->commands));
    if (!*value_get_text (github, "server_url"))
        set (self->arena, github, "server_url", engine_settings (self->engine)->server);
    if (!*value_get_text (github, "ref") && self->offer->ref)
        set (self->arena, github, "ref", self->offer->ref);
    if (!*value_get_text (github, "sha") && self->offer->sha)
        set (self->arena, github, "sha", self->offer->sha);
    return github;
}

static fault_t mask_secrets (execution_t *self)
{
    const value_t *secrets = value_get (self->offered, "secrets");
    fault_t fault = OK;
    for (size_t i = 0; secrets && secrets->kind == VALUE_OBJECT && i < secrets->list.count && !fault; i++) {
        const char *text = value_to_text (self->arena, secrets->list.items[i]);
        fault = mask_add (self->mask, text, strlen (text));
    }
    if (fault)
        self->error = "the job has too many secrets";
    return fault;
}

fault_t execution_contexts (execution_t *self)
{
    const char *text = self->offer->contexts, *why;
    if (!text || !*text)
        text = "{}";
    fault_t fault = value_from_json (self->arena, text, strlen (text), &self->offered, &why);
    if (fault || self->offered->kind != VALUE_OBJECT) {
        self->error = arena_printf (self->arena, "the job's contexts are no JSON object%s%s",
                                    fault ? ": " : "", fault ? why : "");
        return INVALID;
    }
    self->github = github_context (self);
    self->runner = runner_context (self);
    self->steps = value_object (self->arena);
    self->job_context = value_object (self->arena);
    self->env = value_object (self->arena);
    self->env->cased = true;
    self->step_env = self->env;
    return mask_secrets (self);
}

const value_t *execution_context (void *self_, const char *name)
{
    execution_t *self = self_;
    const struct {
        const char *name;
        const value_t *value;
    } own[] = {{"github", self->github},
               {"env", self->step_env},
               {"job", self->job_context},
               {"steps", self->steps},
               {"runner", self->runner}};
    for (size_t i = 0; i < sizeof (own) / sizeof (own[0]); i++)
        if (strcmp (name, own[i].name) == 0)
            return own[i].value;
    for (size_t i = 0; i < sizeof (offered_contexts) / sizeof (offered_contexts[0]); i++)
        if (strcmp (name, offered_contexts[i]) == 0) {
            const value_t *value = value_get (self->offered, name);
            return value ? value : value_null ();
        }
    return NULL;
}

static bool status_function (void *self_, const char *name)
{
    execution_t *self = self_;
    if (strcmp (name, "always") == 0)
        return true;
    if (strcmp (name, "cancelled") == 0)
        return self->status == result_cancelled;
    return self->status == (strcmp (name, "success") == 0 ? result_success : result_failure);
}

static fault_t hash_function (void *self_, arena_t *arena, const char *const *patterns, size_t count,
                              const char **out)
{
    execution_t *self = self_;
    return hash_files (arena, self->folders->workspace, patterns, count, out);
}

static fault_t evaluate (execution_t *self, const text_t *text, const value_t **out)
{
    const expression_scope_t scope = {
        .self = self, .context = execution_context, .status = status_function, .hash_files = hash_function};
    expression_error_t error;
    fault_t fault = expression_eval (self->turn, text->expression, &scope, out, &error);
    if (fault)
        self->error = arena_printf (self->turn, "line %d: \"%s\": %s", text->line,
                                    text->text ? text->text : "", error.message);
    return fault;
}

fault_t execution_text (execution_t *self, const text_t *text, const char **out)
{
    const value_t *value;
    *out = text->text;
    if (!text->text || !text->expression)
        return OK;
    fault_t fault = evaluate (self, text, &value);
    if (!fault)
        *out = value_to_text (self->turn, value);
    return fault;
}

fault_t execution_condition (execution_t *self, const text_t *text, bool *out)
{
    const value_t *value;
    *out = self->status == result_success;
    if (!text->expression)
        return OK;
    fault_t fault = evaluate (self, text, &value);
    if (!fault)
        *out = value_truthy (value);
    return fault;
}

fault_t execution_number (execution_t *self, const text_t *text, double fallback, double *out)
{
    const char *string;
    *out = fallback;
    fault_t fault = execution_text (self, text, &string);
    if (fault || !string || !*string)
        return fault;
    *out = value_parse_number (string, strlen (string));
    if (*out > 0)
        return OK;
    self->error = arena_printf (self->turn, "line %d: \"%s\" is not a number above 0", text->line, string);
    return INVALID;
}

fault_t execution_flag (execution_t *self, const text_t *text, bool *out)
{
    const char *string;
    *out = false;
    fault_t fault = execution_text (self, text, &string);
    if (!fault && string)
        *out = strcmp (string, "true") == 0;
    return fault;
}

static fault_t whole_map (execution_t *self, const text_t *whole, value_t *object)
{
    const value_t *map;
    fault_t fault = evaluate (self, whole, &map);
    if (fault || map->kind == VALUE_NULL)
        return fault;
    if (map->kind != VALUE_OBJECT) {
        self->error = arena_printf (self->turn, "line %d: \"%s\" gives no map", whole->line, whole->text);
        return INVALID;
    }
    for (size_t i = 0; i < map->list.count; i++)
        set (self->arena, object, map->list.keys[i], value_to_text (self->arena, map->list.items[i]));
    return OK;
}

fault_t execution_pairs (execution_t *self, const pairs_t *pairs, value_t *object)
{
    if (pairs->whole.text)
        return whole_map (self, &pairs->whole, object);
    fault_t fault = OK;
    for (size_t i = 0; i < pairs->count && !fault; i++) {
        const char *key, *value;
        fault = execution_text (self, &pairs->items[i].key, &key);
        if (!fault)
            fault = execution_text (self, &pairs->items[i].value, &value);
        if (!fault)
            set (self->arena, object, key, value ? value : "");
    }
    return fault;
}
