/* plan.c - `opencicd plan`: what an event would run, and why each job would or would not.
 *
 * Jobs are planned in the order of their needs, as if those had ended as --result says, else well and without outputs: what only
 * a real run can tell is said to be unknown, never guessed. */

#include "workflow/plan.h"
#include "cli/input.h"
#include "cli/lint.h"
#include "cli/plan_event.h"
#include "cli/server.h"
#include "cli/table.h"

#include <string.h>
#include <strings.h>

typedef struct {
    const job_t *job;
    plan_expansion_t expansion;
    const char *unknown; // Why it cannot be told; NULL where it can
} planned_t;

typedef struct {
    cli_t *cli;
    arena_t *arena;
    const char *file, *text;
    size_t size;
    const workflow_t *workflow;
    plan_event_t event;
    plan_run_t run;
    planned_t *jobs; // In the order in which they were planned
    size_t count;
    value_t *results; // As plan_context_t.jobs
} planning_t;

static int complain (const planning_t *self, const findings_t *findings)
{
    linted_t file = {.path = self->file, .text = self->text, .size = self->size, .findings = *findings};
    report_t report = {.arena = self->arena, .files = &file, .count = 1};
    fflush (stdout);
    report_text (stderr, &report);
    return CLI_FAILED;
}

// ---- one job after the other ----

static const char *result_for (const planning_t *self, const char *key, bool runs)
{
    words_t given = flag_list (self->cli->flags, "result");
    size_t size = strlen (key);
    for (size_t i = 0; i < given.count; i++)
        if (strncasecmp (given.items[i], key, size) == 0 && given.items[i][size] == '=' && runs)
            return given.items[i] + size + 1;
    return runs ? "success" : "skipped";
}

static void plan_job (planning_t *self, const job_t *job)
{
    planned_t *planned = &self->jobs[self->count++];
    findings_t findings;
    findings_init (&findings, self->arena, self->file);
    plan_context_t context = {
        .github = self->event.github, .inputs = self->run.inputs, .jobs = self->results, .vars = NULL};
    planned->job = job;
    if (plan_expand (self->arena, self->workflow, job, &context, &findings, &planned->expansion) != OK)
        planned->unknown = findings.count ? findings.items[0].message : "it cannot be planned";
    bool runs = planned->unknown || planned->expansion.runs;
    value_t *result = value_object (self->arena);
    value_set (self->arena, result, "result",
               value_string (self->arena, result_for (self, job->key.text, runs)));
    value_set (self->arena, result, "outputs", value_object (self->arena));
    value_set (self->arena, self->results, job->key.text, result);
}

static bool is_ready (const planning_t *self, const job_t *job)
{
    for (size_t i = 0; i < job->needs.count; i++)
        if (!value_get (self->results, job->needs.items[i].text))
            return false;
    return !value_get (self->results, job->key.text);
}

// Cycles were refused when the file was loaded: each round plans one at least.
static void plan_jobs (planning_t *self)
{
    const workflow_t *workflow = self->workflow;
    self->jobs = arena_array (self->arena, workflow->job_count, sizeof (planned_t));
    self->results = value_object (self->arena);
    for (size_t before = 1; before != self->count && self->count < workflow->job_count;) {
        before = self->count;
        for (size_t i = 0; i < workflow->job_count; i++)
            if (is_ready (self, &workflow->jobs[i]))
                plan_job (self, &workflow->jobs[i]);
        if (self->count == 0)
            break;
    }
}

// ---- printing ----

static const char *joined (arena_t *arena, const char *const *words, size_t count)
{
    const char *text = "";
    for (size_t i = 0; i < count; i++)
        text = arena_printf (arena, "%s%s%s", text, i ? ", " : "", words[i]);
    return text;
}

static const char *why_of (arena_t *arena, const planned_t *planned)
{
    const job_t *job = planned->job;
    if (planned->unknown)
        return arena_printf (arena, "only a run can tell: %s", planned->unknown);
    if (!planned->expansion.runs)
        return planned->expansion.why;
    const char *needs = "";
    for (size_t i = 0; i < job->needs.count; i++)
        needs = arena_printf (arena, "%s%s%s", needs, i ? ", " : "after ", job->needs.items[i].text);
    if (job->condition.text)
        return arena_printf (arena, "%s%sif: %s", needs, *needs ? "; " : "", job->condition.text);
    return needs;
}

