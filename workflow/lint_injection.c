/* lint_injection.c - does text that strangers write become part of a script?
 *
 * Source: GitHub's "Security hardening for GitHub Actions" and its webhook payloads. Only what can end up in the script
 * counts (expression_flows): asking contains (github.event.issue.title, 'x') is safe, format () of it is not. */

#include "workflow/lint_rules.h"

#include <string.h>
#include <strings.h>

// Values that whoever opens an issue or a pull request, or pushes to a fork, chooses.
static const char *const untrusted[] = {
    "github.head_ref",
    "github.event.issue.title",
    "github.event.issue.body",
    "github.event.discussion.title",
    "github.event.discussion.body",
    "github.event.comment.body",
    "github.event.review.body",
    "github.event.review_comment.body",
    "github.event.changes.title.from",
    "github.event.changes.body.from",
    "github.event.changes.head.ref.from",
    "github.event.pull_request.title",
    "github.event.pull_request.body",
    "github.event.pull_request.head.ref",
    "github.event.pull_request.head.label",
    "github.event.pull_request.head.repo.default_branch",
    "github.event.pull_request.head.repo.description",
    "github.event.pull_request.head.repo.homepage",
    "github.event.pages.*.page_name",
    "github.event.pages.*.title",
    "github.event.pages.*.summary",
    "github.event.commits.*.message",
    "github.event.commits.*.author.email",
    "github.event.commits.*.author.name",
    "github.event.commits.*.committer.email",
    "github.event.commits.*.committer.name",
    "github.event.head_commit.message",
    "github.event.head_commit.author.email",
    "github.event.head_commit.author.name",
    "github.event.head_commit.committer.email",
    "github.event.head_commit.committer.name",
    "github.event.forkee.description",
    "github.event.forkee.homepage",
    "github.event.check_run.check_suite.head_branch",
    "github.event.check_run.check_suite.pull_requests.*.head.ref",
    "github.event.check_run.pull_requests.*.head.ref",
    "github.event.check_suite.head_branch",
    "github.event.check_suite.head_commit.message",
    "github.event.check_suite.head_commit.author.email",
    "github.event.check_suite.head_commit.author.name",
    "github.event.check_suite.pull_requests.*.head.ref",
    "github.event.workflow_run.head_branch",
    "github.event.workflow_run.display_title",
    "github.event.workflow_run.head_commit.message",
    "github.event.workflow_run.head_commit.author.email",
    "github.event.workflow_run.head_commit.author.name",
    "github.event.workflow_run.head_repository.description",
    "github.event.workflow_run.pull_requests.*.head.ref",
};

// Inputs that an action runs as a script; the first one as JavaScript.
static const struct {
    const char *action, *input;
} scripts[] = {
    {"actions/github-script", "script"},  {"appleboy/ssh-action", "script"}, {"azure/cli", "inlineScript"},
    {"azure/powershell", "inlineScript"}, {"nick-fields/retry", "command"},
};

bool lint_leads_to (const expression_use_t *use, const char *pattern)
{
    for (size_t i = 0; i < use->count; i++) {
        size_t size = strcspn (pattern, ".");
        const char *part = use->path[i];
        bool any = (size == 1 && *pattern == '*') || strcmp (part, "*") == 0;
        if (!any && (strlen (part) != size || strncasecmp (part, pattern, size) != 0))
            return false;
        pattern += size;
        if (*pattern == '\0')
            return i + 1 == use->count;
        pattern++;
    }
    return use->whole;
}

static const char *find_untrusted (const expression_use_t *use)
{
    for (size_t i = 0; i < sizeof (untrusted) / sizeof (untrusted[0]); i++)
        if (lint_leads_to (use, untrusted[i]))
            return untrusted[i];
    return NULL;
}

static const text_t *variable (const pairs_t *env, const char *name)
{
    for (size_t i = 0; i < env->count; i++)
        if (strcmp (env->items[i].key.text, name) == 0)
            return &env->items[i].value;
    return NULL;
}

// What a variable was set to: ${{ env.TITLE }} is as bad as what TITLE holds.
static const char *find_in_variable (lint_t *self, const job_t *job, const step_t *step,
                                     const expression_use_t *use)
{
    if (use->count != 2 || strcmp (use->path[0], "env") != 0)
        return NULL;
    const text_t *value = variable (&step->env, use->path[1]);
    value = value ? value : variable (&job->env, use->path[1]);
    value = value ? value : variable (&job->workflow_env, use->path[1]);
    expression_use_t *uses = NULL;
    size_t count = 0;
    if (value && value->expression)
        expression_flows (value->expression, self->arena, &uses, &count);
    for (size_t i = 0; i < count; i++)
        if (find_untrusted (&uses[i]))
            return find_untrusted (&uses[i]);
    return NULL;
}

// `json_is_safe`: JSON is a literal of the script's language.
static void check_script (lint_t *self, const job_t *job, const step_t *step, const text_t *script,
                          bool json_is_safe)
{
    expression_use_t *uses = NULL;
    size_t count = 0;
    if (!script->expression)
        return;
    expression_flows (script->expression, self->arena, &uses, &count);
    for (size_t i = 0; i < count; i++) {
        if (json_is_safe && uses[i].whole)
            continue;
        const char *found = find_untrusted (&uses[i]);
        const char *held = found ? NULL : find_in_variable (self, job, step, &uses[i]);
        size_t at = node_offset (script->node, uses[i].offset);
        if (found)
            lint_add (self, RULE_INJECTION, script->node, at,
                      "\"%s\" is text that strangers write, and the script runs it; pass it through \"env\"",
                      found);
        if (held)
            lint_add (
                self, RULE_INJECTION, script->node, at,
                "\"env.%s\" holds \"%s\", text that strangers write, and the script runs it; use the shell's "
                "own \"$%s\"",
                uses[i].path[1], held, uses[i].path[1]);
    }
}

void lint_injection (lint_t *self, const job_t *job, const step_t *step)
{
    if (step->run.text)
        check_script (self, job, step, &step->run, false);
    for (size_t i = 0; step->uses.text && i < sizeof (scripts) / sizeof (scripts[0]); i++) {
        size_t size = strlen (scripts[i].action);
        if (strncasecmp (step->uses.text, scripts[i].action, size) != 0 || step->uses.text[size] != '@')
            continue;
        for (size_t j = 0; j < step->with.count; j++)
            if (strcasecmp (step->with.items[j].key.text, scripts[i].input) == 0)
                check_script (self, job, step, &step->with.items[j].value, i == 0);
    }
}
