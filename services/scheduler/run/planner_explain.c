/* planner_explain.c - see planner_explain.h. Texts are shown as written, so that no secret can be in them; values that hold one are not shown. */

#include "services/scheduler/run/planner_explain.h"

#include "proto/fields_plan.h"
#include "services/scheduler/run/planner_inside.h"
#include "workflow/expression/text.h"
#include "workflow/plan/job_condition.h"

#include <string.h>

static const char *shown (arena_t *arena, const char *text)
{
    if (!text)
        return "";
    size_t size = strlen (text);
    return size <= MAX_TEXT
               ? text
               : arena_printf (arena, "%.*s...", (int) text_cut (text, size, MAX_TEXT - 3), text);
}

static const char *shown_value (arena_t *arena, const value_t *value)
{
    if (!value || value_holds_secret (value))
        return "\"***\"";
    const char *json = value_to_json (arena, value, 0);
    size_t size = strlen (json);
    if (size <= PLAN_VALUE)
        return json;
    size_t room = PLAN_VALUE / 6; // What it takes once it is a string, at most
    const char *cut = arena_printf (arena, "%.*s...", (int) text_cut (json, size, room), json);
    return value_to_json (arena, value_string (arena, cut), 0);
}

static void add_name (arena_t *arena, strs_t *into, const char *name)
{
    size_t capacity = into->count;
    if (into->count >= PLAN_NAMES || !name || strlen (name) > MESSAGE_STR_MAX)
        return;
    into->items = arena_grow (arena, into->items, into->count, &capacity, sizeof *into->items);
    into->items[into->count++] = name;
}

static void add_names (arena_t *arena, strs_t *into, const pairs_t *pairs)
{
    if (pairs->whole.text)
        add_name (arena, into, pairs->whole.text);
    for (size_t i = 0; i < pairs->count; i++)
        add_name (arena, into, pairs->items[i].key.text);
}

static void add_texts (arena_t *arena, strs_t *into, const texts_t *texts)
{
    if (texts->whole.text)
        add_name (arena, into, texts->whole.text);
    for (size_t i = 0; i < texts->count; i++)
        add_name (arena, into, texts->items[i].text);
}

static planned_step_t step_view (arena_t *arena, const step_t *step)
{
    planned_step_t view = {
        .id = shown (arena, step->id.text),
        .name = shown (arena, step->name.text),
        .uses = shown (arena, step->uses.text),
        .run = shown (arena, step->run.text),
        .condition = shown (arena, step->condition.text),
        .background = step->background,
    };
    add_names (arena, &view.with, &step->with);
    add_names (arena, &view.env, &step->env);
    return view;
}

// Those of a parallel group are shown in its place.
static void view_steps (arena_t *arena, const job_t *job, planned_job_view_t *out)
{
    size_t count = 0;
    for (size_t i = 0; i < job->step_count; i++)
        count += job->steps[i].kind == STEP_PARALLEL ? job->steps[i].member_count : 1;
    out->steps = arena_array (arena, count + 1, sizeof *out->steps);
    for (size_t i = 0; i < job->step_count; i++) {
        const step_t *step = &job->steps[i];
        if (step->kind != STEP_PARALLEL)
            out->steps[out->step_count++] = step_view (arena, step);
        else
            for (size_t k = 0; k < step->member_count; k++)
                out->steps[out->step_count++] = step_view (arena, &step->members[k]);
    }
    out->step_count = out->step_count < PLAN_STEPS ? out->step_count : PLAN_STEPS;
}

static const char *matrix_keys (arena_t *arena, const strategy_t *strategy)
{
    const char *text = "";
    const node_t *matrix = strategy->matrix;
    if (strategy->whole.text)
        return shown (arena, strategy->whole.text);
    if (!matrix)
        return "";
    if (matrix->kind != NODE_MAP)
        return shown (arena, value_to_text (arena, node_value (arena, matrix)));
    for (size_t i = 0; i < matrix->count; i++)
        text = arena_printf (arena, "%s%s%s", text, i ? ", " : "",
                             value_to_text (arena, node_value (arena, matrix->keys[i])));
    return shown (arena, text);
}

static void view_job (arena_t *arena, const job_t *job, planned_job_view_t *out)
{
    out->uses = shown (arena, job->uses.text);
    out->condition = shown (arena, job->condition.text);
    out->matrix = matrix_keys (arena, &job->strategy);
    out->environment = shown (arena, job->environment.name.text);
    out->container = shown (arena, job->container.image.text);
    add_texts (arena, &out->runs_on, &job->labels);
    if (job->group.text)
        add_name (arena, &out->runs_on, arena_printf (arena, "group:%s", job->group.text));
    out->runs_on.count = out->runs_on.count < 64 ? out->runs_on.count : 64;
    add_names (arena, &out->env, &job->workflow_env);
    add_names (arena, &out->env, &job->env);
    view_steps (arena, job, out);
}

static void view_condition (turn_t *turn, const plan_t *self, const job_t *job, const plan_context_t *context,
                            planned_job_view_t *out)
{
    findings_t findings;
    explanation_t *parts = NULL;
    size_t count = 0;
    findings_init (&findings, turn->arena, self->workflow->file);
    plan_scope_t scope = {.arena = turn->arena,
                          .findings = &findings,
                          .context = context,
                          .needs = plan_needs (turn->arena, job, context->jobs)};
    out->runs = job_condition_explain (&scope, self->workflow, job, &out->reason, &parts, &count);
    if (findings.errors)
        out->wrong = plan_errors (turn->arena, &findings);
    out->reason = shown (turn->arena, out->reason);
    out->parts = arena_array (turn->arena, count + 1, sizeof *out->parts);
    for (size_t i = 0; i < count && i < PLAN_PARTS; i++)
        out->parts[out->part_count++] =
            (planned_part_t){shown (turn->arena, parts[i].source), (uint32_t) parts[i].depth,
                             shown_value (turn->arena, parts[i].value)};
}

void planner_explain (turn_t *turn, const plan_t *self, const char *key, const value_t *finished,
                      bool cancelled, size_t *bytes, planned_job_view_t *out)
{
    const job_t *job = workflow_job (self->workflow, key);
    *out = (planned_job_view_t){.location = "",
                                .wrong = "",
                                .uses = "",
                                .condition = "",
                                .matrix = "",
                                .environment = "",
                                .container = "",
                                .reason = ""};
    if (!job) {
        out->wrong = "the workflow has no such job";
        return;
    }
    out->location =
        arena_printf (turn->arena, "%s:%d:%d", self->workflow->file, job->key.line, job->key.column);
    view_job (turn->arena, job, out);
    const plan_context_t context = {.github = self->github,
                                    .vars = self->vars,
                                    .inputs = self->inputs,
                                    .jobs = finished,
                                    .cancelled = cancelled,
                                    .bytes = bytes,
                                    .selection = self->selection};
    if (finished)
        view_condition (turn, self, job, &context, out);
}
