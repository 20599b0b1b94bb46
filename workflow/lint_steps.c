/* lint_steps.c - rules about steps: scripts, shells and the actions that they use. */

#include "workflow/lint_rules.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

// Values that whoever opens an issue or a pull request chooses. After GitHub's "Security hardening".
static const char *const untrusted[] = {
    "github.head_ref",
    "github.event.issue.title",
    "github.event.issue.body",
    "github.event.discussion.title",
    "github.event.discussion.body",
    "github.event.comment.body",
    "github.event.review.body",
    "github.event.review_comment.body",
    "github.event.pull_request.title",
    "github.event.pull_request.body",
    "github.event.pull_request.head.ref",
    "github.event.pull_request.head.label",
    "github.event.pull_request.head.repo.default_branch",
    "github.event.pull_request.head.repo.description",
    "github.event.pull_request.head.repo.homepage",
    "github.event.pages.*.page_name",
    "github.event.commits.*.message",
    "github.event.commits.*.author.email",
    "github.event.commits.*.author.name",
    "github.event.head_commit.message",
    "github.event.head_commit.author.email",
    "github.event.head_commit.author.name",
    "github.event.workflow_run.head_branch",
    "github.event.workflow_run.display_title",
    "github.event.workflow_run.head_commit.message",
    "github.event.workflow_run.head_commit.author.email",
    "github.event.workflow_run.head_commit.author.name",
    "github.event.workflow_run.head_repository.description",
    "github.event.workflow_run.pull_requests.*.head.ref",
};

// Does the path go through all parts of the pattern? A part "*" stands for any index.
static bool follows (const expression_use_t *use, const char *pattern)
{
    for (size_t i = 0; i < use->count; i++) {
        size_t size = strcspn (pattern, ".");
        const char *part = use->path[i];
        bool any = size == 1 && *pattern == '*';
        if (!any && (strlen (part) != size || strncasecmp (part, pattern, size) != 0))
            return false;
        pattern += size;
        if (*pattern == '\0')
            return i + 1 == use->count;
        pattern++;
    }
    return false;
}

static void check_injection (lint_t *self, const text_t *script)
{
    expression_use_t *uses = NULL;
    size_t count = 0;
    if (!script->expression || !(strcasestr (script->text, "event") || strcasestr (script->text, "head_ref")))
        return; // The common case, without walking the expression
    expression_uses (script->expression, self->arena, &uses, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; !uses[i].function && j < sizeof (untrusted) / sizeof (untrusted[0]); j++)
            if (follows (&uses[i], untrusted[j]))
                lint_add (
                    self, RULE_INJECTION, script->node, node_offset (script->node, uses[i].offset),
                    "\"%s\" is text that strangers write, and the script runs it; pass it through \"env\"",
                    untrusted[j]);
}

static const struct {
    const char *command, *instead;
} deprecated[] = {{"::set-output ", "echo \"name=value\" >> \"$GITHUB_OUTPUT\""},
                  {"::save-state ", "echo \"name=value\" >> \"$GITHUB_STATE\""},
                  {"::add-path::", "echo \"path\" >> \"$GITHUB_PATH\""},
                  {"::set-env ", "echo \"name=value\" >> \"$GITHUB_ENV\""}};

static void check_commands (lint_t *self, const text_t *run)
{
    for (size_t i = 0; i < sizeof (deprecated) / sizeof (deprecated[0]); i++) {
        const char *found = strstr (run->text, deprecated[i].command);
        if (found)
            lint_add (self, RULE_DEPRECATED, run->node, (size_t) (found - run->text),
                      "\"%.*s\" is deprecated; use %s", (int) strcspn (deprecated[i].command, " "),
                      deprecated[i].command, deprecated[i].instead);
    }
}

static void check_shell (lint_t *self, const text_t *shell)
{
    static const char *const shells[] = {"bash", "sh", "pwsh", "powershell", "cmd", "python"};
    if (!shell->text || template_has_expression (shell->text) || *shell->text == '\0' ||
        strstr (shell->text, "{0}"))
        return;
    for (size_t i = 0; i < sizeof (shells) / sizeof (shells[0]); i++)
        if (strcasecmp (shells[i], shell->text) == 0)
            return;
    lint_add (
        self, RULE_SHELL, shell->node, 0,
        "unknown shell \"%s\"; it is bash, sh, pwsh, powershell, cmd, python, or a command with {0} for the script",
        shell->text);
}

static bool is_commit (const char *ref)
{
    size_t size = strspn (ref, "0123456789abcdefABCDEF");
    return ref[size] == '\0' && (size == 40 || size == 64);
}

static bool is_digest (const char *image)
{
    return strstr (image, "@sha256:") != NULL;
}

