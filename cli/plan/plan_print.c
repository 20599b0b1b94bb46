/* plan_print.c - see plan.h: for people a table, a row for each cell, those of a called workflow after their caller; or JSON. */

#include "cli/plan/plan.h"

#include "cli/terminal/table.h"

static const char *joined (arena_t *arena, const char *const *texts, size_t count)
{
    const char *text = "";
    for (size_t i = 0; i < count; i++)
        text = arena_printf (arena, "%s%s%s", text, i ? ", " : "", texts[i]);
    return text;
}

static const char *reason_of (arena_t *arena, const planned_t *planned)
{
    const job_t *job = planned->job;
    if (planned->unknown)
        return arena_printf (arena, "only known in a run: %s", planned->unknown);
    if (!planned->expansion.runs)
        return planned->expansion.reason;
    const char *needs = "";
    for (size_t i = 0; i < job->needs.count; i++)
        needs = arena_printf (arena, "%s%s%s", needs, i ? ", " : "after ", job->needs.items[i].text);
    if (job->condition.text)
        return arena_printf (arena, "%s%sif: %s", needs, *needs ? "; " : "", job->condition.text);
    return needs;
}

// ---- a table ----

static void add_level (arena_t *arena, table_t *table, const level_t *level);

// "caller / job", as a run shows it.
static void add_name (arena_t *arena, table_t *table, const level_t *level, const char *name)
{
    table_row (table);
    table_cell (table, BOLD, *level->title ? arena_printf (arena, "%s / %s", level->title, name) : name);
}

static void add_cell (arena_t *arena, table_t *table, const level_t *level, const planned_t *planned,
                      size_t index)
{
    const plan_cell_t *cell = &planned->expansion.cells[index];
    const char *uses = planned->job->uses.text;
    const level_t *below = planned->calls ? planned->calls[index] : NULL;
    const char *wrong = below ? below->wrong : NULL;
    add_name (arena, table, level, cell->name);
    table_cell (table, wrong ? RED : GREEN, wrong ? "fails" : "runs");
    table_cell (table, PLAIN, uses ? uses : joined (arena, cell->labels, cell->label_count));
    table_cell (table, PLAIN, wrong ? wrong : reason_of (arena, planned));
    if (below && !wrong)
        add_level (arena, table, below);
}

static void add_level (arena_t *arena, table_t *table, const level_t *level)
{
    for (size_t i = 0; i < level->count; i++) {
        const planned_t *planned = &level->jobs[i];
        bool runs = !planned->unknown && planned->expansion.runs;
        for (size_t j = 0; runs && j < planned->expansion.cell_count; j++)
            add_cell (arena, table, level, planned, j);
        if (runs)
            continue;
        add_name (arena, table, level, planned->job->key.text);
        table_cell (table, planned->unknown ? YELLOW : DIM, planned->unknown ? "unknown" : "does not run");
        table_cell (table, PLAIN, "");
        table_cell (table, PLAIN, reason_of (arena, planned));
    }
}

static const char *run_name_of (const planning_t *self)
{
    if (self->run.run_name)
        return self->run.run_name;
    return *self->event.title ? self->event.title : NULL;
}

void plan_print (const planning_t *self)
{
    static const char *const headings[] = {"JOB", "", "ON", "WHY", NULL};
    table_t *table = table_new (self->arena, headings);
    const char *run_name = run_name_of (self);
    if (run_name)
        printf ("Run name     %s\n", paint_safe (self->arena, run_name));
    if (self->run.concurrency.group)
        printf ("Concurrency  %s\n", paint_safe (self->arena, self->run.concurrency.group));
    if (run_name || self->run.concurrency.group)
        printf ("\n");
    add_level (self->arena, table, &self->top);
    table_print (table, stdout, self->cli->colour);
}

// ---- JSON ----

static value_t *json_jobs (arena_t *arena, const level_t *level);

static void put (arena_t *arena, value_t *object, const char *key, const char *text)
{
    value_set (arena, object, key, value_string (arena, text));
}

// As far as it is known: null if the file is not available.
static const value_t *json_call (arena_t *arena, const level_t *below)
{
    if (!below)
        return value_null ();
    value_t *object = value_object (arena);
    put (arena, object, "wrong", below->wrong);
    value_set (arena, object, "inputs", below->inputs ? below->inputs : value_null ());
    value_set (arena, object, "jobs", json_jobs (arena, below));
    return object;
}

static value_t *json_cell (arena_t *arena, const planned_t *planned, size_t index)
{
    const plan_cell_t *cell = &planned->expansion.cells[index];
    value_t *object = value_object (arena), *labels = value_array (arena);
    for (size_t i = 0; i < cell->label_count; i++)
        value_push (arena, labels, value_string (arena, cell->labels[i]));
    put (arena, object, "name", cell->name);
    value_set (arena, object, "labels", labels);
    value_set (arena, object, "matrix", cell->matrix ? cell->matrix : value_null ());
    value_set (arena, object, "timeout_minutes", value_number (arena, (double) cell->timeout_minutes));
    put (arena, object, "environment", cell->environment);
    put (arena, object, "concurrency", cell->concurrency.group);
    if (planned->calls)
        value_set (arena, object, "calls", json_call (arena, planned->calls[index]));
    return object;
}

static value_t *json_job (arena_t *arena, const planned_t *planned)
{
    value_t *object = value_object (arena), *cells = value_array (arena);
    put (arena, object, "job", planned->job->key.text);
    put (arena, object, "uses", planned->job->uses.text);
    value_set (arena, object, "runs",
               planned->unknown ? value_null () : value_bool (planned->expansion.runs));
    put (arena, object, "reason", reason_of (arena, planned));
    // Of a job that may or may not run, null above, the cells depend on what is not known either
    for (size_t i = 0; !planned->unknown && i < planned->expansion.cell_count; i++)
        value_push (arena, cells, json_cell (arena, planned, i));
    value_set (arena, object, "cells", cells);
    return object;
}

static value_t *json_jobs (arena_t *arena, const level_t *level)
{
    value_t *jobs = value_array (arena);
    for (size_t i = 0; i < level->count; i++)
        value_push (arena, jobs, json_job (arena, &level->jobs[i]));
    return jobs;
}

void plan_print_json (const planning_t *self, bool triggered, const char *reason)
{
    arena_t *arena = self->arena;
    value_t *object = value_object (arena);
    put (arena, object, "workflow", self->file);
    put (arena, object, "event", self->event.happened.name);
    value_set (arena, object, "triggered", value_bool (triggered));
    put (arena, object, "reason", reason);
    put (arena, object, "run_name", run_name_of (self));
    put (arena, object, "concurrency", self->run.concurrency.group);
    value_set (arena, object, "jobs", json_jobs (arena, &self->top));
    printf ("%s\n", value_to_json (arena, object, 2));
}
