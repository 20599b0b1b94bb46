/* planner_look.c - see planner_look.h. */

#include "services/scheduler/run/planner_look.h"

#include "proto/limits.h"
#include "proto/strs.h"
#include "services/scheduler/run/planner_inside.h"
#include "workflow/expression/text.h"
#include "workflow/lint/lint.h"
#include "workflow/plan/load.h"

#include <string.h>

#define MOST_INPUTS 256   // As messages carry them
#define MOST_STEPS  10000 // That are counted

static const char *fitting (arena_t *arena, const char *text, size_t most)
{
    size_t size = text ? strlen (text) : 0;
    return !text ? "" : size <= most ? text : arena_strndup (arena, text, text_cut (text, size, most));
}

static strs_t texts_of (arena_t *arena, const texts_t *texts)
{
    strs_t out = {arena_array (arena, texts->count + 1, sizeof (char *)), 0};
    if (texts->whole.text)
        out.items[out.count++] = fitting (arena, texts->whole.text, MAX_TEXT);
    for (size_t i = 0; i < texts->count && out.count < MOST_TEXTS; i++)
        out.items[out.count++] = fitting (arena, texts->items[i].text, MAX_TEXT);
    return out;
}

size_t planner_asks (arena_t *arena, const plan_t *self, const planned_input_t **out)
{
    const interface_t *dispatch = &self->workflow->dispatch;
    size_t count = dispatch->input_count < MOST_INPUTS ? dispatch->input_count : MOST_INPUTS;
    planned_input_t *made = arena_array (arena, count + 1, sizeof *made);
    for (size_t i = 0; i < count; i++) {
        const input_t *input = &dispatch->inputs[i];
        made[i] = (planned_input_t){
            .name = fitting (arena, input->name.text, MAX_NAME),
            .type = fitting (arena, input->type.text, MAX_NAME),
            .description = fitting (arena, input->description.text, MAX_TEXT),
            .deprecation = fitting (arena, input->deprecation.text, MAX_TEXT),
            .fallback = input->fallback && node_is_scalar (input->fallback)
                            ? fitting (arena, node_text (arena, input->fallback), MAX_TEXT)
                            : "",
            .required = input->required,
            .options = texts_of (arena, &input->options),
        };
    }
    *out = made;
    return count;
}

void planner_environments (arena_t *arena, const plan_t *self, strs_t *out)
{
    const workflow_t *workflow = self->workflow;
    if (!out->items)
        out->items = arena_array (arena, MOST_TEXTS, sizeof (char *));
    for (size_t i = 0; i < workflow->job_count && out->count < MOST_TEXTS; i++) {
        const char *name = workflow->jobs[i].environment.name.text;
        bool fits = name && *name && strlen (name) <= MAX_NAME && !template_has_expression (name);
        if (fits && !strs_has (out, name))
            out->items[out->count++] = name;
    }
}

static void look_at_jobs (arena_t *arena, const workflow_t *workflow, looked_t *out)
{
    size_t count = workflow->job_count < WORKFLOW_JOBS ? workflow->job_count : WORKFLOW_JOBS;
    written_job_t *made = arena_array (arena, count + 1, sizeof *made);
    for (size_t i = 0; i < count; i++) {
        const job_t *job = &workflow->jobs[i];
        made[i] = (written_job_t){
            .key = fitting (arena, job->key.text, MAX_NAME),
            .name = fitting (arena, job->name.text ? job->name.text : job->key.text, MAX_TEXT),
            .uses = fitting (arena, job->uses.text, MAX_TEXT),
            .needs = texts_of (arena, &job->needs),
            .labels = texts_of (arena, &job->labels),
            .steps = (uint32_t) (job->step_count < MOST_STEPS ? job->step_count : MOST_STEPS),
            .line = (uint32_t) (job->key.node ? job->key.node->line : job->node->line),
            .matrix = job->strategy.matrix != NULL,
        };
    }
    out->jobs = made;
    out->job_count = count;
}

void planner_look (turn_t *turn, const char *file, const char *bytes, size_t size, looked_t *out)
{
    arena_t *arena = turn->arena;
    findings_t findings, loading;
    const workflow_t *workflow;
    *out = (looked_t){0};
    findings_init (&findings, arena, file);
    findings_init (&loading, arena, file);
    (void) !workflow_lint (arena, file, bytes, size, NULL, &findings); // They say what it answers
    planned_finding_t *made = arena_array (arena, findings.count + 1, sizeof *made);
    for (size_t i = 0; i < findings.count; i++)
        made[i] = (planned_finding_t){
            .line = (uint32_t) findings.items[i].line,
            .column = (uint32_t) findings.items[i].column,
            .error = findings.items[i].severity == SEVERITY_ERROR,
            .rule = fitting (arena, findings.items[i].rule, MAX_NAME),
            .message = fitting (arena, findings.items[i].message, MAX_TEXT),
        };
    out->findings = made;
    out->finding_count = findings.count;
    if (workflow_load (arena, file, bytes, size, &loading, &workflow) == OK)
        look_at_jobs (arena, workflow, out);
}