static void add_cell (table_t *table, const planned_t *planned, const plan_cell_t *cell, arena_t *arena)
{
    const char *where =
        planned->job->uses.text ? planned->job->uses.text : joined (arena, cell->labels, cell->label_count);
    table_row (table);
    table_cell (table, BOLD, cell->name);
    table_cell (table, GREEN, "runs");
    table_cell (table, PLAIN, where);
    table_cell (table, PLAIN, why_of (arena, planned));
}

static void print_jobs (const planning_t *self)
{
    static const char *const headings[] = {"JOB", "", "ON", "WHY", NULL};
    table_t *table = table_new (self->arena, headings);
    for (size_t i = 0; i < self->count; i++) {
        const planned_t *planned = &self->jobs[i];
        bool runs = !planned->unknown && planned->expansion.runs;
        for (size_t j = 0; runs && j < planned->expansion.cell_count; j++)
            add_cell (table, planned, &planned->expansion.cells[j], self->arena);
        if (runs)
            continue;
        table_row (table);
        table_cell (table, BOLD, planned->job->key.text);
        table_cell (table, planned->unknown ? YELLOW : DIM, planned->unknown ? "unknown" : "does not run");
        table_cell (table, PLAIN, "");
        table_cell (table, PLAIN, why_of (self->arena, planned));
    }
    table_print (table, stdout, self->cli->colour);
}

static void put (const planning_t *self, value_t *object, const char *key, const char *text)
{
    value_set (self->arena, object, key, value_string (self->arena, text));
}

static value_t *json_cell (const planning_t *self, const plan_cell_t *cell)
{
    value_t *object = value_object (self->arena), *labels = value_array (self->arena);
    for (size_t i = 0; i < cell->label_count; i++)
        value_push (self->arena, labels, value_string (self->arena, cell->labels[i]));
    put (self, object, "name", cell->name);
    value_set (self->arena, object, "labels", labels);
    value_set (self->arena, object, "matrix", cell->matrix ? cell->matrix : value_null ());
    value_set (self->arena, object, "timeout_minutes",
               value_number (self->arena, (double) cell->timeout_minutes));
    put (self, object, "environment", cell->environment);
    put (self, object, "concurrency", cell->concurrency.group);
    return object;
}

static value_t *json_job (const planning_t *self, const planned_t *planned)
{
    value_t *object = value_object (self->arena), *cells = value_array (self->arena);
    put (self, object, "job", planned->job->key.text);
    value_set (self->arena, object, "runs",
               planned->unknown ? value_null () : value_bool (planned->expansion.runs));
    put (self, object, "why", why_of (self->arena, planned));
    for (size_t i = 0; !planned->unknown && i < planned->expansion.cell_count; i++)
        value_push (self->arena, cells, json_cell (self, &planned->expansion.cells[i]));
    value_set (self->arena, object, "cells", cells);
    return object;
}

static void print_json (const planning_t *self, bool triggered, const char *why)
{
    value_t *object = value_object (self->arena), *jobs = value_array (self->arena);
    put (self, object, "workflow", self->file);
    put (self, object, "event", self->event.happened.name);
    value_set (self->arena, object, "triggered", value_bool (triggered));
    put (self, object, "why", why);
    put (self, object, "run_name", self->run.run_name);
    put (self, object, "concurrency", self->run.concurrency.group);
    for (size_t i = 0; i < self->count; i++)
        value_push (self->arena, jobs, json_job (self, &self->jobs[i]));
    value_set (self->arena, object, "jobs", jobs);
    printf ("%s\n", value_to_json (self->arena, object, 2));
}

static void print_run (const planning_t *self)
{
    if (self->run.run_name)
        printf ("Run name     %s\n", paint_safe (self->arena, self->run.run_name));
    if (self->run.concurrency.group)
        printf ("Concurrency  %s\n", paint_safe (self->arena, self->run.concurrency.group));
    if (self->run.run_name || self->run.concurrency.group)
        printf ("\n");
    print_jobs (self);
}

