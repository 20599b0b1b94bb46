/* lint_steps.c - rules about steps: their scripts and shells. */

#include "workflow/lint/lint_rules.h"

#include <string.h>
#include <strings.h>

static const struct {
    const char *command, *instead;
} deprecated[] = {{"::set-output ", "echo \"name=value\" >> \"$GITHUB_OUTPUT\""},
                  {"::save-state ", "echo \"name=value\" >> \"$GITHUB_STATE\""},
                  {"::add-path::", "echo \"path\" >> \"$GITHUB_PATH\""},
                  {"::set-env ", "echo \"name=value\" >> \"$GITHUB_ENV\""}};

// Is the place in a line that the shell passes over?
static bool is_comment (const char *text, const char *at)
{
    while (at > text && at[-1] != '\n')
        at--;
    return at[strspn (at, " \t")] == '#';
}

static void check_commands (lint_t *self, const text_t *run)
{
    for (size_t i = 0; i < sizeof (deprecated) / sizeof (deprecated[0]); i++) {
        const char *command = deprecated[i].command, *found = run->text;
        for (int reported = 0; reported < FINDINGS_MAX && (found = strstr (found, command));
             reported++, found++)
            if (!is_comment (run->text, found))
                lint_add (self, RULE_DEPRECATED, run->node, (size_t) (found - run->text),
                          "\"%.*s\" is deprecated; use %s", (int) strcspn (command, " "), command,
                          deprecated[i].instead);
    }
}

// Does the condition ask where the step is to run? Then it may never run on this system.
static bool asks_for_runner (lint_t *self, const step_t *step)
{
    expression_ref_t *refs = NULL;
    size_t count = 0;
    if (step && step->condition.expression)
        expression_refs (step->condition.expression, self->arena, &refs, &count);
    for (size_t i = 0; i < count; i++)
        if (!refs[i].function && strcmp (refs[i].path[0], "runner") == 0)
            return true;
    return false;
}

// `step` NULL: the default of the job's steps, or of all jobs'.
static void check_shell (lint_t *self, const job_t *job, const step_t *step, const text_t *shell)
{
    static const char *const shells[] = {"bash", "sh", "pwsh", "python", "powershell", "cmd"};
    if (!shell->text || !shell->node || template_has_expression (shell->text) || *shell->text == '\0' ||
        strstr (shell->text, "{0}"))
        return;
    for (size_t i = 0; i < sizeof (shells) / sizeof (shells[0]); i++) {
        runner_t runner = job ? lint_runner (job) : RUNNER_UNKNOWN;
        if (strcasecmp (shells[i], shell->text) != 0)
            continue;
        if (i >= 4 && (runner == RUNNER_LINUX || runner == RUNNER_MACOS) && !asks_for_runner (self, step))
            lint_add (self, RULE_SHELL, shell->node, 0,
                      "shell \"%s\" exists only on Windows; job \"%s\" runs on %s", shell->text,
                      job->key.text, runner == RUNNER_LINUX ? "Linux" : "macOS");
        return;
    }
    lint_add (
        self, RULE_SHELL, shell->node, 0,
        "unknown shell \"%s\"; it is bash, sh, pwsh, powershell, cmd, python, or a command with {0} for the script",
        shell->text);
}

static bool is_blank (const char *text)
{
    return text[strspn (text, " \t\r\n")] == '\0';
}

static void check_steps (lint_t *self, const job_t *job, const step_t *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const step_t *step = &steps[i];
        if (step->run.text) {
            check_commands (self, &step->run);
            if (is_blank (step->run.text))
                lint_add (self, RULE_EMPTY_RUN, step->run.node, 0, "\"run\" is empty");
        }
        lint_injection (self, job, step);
        check_shell (self, job, step, &step->shell);
        if (step->uses.text && *step->uses.text)
            lint_action (self, step);
        check_steps (self, job, step->members, step->member_count);
    }
}

void lint_steps (lint_t *self)
{
    check_shell (self, NULL, NULL, &self->workflow->defaults.shell);
    for (size_t i = 0; i < self->workflow->job_count; i++) {
        const job_t *job = &self->workflow->jobs[i];
        if (node_get (job->node, "defaults"))
            check_shell (self, job, NULL, &job->defaults.shell);
        check_steps (self, job, job->steps, job->step_count);
        if (job->uses.text && *job->uses.text)
            lint_reusable (self, &job->uses);
    }
}
