/* import_jobs.c - the jobs of the workflow that comes out, and their steps. See import.h. */

#include "cli/import/import.h"
#include "workflow/expression/expression.h"

#include <string.h>
#include <strings.h>

static bool is_taken (const import_t *self, const char *id)
{
    for (size_t i = 0; i < self->job_count; i++)
        if (strcasecmp (self->jobs[i]->id, id) == 0)
            return true;
    return false;
}

static const char *free_id (const import_t *self, const char *name)
{
    const char *base = import_name (self->arena, name), *id = base;
    for (int i = 2; is_taken (self, id); i++)
        id = arena_printf (self->arena, "%s-%d", base, i);
    return id;
}

import_job_t *import_job (import_t *self, const char *name)
{
    if (self->job_count == IMPORT_JOBS) {
        self->error = arena_printf (self->arena, "more than %d jobs", IMPORT_JOBS);
        return NULL;
    }
    import_job_t *job = arena_alloc (self->arena, sizeof (*job));
    job->id = free_id (self, name);
    job->name = draft_escape (self->arena, name);
    job->head = draft_map (self->arena);
    job->steps = draft_list (self->arena);
    self->jobs =
        arena_grow (self->arena, self->jobs, self->job_count, &self->job_capacity, sizeof (self->jobs[0]));
    return self->jobs[self->job_count++] = job;
}

void import_need (import_t *self, import_job_t *job, import_job_t *on)
{
    for (size_t i = 0; i < job->need_count; i++)
        if (job->needs[i] == on)
            return;
    if (job == on || job->need_count == IMPORT_JOBS - 1)
        return;
    job->needs =
        arena_grow (self->arena, job->needs, job->need_count, &job->need_capacity, sizeof (job->needs[0]));
    job->needs[job->need_count++] = on;
}

// In brackets where the other would tear it apart.
static const char *operand (arena_t *arena, const char *text)
{
    return strstr (text, "||") ? arena_printf (arena, "(%s)", text) : text;
}

const char *import_and (arena_t *arena, const char *one, const char *other)
{
    if (!one || !other)
        return one ? one : other;
    return arena_printf (arena, "%s && %s", operand (arena, one), operand (arena, other));
}

void import_condition (import_t *self, import_job_t *job, const char *condition)
{
    job->condition = import_and (self->arena, job->condition, condition);
}

bool import_asks_status (arena_t *arena, const char *condition)
{
    static const char *const functions[] = {"success", "failure", "always", "cancelled"};
    const expression_t *expression;
    expression_error_t error;
    expression_ref_t *refs;
    size_t count;
    if (expression_parse (arena, condition, strlen (condition), &expression, &error) != OK)
        return false;
    expression_refs (expression, arena, &refs, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; refs[i].function && j < sizeof functions / sizeof functions[0]; j++)
            if (strcasecmp (functions[j], refs[i].function) == 0)
                return true;
    return false;
}

draft_t *import_uses (arena_t *arena, const char *name, const char *action)
{
    draft_t *step = draft_map (arena);
    if (name)
        draft_set_text (step, "name", name);
    draft_set_text (step, "uses", action);
    return step;
}

draft_t *import_checkout (import_t *self, import_job_t *job)
{
    draft_t *step = import_uses (self->arena, NULL, "actions/checkout@v4");
    draft_add (job->steps, step);
    return step;
}

draft_t *import_run (arena_t *arena, const char *name, const char *script)
{
    draft_t *step = draft_map (arena);
    if (name)
        draft_set_text (step, "name", name);
    draft_set_text (step, "run", script);
    return step;
}
