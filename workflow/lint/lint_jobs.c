/* lint_jobs.c - rules about jobs: conditions, needs, permissions, timeouts, passwords. */

#include "workflow/lint/lint_rules.h"

#include <string.h>
#include <strings.h>

#define REACH_ROUNDS 16 // Needs written against the order of the file cost a round each

// Is there text around its ${{ }}?
static bool is_text (lint_t *self, const text_t *condition)
{
    const expression_t *template = NULL;
    expression_error_t error = {0};
    return strstr (condition->text, "${{") != NULL &&
           template_parse (self->arena, condition->text, strlen (condition->text), &template, &error) == OK &&
           expression_is_text (template);
}

static bool is_constant (lint_t *self, const text_t *condition, bool *value)
{
    *value = true;
    if (!condition->text || !condition->expression ||
        condition->text[strspn (condition->text, " \t\n")] == '\0')
        return false;
    return is_text (self, condition) || expression_is_constant (condition->expression, self->arena, value);
}

static void check_condition (lint_t *self, const text_t *condition)
{
    bool value;
    if (!is_constant (self, condition, &value))
        return;
    if (is_text (self, condition))
        lint_add (
            self, RULE_CONSTANT, condition->node, 0,
            "this condition is always true: text around ${{ }} makes it a non-empty string; put all of it "
            "inside the braces");
    else
        lint_add (self, RULE_CONSTANT, condition->node, 0, "this condition is always %s",
                  value ? "true" : "false");
}

static void check_env (lint_t *self, const pairs_t *env)
{
    for (size_t i = 0; i < env->count; i++)
        if (!env->items[i].key.expression && strpbrk (env->items[i].key.text, "=& \t"))
            lint_add (self, RULE_ENV, env->items[i].key.node, 0,
                      "\"%s\" is not a valid variable name: it may not contain '=', '&' or a blank",
                      env->items[i].key.text);
    for (size_t i = 0; i < env->count; i++)
        if (strcasecmp (env->items[i].key.text, "ACTIONS_ALLOW_UNSECURE_COMMANDS") == 0 &&
            env->items[i].value.text && strcasecmp (env->items[i].value.text, "true") == 0)
            lint_add (self, RULE_UNSECURE, env->items[i].key.node, 0,
                      "this switches ::set-env and ::add-path on again; use $GITHUB_ENV and $GITHUB_PATH");
}

static void check_steps (lint_t *self, const step_t *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check_condition (self, &steps[i].condition);
        check_env (self, &steps[i].env);
        check_steps (self, steps[i].members, steps[i].member_count);
    }
}

// Does it run also where a job that it needs did not?
static bool names_status (lint_t *self, const text_t *condition)
{
    expression_ref_t *refs = NULL;
    size_t count = 0;
    if (condition->expression)
        expression_refs (condition->expression, self->arena, &refs, &count);
    for (size_t i = 0; i < count; i++)
        if (refs[i].function &&
            (strcasecmp (refs[i].function, "always") == 0 || strcasecmp (refs[i].function, "failure") == 0 ||
             strcasecmp (refs[i].function, "cancelled") == 0))
            return true;
    return false;
}

// The need that never runs, and takes the job with it.
static const text_t *dead_need (lint_t *self, const job_t *job, const bool *dead)
{
    for (size_t i = 0; i < job->needs.count; i++) {
        const job_t *needed = workflow_job (self->workflow, job->needs.items[i].text);
        if (needed && dead[needed - self->workflow->jobs] && !names_status (self, &job->condition))
            return &job->needs.items[i];
    }
    return NULL;
}

// Jobs that never run by their own condition, and then, round by round, those that need them.
static void check_reach (lint_t *self)
{
    size_t count = self->workflow->job_count;
    bool *dead = arena_array (self->arena, count, sizeof (bool)), value, more = false;
    for (size_t i = 0; i < count; i++) {
        dead[i] = is_constant (self, &self->workflow->jobs[i].condition, &value) && !value;
        more = more || dead[i];
    }
    for (int round = 0; more && round < REACH_ROUNDS; round++) {
        more = false;
        for (size_t i = 0; i < count; i++) {
            const job_t *job = &self->workflow->jobs[i];
            const text_t *need = dead[i] ? NULL : dead_need (self, job, dead);
            if (!need)
                continue;
            lint_add (self, RULE_UNREACHABLE, need->node, 0,
                      "job \"%s\" never runs: it needs \"%s\", which never does", job->key.text, need->text);
            dead[i] = more = true;
        }
    }
}

static void check_needs (lint_t *self, const job_t *job)
{
    for (size_t i = 0; i < job->needs.count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcasecmp (job->needs.items[j].text, job->needs.items[i].text) == 0)
                lint_add (self, RULE_DUPLICATE, job->needs.items[i].node, 0, "job \"%s\" needs \"%s\" twice",
                          job->key.text, job->needs.items[i].text);
}

static void check_permissions (lint_t *self, const pairs_t *permissions)
{
    if (permissions->whole.text && strcmp (permissions->whole.text, "write-all") == 0)
        lint_add (
            self, RULE_PERMISSIONS, permissions->whole.node, 0,
            "\"write-all\" lets the job's token change everything; name what it needs, such as \"contents: read\"");
}

static void check_container (lint_t *self, const container_t *container)
{
    for (size_t i = 0; i < container->credentials.count; i++) {
        const pair_t *pair = &container->credentials.items[i];
        if (strcmp (pair->key.text, "password") == 0 && !pair->value.expression && pair->value.text &&
            *pair->value.text)
            lint_add (self, RULE_PASSWORD, pair->value.node, 0,
                      "a password in the file; use ${{ secrets.NAME }}");
    }
}

static void check_secrets (lint_t *self, const job_t *job)
{
    for (size_t i = 0; i < job->secrets.count; i++) {
        const text_t *value = &job->secrets.items[i].value;
        if (value->node && !value->expression && *value->text)
            lint_add (self, RULE_PASSWORD, value->node, 0, "a secret in the file; use ${{ secrets.NAME }}");
    }
}

static void check_given (lint_t *self, const job_t *job)
{
    if (!job->has_permissions)
        lint_add (self, RULE_UNNAMED, job->key.node, 0,
                  "job \"%s\" has no \"permissions\", nor has the workflow", job->key.text);
    if (!job->timeout_minutes.text && !job->uses.text)
        lint_add (self, RULE_TIMEOUT, job->key.node, 0, "job \"%s\" has no \"timeout-minutes\"",
                  job->key.text);
}

void lint_jobs (lint_t *self)
{
    check_permissions (self, &self->workflow->permissions);
    check_env (self, &self->workflow->env);
    for (size_t i = 0; i < self->workflow->job_count; i++) {
        const job_t *job = &self->workflow->jobs[i];
        check_condition (self, &job->condition);
        check_needs (self, job);
        lint_runners (self, job);
        if (node_get (job->node, "permissions"))
            check_permissions (self, &job->permissions);
        check_container (self, &job->container);
        for (size_t j = 0; j < job->service_count; j++)
            check_container (self, &job->services[j].container);
        check_given (self, job);
        check_secrets (self, job);
        lint_support (self, job);
        check_env (self, &job->env);
        lint_cells (self, job->strategy.matrix);
        check_steps (self, job->steps, job->step_count);
    }
    check_reach (self);
}
