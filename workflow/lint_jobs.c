/* lint_jobs.c - rules about jobs and about what starts a workflow. */

#include "workflow/cron.h"
#include "workflow/lint_rules.h"

#include <string.h>
#include <strings.h>

// The expression itself, without the success() that a condition implies.
static const char *bare (arena_t *arena, const char *text)
{
    text += strspn (text, " \t\r\n");
    const char *open = strncmp (text, "${{", 3) == 0 ? text + 3 : text;
    const char *close = open != text ? strstr (open, "}}") : NULL;
    return close ? arena_strndup (arena, open, (size_t) (close - open)) : open;
}

// Is there text around its ${{ }}?
static bool is_text (lint_t *self, const text_t *condition)
{
    const expression_t *template = NULL;
    expression_error_t error = {0};
    return strstr (condition->text, "${{") != NULL &&
           template_parse (self->arena, condition->text, strlen (condition->text), &template, &error) == OK &&
           expression_is_text (template);
}

bool lint_is_constant (lint_t *self, const text_t *condition, bool *value)
{
    *value = true;
    if (!condition->text || !condition->expression)
        return false;
    if (is_text (self, condition))
        return true;
    const char *text = bare (self->arena, condition->text);
    const expression_t *expression = NULL;
    expression_error_t error = {0};
    expression_use_t *uses = NULL;
    size_t count = 0;
    const value_t *result = NULL;
    expression_scope_t nothing = {0};
    if (*text == '\0' || expression_parse (self->arena, text, strlen (text), &expression, &error) != OK)
        return false;
    expression_uses (expression, self->arena, &uses, &count);
    if (count > 0 || expression_eval (self->arena, expression, &nothing, &result, &error) != OK)
        return false;
    *value = value_truthy (result);
    return true;
}

static void check_condition (lint_t *self, const text_t *condition)
{
    bool value;
    if (!lint_is_constant (self, condition, &value))
        return;
    if (is_text (self, condition))
        lint_add (
            self, RULE_CONSTANT, condition->node, 0,
            "this condition is always true: text around ${{ }} makes it a string that is not empty; put all of it "
            "inside the braces");
    else
        lint_add (self, RULE_CONSTANT, condition->node, 0, "this condition is always %s",
                  value ? "true" : "false");
}

static bool names_status (lint_t *self, const text_t *condition)
{
    const char *text = condition->text ? bare (self->arena, condition->text) : "";
    const expression_t *expression = NULL;
    expression_error_t error = {0};
    expression_use_t *uses = NULL;
    size_t count = 0;
    if (*text == '\0' || expression_parse (self->arena, text, strlen (text), &expression, &error) != OK)
        return false;
    expression_uses (expression, self->arena, &uses, &count);
    for (size_t i = 0; i < count; i++)
        if (uses[i].function && strcasecmp (uses[i].function, "success") != 0 &&
            strcasecmp (uses[i].function, "hashFiles") != 0)
            return true;
    return false;
}

static bool never_runs (lint_t *self, const job_t *job)
{
    bool value;
    return lint_is_constant (self, &job->condition, &value) && !value;
}

static void check_needs (lint_t *self, const job_t *job)
{
    for (size_t i = 0; i < job->needs.count; i++) {
        const text_t *need = &job->needs.items[i];
        const job_t *needed = workflow_job (self->workflow, need->text);
        if (needed && never_runs (self, needed) && !names_status (self, &job->condition))
            lint_add (self, RULE_UNREACHABLE, need->node, 0,
                      "job \"%s\" never runs: it needs \"%s\", which never does", job->key.text, need->text);
        for (size_t j = 0; j < i; j++)
            if (strcasecmp (job->needs.items[j].text, need->text) == 0)
                lint_add (self, RULE_DUPLICATE, need->node, 0, "job \"%s\" needs \"%s\" twice", job->key.text,
                          need->text);
    }
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

void lint_jobs (lint_t *self)
{
    check_permissions (self, &self->workflow->permissions);
    for (size_t i = 0; i < self->workflow->job_count; i++) {
        const job_t *job = &self->workflow->jobs[i];
        check_condition (self, &job->condition);
        check_needs (self, job);
        if (node_get (job->node, "permissions"))
            check_permissions (self, &job->permissions);
        check_container (self, &job->container);
        for (size_t j = 0; j < job->service_count; j++)
            check_container (self, &job->services[j].container);
        if (!job->timeout_minutes.text && !job->uses.text)
            lint_add (self, RULE_TIMEOUT, job->key.node, 0, "job \"%s\" has no \"timeout-minutes\"",
                      job->key.text);
        for (size_t j = 0; j < job->step_count; j++)
            check_condition (self, &job->steps[j].condition);
    }
}

static void check_paths (lint_t *self, const texts_t *paths)
{
    for (size_t i = 0; i < paths->count; i++) {
        const char *path = paths->items[i].text + (paths->items[i].text[0] == '!');
        if (path[0] == '/' || strncmp (path, "./", 2) == 0)
            lint_add (self, RULE_PATHS, paths->items[i].node, 0,
                      "\"%s\" matches no path; leave out the \"%s\"", paths->items[i].text,
                      path[0] == '/' ? "/" : "./");
    }
}

static void check_interval (lint_t *self, const schedule_t *schedule)
{
    cron_t cron;
    const char *error = NULL;
    if (!schedule->cron.text || cron_parse (self->arena, schedule->cron.text, &cron, &error) != OK)
        return;
    for (int i = 0; i < 60; i++)
        for (int gap = 1; gap < 5; gap++)
            if ((cron.minutes >> i & 1) && i + gap < 60 && (cron.minutes >> (i + gap) & 1)) {
                lint_add (self, RULE_INTERVAL, schedule->cron.node, 0,
                          "\"%s\" comes more often than every five minutes", schedule->cron.text);
                return;
            }
}

void lint_events (lint_t *self)
{
    for (size_t i = 0; i < self->workflow->event_count; i++) {
        check_paths (self, &self->workflow->events[i].paths);
        check_paths (self, &self->workflow->events[i].paths_ignore);
    }
    for (size_t i = 0; i < self->workflow->schedule_count; i++)
        check_interval (self, &self->workflow->schedules[i]);
}