// ----

static int plan_triggered (planning_t *self, bool json)
{
    findings_t findings;
    findings_init (&findings, self->arena, self->file);
    plan_context_t context = {.github = self->event.github, .inputs = self->event.inputs};
    if (plan_run (self->arena, self->workflow, &context, &findings, &self->run) != OK)
        return complain (self, &findings);
    plan_jobs (self);
    if (json)
        print_json (self, true, "");
    else
        print_run (self);
    return CLI_OK;
}

static int plan_loaded (planning_t *self)
{
    const char *why;
    bool json = flag_on (self->cli->flags, "json");
    if (workflow_triggered (self->arena, self->workflow, &self->event.happened, &why))
        return plan_triggered (self, json);
    if (json)
        print_json (self, false, why);
    else
        printf ("%s does not run on %s: %s\n", paint_safe (self->arena, self->file),
                self->event.happened.name, paint_safe (self->arena, why));
    return CLI_OK;
}

// NULL, or the --result that is none.
static const char *wrong_result (words_t given)
{
    static const char *const results[] = {"success", "failure", "cancelled", "skipped"};
    for (size_t i = 0; i < given.count; i++) {
        const char *equals = strchr (given.items[i], '=');
        bool good = false;
        for (size_t j = 0; equals && j < sizeof results / sizeof results[0]; j++)
            good = good || strcmp (results[j], equals + 1) == 0;
        if (!good)
            return given.items[i];
    }
    return NULL;
}

static int plan (cli_t *cli)
{
    planning_t self = {.cli = cli, .arena = cli->turn->arena, .file = cli->words.items[0]};
    findings_t findings;
    const char *wrong = wrong_result (flag_list (cli->flags, "result"));
    if (!flag_text (cli->flags, "event"))
        return cli_usage (cli, "--event is missing: push, pull_request, schedule, ...");
    if (wrong)
        return cli_usage (cli, "--result: %s is not JOB=success, failure, cancelled or skipped", wrong);
    fault_t fault = input_read (cli->turn, self.file, &self.text, &self.size);
    if (fault == OK)
        fault = plan_event_read (cli, &self.event);
    if (fault != OK)
        return fault == BAD_INPUT ? cli_usage (cli, "%s", cli->turn->detail) : cli_fail (cli, fault);
    findings_init (&findings, self.arena, self.file);
    if (workflow_load (self.arena, self.file, self.text, self.size, &findings, &self.workflow) != OK)
        return complain (&self, &findings);
    return plan_loaded (&self);
}

static const flag_t flags[] = {
    {.name = "event",
     .kind = FLAG_TEXT,
     .letter = 'e',
     .metavar = "EVENT",
     .doc = "push, pull_request, schedule, ..."},
    {.name = "payload",
     .kind = FLAG_TEXT,
     .metavar = "FILE.json",
     .doc = "github.event; - is standard input."},
    {.name = "ref", .kind = FLAG_TEXT, .metavar = "REF", .doc = "As in the payload, else refs/heads/main."},
    {.name = "sha", .kind = FLAG_TEXT, .metavar = "SHA", .doc = "As in the payload."},
    {.name = "path",
     .kind = FLAG_LIST,
     .metavar = "PATH",
     .doc = "A changed file, for path filters; may be given again."},
    {.name = "input",
     .kind = FLAG_LIST,
     .letter = 'i',
     .metavar = "NAME=VALUE",
     .doc = "An input of workflow_dispatch; may be given again."},
    {.name = "result",
     .kind = FLAG_LIST,
     .metavar = "JOB=RESULT",
     .doc = "Suppose that this job ends so: success, failure, cancelled, skipped."},
    {.name = "json", .kind = FLAG_SWITCH, .doc = "In JSON."},
    {.name = NULL}};

const command_t command_plan = {
    .name = "plan",
    .usage = "--event EVENT [OPTIONS] FILE",
    .summary = "Tell what an event would run, and why each job would or would not.",
    .help =
        "Jobs are planned as if those that they need had ended well and without outputs; --result supposes otherwise.\n",
    .flags = flags,
    .least = 1,
    .most = 1,
    .run = plan};
