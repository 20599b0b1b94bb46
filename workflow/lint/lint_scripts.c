/* lint_scripts.c - the file's bash and sh scripts, handed to a checker from outside.
 *
 * ${{ }} is covered by as many underscores, so that each place in the script is the place in the file's text. */

#include "common/base/line.h"
#include "workflow/expression/text.h"
#include "workflow/lint/lint_rules.h"

#include <string.h>
#include <strings.h>

#define SCRIPTS_MAX 500 // Of one file; the others are not looked at

typedef struct {
    lint_t *lint;
    lint_script_t *items;
    const node_t **nodes;
    size_t count;
} scripts_t;

// Windows among what a matrix offers: the shell depends on the cell.
static bool offers_windows (const node_t *node)
{
    if (!node)
        return false;
    for (size_t i = 0; i < node->count; i++)
        if (offers_windows (node->items[i]))
            return true;
    return node_is_scalar (node) && (strcasestr (node->text, "windows") || node->template);
}

static bool has_word (const char *shell, const char *word)
{
    size_t size = strcspn (shell, " \t");
    const char *name = shell;
    for (const char *p = shell; p < shell + size; p++)
        if (*p == '/')
            name = p + 1;
    return (size_t) (shell + size - name) == strlen (word) && strncasecmp (name, word, strlen (word)) == 0;
}

// "bash", "sh", or NULL for any other shell and where only the run tells.
static const char *shell_of (const job_t *job, const step_t *step)
{
    const text_t *shell = step->shell.text ? &step->shell : &job->defaults.shell;
    if (shell->text && *shell->text)
        return shell->expression                ? NULL
               : has_word (shell->text, "bash") ? "bash"
               : has_word (shell->text, "sh")   ? "sh"
                                                : NULL;
    runner_t runner = lint_runner (job);
    bool unknown =
        runner == RUNNER_UNKNOWN && (!job->strategy.matrix || offers_windows (job->strategy.matrix));
    if (runner == RUNNER_WINDOWS || unknown)
        return NULL;
    return "bash"; // In a container `sh`, whichever that is there
}

static const char *cover (arena_t *arena, const text_t *script)
{
    char *text = arena_strndup (arena, script->text, script->node->size);
    for (char *open = text; (open = strstr (open, "${{"));) {
        char *close = strstr (open, "}}");
        char *end = close ? close + 2 : open + strlen (open);
        for (; open < end; open++)
            if (*open != '\n')
                *open = '_';
    }
    return text;
}

static void collect (scripts_t *self, const job_t *job, const step_t *steps, size_t count)
{
    for (size_t i = 0; i < count && self->count < SCRIPTS_MAX; i++) {
        const step_t *step = &steps[i];
        const char *shell = step->run.text && step->run.node ? shell_of (job, step) : NULL;
        if (shell) {
            self->nodes[self->count] = step->run.node;
            self->items[self->count++] =
                (lint_script_t){.shell = shell, .text = cover (self->lint->arena, &step->run)};
        }
        collect (self, job, step->members, step->member_count);
    }
}

static size_t offset_of (const char *text, int line, int column)
{
    line_t lines = line_begin (text, strlen (text));
    while (line > 1 && line_next (&lines))
        line--;
    const char *at = lines.rest;
    for (; column > 1 && *at && *at != '\n'; column--) {
        size_t used;
        text_decode (at, strlen (at), &used);
        at += used;
    }
    return (size_t) (at - text);
}

void lint_scripts (lint_t *self)
{
    const lint_options_t *options = self->options;
    if (!options->check_scripts || !self->on[RULE_SHELLCHECK])
        return;
    scripts_t scripts = {.lint = self,
                         .items = arena_array (self->arena, SCRIPTS_MAX, sizeof (lint_script_t)),
                         .nodes = arena_array (self->arena, SCRIPTS_MAX, sizeof (node_t *))};
    for (size_t i = 0; i < self->workflow->job_count; i++)
        collect (&scripts, &self->workflow->jobs[i], self->workflow->jobs[i].steps,
                 self->workflow->jobs[i].step_count);
    if (scripts.count == 0)
        return;
    lint_remark_t *remarks = NULL;
    size_t count =
        options->check_scripts (options->checker, self->arena, scripts.items, scripts.count, &remarks);
    for (size_t i = 0; i < count && i < FINDINGS_MAX; i++) {
        const lint_remark_t *remark = &remarks[i];
        if (remark->script < scripts.count)
            lint_add (self, RULE_SHELLCHECK, scripts.nodes[remark->script],
                      offset_of (scripts.items[remark->script].text, remark->line, remark->column), "%s",
                      remark->message);
    }
}