// owner/repo[/path]@ref
static void check_action (lint_t *self, const text_t *uses)
{
    const char *text = uses->text, *at = strchr (text, '@'), *slash = strchr (text, '/');
    if (strncmp (text, "./", 2) == 0 || strncmp (text, ".\\", 2) == 0)
        return;
    if (strncmp (text, "docker://", 9) == 0) {
        if (!is_digest (text))
            lint_add (self, RULE_UNPINNED, uses->node, 0,
                      "\"%s\" is not pinned; name the image by @sha256:...", text);
        return;
    }
    bool whole = slash && at && slash > text && at > slash + 1 && at[1] != '\0' && slash[1] != '/';
    if (!whole) {
        lint_add (
            self, RULE_ACTION_REF, uses->node, 0,
            "\"%s\" names no action; it is owner/repo@ref, owner/repo/path@ref, ./path or docker://image",
            text);
        return;
    }
    bool own = strncasecmp (text, "actions/", 8) == 0 || strncasecmp (text, "github/", 7) == 0;
    if (!own && !is_commit (at + 1))
        lint_add (self, RULE_UNPINNED, uses->node, 0, "\"%s\" is not pinned; name a commit instead of \"%s\"",
                  text, at + 1);
}

static bool reaches_head (lint_t *self, const text_t *ref)
{
    expression_use_t *uses = NULL;
    size_t count = 0;
    if (!ref->expression)
        return false;
    expression_uses (ref->expression, self->arena, &uses, &count);
    for (size_t i = 0; i < count; i++)
        if (!uses[i].function && (follows (&uses[i], "github.head_ref") ||
                                  follows (&uses[i], "github.event.pull_request.head.sha") ||
                                  follows (&uses[i], "github.event.pull_request.head.ref") ||
                                  follows (&uses[i], "github.event.workflow_run.head_sha") ||
                                  follows (&uses[i], "github.event.workflow_run.head_branch")))
            return true;
    return false;
}

static void check_checkout (lint_t *self, const step_t *step)
{
    bool trusted = !workflow_event (self->workflow, "pull_request_target") &&
                   !workflow_event (self->workflow, "workflow_run");
    if (trusted || strncasecmp (step->uses.text, "actions/checkout@", 17) != 0)
        return;
    for (size_t i = 0; i < step->with.count; i++)
        if (strcasecmp (step->with.items[i].key.text, "ref") == 0 &&
            reaches_head (self, &step->with.items[i].value))
            lint_add (self, RULE_CHECKOUT, step->with.items[i].value.node, 0,
                      "this checks out a stranger's code in a run that has the repository's secrets");
}

static void check_script_input (lint_t *self, const step_t *step)
{
    if (strncasecmp (step->uses.text, "actions/github-script@", 22) != 0)
        return;
    for (size_t i = 0; i < step->with.count; i++)
        if (strcasecmp (step->with.items[i].key.text, "script") == 0)
            check_injection (self, &step->with.items[i].value);
}

static bool is_blank (const char *text)
{
    return text[strspn (text, " \t\r\n")] == '\0';
}

static void check_steps (lint_t *self, const step_t *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const step_t *step = &steps[i];
        if (step->run.text) {
            check_injection (self, &step->run);
            check_commands (self, &step->run);
            if (is_blank (step->run.text))
                lint_add (self, RULE_EMPTY_RUN, step->run.node, 0, "\"run\" is empty");
        }
        check_shell (self, &step->shell);
        if (step->uses.text && *step->uses.text) {
            check_action (self, &step->uses);
            check_checkout (self, step);
            check_script_input (self, step);
        }
        check_steps (self, step->members, step->member_count);
    }
}

// ./path/x.yml, or owner/repo/path/x.yml@ref
static void check_called (lint_t *self, const text_t *uses)
{
    const char *text = uses->text, *at = strrchr (text, '@');
    size_t size = at ? (size_t) (at - text) : strlen (text);
    bool yaml = (size > 4 && strncmp (text + size - 4, ".yml", 4) == 0) ||
                (size > 5 && strncmp (text + size - 5, ".yaml", 5) == 0);
    bool local = strncmp (text, "./", 2) == 0;
    const char *slash = strchr (text, '/');
    bool remote = at && at[1] && slash && strchr (slash + 1, '/') && strchr (slash + 1, '/') < at;
    if (!yaml || !(local ? !at : remote))
        lint_add (self, RULE_ACTION_REF, uses->node, 0,
                  "\"%s\" names no workflow; it is ./.github/workflows/file.yml or "
                  "owner/repo/.github/workflows/file.yml@ref",
                  text);
}

void lint_steps (lint_t *self)
{
    check_shell (self, &self->workflow->defaults.shell);
    for (size_t i = 0; i < self->workflow->job_count; i++) {
        const job_t *job = &self->workflow->jobs[i];
        if (node_get (job->node, "defaults"))
            check_shell (self, &job->defaults.shell);
        check_steps (self, job->steps, job->step_count);
        if (job->uses.text && *job->uses.text)
            check_called (self, &job->uses);
    }
}
