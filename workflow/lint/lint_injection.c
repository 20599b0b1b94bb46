/* lint_injection.c - does text that strangers write become part of a script?
 *
 * Source: GitHub's "Security hardening for GitHub Actions" and its webhook payloads. Only what can end up in the script
 * counts (expression_flows): asking contains (github.event.issue.title, 'x') is safe, format () of it is not. */

#include "workflow/lint/lint_rules.h"

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

bool lint_leads_to (const expression_ref_t *ref, const char *pattern)
{
    for (size_t i = 0; i < ref->count; i++) {
        size_t size = strcspn (pattern, ".");
        const char *part = ref->path[i];
        bool any = (size == 1 && *pattern == '*') || strcmp (part, "*") == 0;
        if (!any && (strlen (part) != size || strncasecmp (part, pattern, size) != 0))
            return false;
        pattern += size;
        if (*pattern == '\0')
            return i + 1 == ref->count;
        pattern++;
    }
    return ref->whole;
}

// What these parts of a payload hold only who may write to the repository has chosen.
static const char *const trusted[] = {"repository", "organization", "enterprise",   "release", "milestone",
                                      "label",      "deployment",   "installation", "inputs",  "workflow"};
// Below any other part, however deep, a property of these names is text that somebody wrote.
static const char *const free_text[] = {"title",         "body",           "message", "page_name",
                                        "display_title", "head_branch",    "label",   "description",
                                        "email",         "default_branch", "homepage"};

static bool is_among (const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp (names[i], name) == 0)
            return true;
    return false;
}

static bool is_below (const expression_ref_t *ref, const char *part)
{
    for (size_t i = 2; i < ref->count; i++)
        if (strcasecmp (ref->path[i], part) == 0)
            return true;
    return false;
}

static bool is_deep_text (const expression_ref_t *ref)
{
    if (ref->count < 4 || strcmp (ref->path[0], "github") != 0 || strcasecmp (ref->path[1], "event") != 0 ||
        is_among (trusted, sizeof (trusted) / sizeof (trusted[0]), ref->path[2]) || is_below (ref, "base") ||
        is_below (ref, "category"))
        return false;
    const char *last = ref->path[ref->count - 1], *owner = ref->path[ref->count - 2];
    bool name = strcasecmp (last, "name") == 0 &&
                (strcasecmp (owner, "author") == 0 || strcasecmp (owner, "committer") == 0);
    bool branch = strcasecmp (last, "ref") == 0 && strcasecmp (owner, "head") == 0;
    return name || branch || is_among (free_text, sizeof (free_text) / sizeof (free_text[0]), last);
}

static const char *find_untrusted (arena_t *arena, const expression_ref_t *ref)
{
    for (size_t i = 0; i < sizeof (untrusted) / sizeof (untrusted[0]); i++)
        if (lint_leads_to (ref, untrusted[i]))
            return untrusted[i];
    if (!is_deep_text (ref))
        return NULL;
    const char *path = ref->path[0];
    for (size_t i = 1; i < ref->count; i++)
        path = arena_printf (arena, "%s.%s", path, ref->path[i]);
    return path;
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
                                     const expression_ref_t *ref)
{
    if (ref->count != 2 || strcmp (ref->path[0], "env") != 0)
        return NULL;
    const text_t *value = variable (&step->env, ref->path[1]);
    value = value ? value : variable (&job->env, ref->path[1]);
    value = value ? value : variable (&job->workflow_env, ref->path[1]);
    expression_ref_t *refs = NULL;
    size_t count = 0;
    if (value && value->expression)
        expression_flows (value->expression, self->arena, &refs, &count);
    for (size_t i = 0; i < count; i++)
        if (find_untrusted (self->arena, &refs[i]))
            return find_untrusted (self->arena, &refs[i]);
    return NULL;
}

// `json_is_safe`: JSON is a literal of the script's language.
static void check_script (lint_t *self, const job_t *job, const step_t *step, const text_t *script,
                          bool json_is_safe)
{
    expression_ref_t *refs = NULL;
    size_t count = 0;
    if (!script->expression)
        return;
    expression_flows (script->expression, self->arena, &refs, &count);
    for (size_t i = 0; i < count; i++) {
        if (json_is_safe && refs[i].whole)
            continue;
        const char *found = find_untrusted (self->arena, &refs[i]);
        const char *held = found ? NULL : find_in_variable (self, job, step, &refs[i]);
        size_t at = node_offset (script->node, refs[i].offset);
        if (found)
            lint_add (self, RULE_INJECTION, script->node, at,
                      "\"%s\" is text that strangers write, and the script runs it; pass it through \"env\"",
                      found);
        if (held)
            lint_add (
                self, RULE_INJECTION, script->node, at,
                "\"env.%s\" holds \"%s\", text that strangers write, and the script runs it; use the shell's "
                "own \"$%s\"",
                refs[i].path[1], held, refs[i].path[1]);
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
