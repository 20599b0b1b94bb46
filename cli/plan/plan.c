/* plan.c - `opencicd plan`: what an event would run, and why each job would run or not.
 *
 * Jobs are planned in the order of their needs, as if those had ended as --result says, else well, with the outputs that --output gives: what
 * only a real run can show is reported as unknown, never guessed. Called workflows of the same repository are planned below. */

#include "cli/plan/plan.h"

#include "cli/files/callees.h"
#include "cli/files/input.h"
#include "cli/lint/lint.h"
#include "cli/server/server.h"
#include "workflow/plan/load.h"
#include "workflow/schema/schema.h"

#include <string.h>
#include <strings.h>

#define PLANNED_MAX 5000 // Jobs, with those of called workflows; past it called workflows are ignored

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
    args_t given = flag_list (self->cli->flags, "result");
    size_t size = strlen (key);
    for (size_t i = 0; i < given.count; i++)
        if (strncasecmp (given.items[i], key, size) == 0 && given.items[i][size] == '=' && runs)
            return given.items[i] + size + 1;
    return runs ? "success" : "skipped";
}

// What --output JOB.NAME=VALUE supposes of a job.
static const value_t *outputs_for (const planning_t *self, const char *key)
{
    args_t given = flag_list (self->cli->flags, "output");
    value_t *outputs = value_object (self->arena);
    size_t size = strlen (key);
    for (size_t i = 0; i < given.count; i++) {
        const char *text = given.items[i], *equals = strchr (text, '=');
        if (strncasecmp (text, key, size) != 0 || text[size] != '.')
            continue;
        const char *name = text + size + 1;
        value_set (self->arena, outputs, arena_strndup (self->arena, name, (size_t) (equals - name)),
                   value_string (self->arena, equals + 1));
    }
    return outputs;
}

static void plan_jobs (planning_t *self, level_t *level);

// What a cell calls; NULL if its file is not available.
static const level_t *plan_call (planning_t *self, const level_t *level, const job_t *job,
                                 const plan_cell_t *cell)
{
    findings_t findings;
    const char *reason, *name = call_name (self->arena, level->name, job->uses.text);
    call_finder_t finder = called_finder (&self->called);
    const workflow_t *workflow =
        self->planned < PLANNED_MAX ? finder.find (finder.self, name, &reason) : NULL;
    if (!workflow)
        return NULL;
    level_t *below = arena_alloc (self->arena, sizeof (level_t));
    *below =
        (level_t){.workflow = workflow,
                  .name = name,
                  .title = *level->title ? arena_printf (self->arena, "%s / %s", level->title, cell->name)
                                         : cell->name};
    plan_context_t context = {.github = self->event.github};
    findings_init (&findings, self->arena, name);
    if (plan_inputs (self->arena, &workflow->call, cell->with, &context, &findings, &below->inputs) != OK)
        below->wrong = findings.items[0].message;
    else
        plan_jobs (self, below);
    return below;
}

static void plan_calls (planning_t *self, const level_t *level, planned_t *planned)
{
    size_t count = planned->expansion.cell_count;
    if (!planned->job->uses.text || planned->unknown)
        return;
    planned->calls = arena_array (self->arena, count + 1, sizeof (level_t *));
    for (size_t i = 0; i < count; i++)
        planned->calls[i] = plan_call (self, level, planned->job, &planned->expansion.cells[i]);
}

static void plan_job (planning_t *self, level_t *level, const job_t *job)
{
    planned_t *planned = &level->jobs[level->count++];
    findings_t findings;
    findings_init (&findings, self->arena, self->file);
    plan_context_t context = {.github = self->event.github, .inputs = level->inputs, .jobs = level->results};
    planned->job = job;
    self->planned++;
    if (plan_expand (self->arena, level->workflow, job, &context, &findings, &planned->expansion) != OK)
        planned->unknown = findings.count ? findings.items[0].message : "it cannot be planned";
    bool runs = planned->unknown || planned->expansion.runs;
    value_t *result = value_object (self->arena);
    value_set (self->arena, result, "result",
               value_string (self->arena, result_for (self, job->key.text, runs)));
    value_set (self->arena, result, "outputs",
               runs ? outputs_for (self, job->key.text) : value_object (self->arena));
    value_set (self->arena, level->results, job->key.text, result);
    plan_calls (self, level, planned);
}

static bool is_ready (const level_t *level, const job_t *job)
{
    for (size_t i = 0; i < job->needs.count; i++)
        if (!value_get (level->results, job->needs.items[i].text))
            return false;
    return !value_get (level->results, job->key.text);
}

// Cycles were refused when the file was loaded: each round plans one at least. Calls go no deeper than CALL_DEPTH.
static void plan_jobs (planning_t *self, level_t *level)
{
    const workflow_t *workflow = level->workflow;
    level->jobs = arena_array (self->arena, workflow->job_count, sizeof (planned_t));
    level->results = value_object (self->arena);
    for (size_t before = 1; before != level->count && level->count < workflow->job_count;) {
        before = level->count;
        for (size_t i = 0; i < workflow->job_count; i++)
            if (is_ready (level, &workflow->jobs[i]))
                plan_job (self, level, &workflow->jobs[i]);
        if (level->count == 0)
            break;
    }
}

// ----

static int plan_triggered (planning_t *self, bool json)
{
    findings_t findings;
    findings_init (&findings, self->arena, self->file);
    plan_context_t context = {.github = self->event.github, .inputs = self->event.inputs};
    if (plan_run (self->arena, self->top.workflow, &context, &findings, &self->run) != OK)
        return complain (self, &findings);
    self->top.inputs = self->run.inputs;
    plan_jobs (self, &self->top);
    if (json)
        plan_print_json (self, true, "");
    else
        plan_print (self);
    return CLI_OK;
}

static int plan_loaded (planning_t *self)
{
    const char *reason;
    bool json = flag_on (self->cli->flags, "json");
    if (workflow_triggered (self->arena, self->top.workflow, &self->event.happened, &reason))
        return plan_triggered (self, json);
    if (json)
        plan_print_json (self, false, reason);
    else
        printf ("%s does not run on %s: %s\n", paint_safe (self->arena, self->file),
                self->event.happened.name, paint_safe (self->arena, reason));
    return CLI_OK;
}

// NULL, or the invalid --result.
static const char *wrong_result (args_t given)
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

// NULL, or the invalid --output.
static const char *wrong_output (args_t given)
{
    for (size_t i = 0; i < given.count; i++) {
        size_t job = strcspn (given.items[i], ".="), name = strcspn (given.items[i], "=");
        if (job == 0 || name < job + 2 || given.items[i][name] == '\0')
            return given.items[i];
    }
    return NULL;
}

// NULL for an event, else the error.
static const char *wrong_event (arena_t *arena, const char *event)
{
    if (!event)
        return "--event is missing: push, pull_request, schedule, ...";
    if (schema_row (&schema_on, event) && event[0] != '[')
        return NULL;
    const char *nearest = schema_nearest (&schema_on, event);
    return nearest ? arena_printf (arena, "--event: unknown event %s (did you mean %s?)", event, nearest)
                   : arena_printf (arena, "--event: unknown event %s", event);
}

static int plan (cli_t *cli)
{
    planning_t self = {
        .cli = cli, .arena = cli->turn->arena, .file = cli->args.items[0], .top = {.name = "", .title = ""}};
    findings_t findings;
    const char *wrong = wrong_result (flag_list (cli->flags, "result"));
    const char *unknown = wrong_event (self.arena, flag_text (cli->flags, "event"));
    if (unknown)
        return cli_usage (cli, "%s", unknown);
    if (wrong)
        return cli_usage (cli, "--result: %s is not JOB=success, failure, cancelled or skipped", wrong);
    if ((wrong = wrong_output (flag_list (cli->flags, "output"))) != NULL)
        return cli_usage (cli, "--output: %s is not JOB.NAME=VALUE", wrong);
    fault_t fault = input_read (cli->turn, self.file, &self.text, &self.size);
    if (fault != OK)
        return cli_fail (cli, fault);
    findings_init (&findings, self.arena, self.file);
    if (workflow_load (self.arena, self.file, self.text, self.size, &findings, &self.top.workflow) != OK)
        return complain (&self, &findings);
    fault = plan_event_read (cli, self.top.workflow, self.file, &self.event);
    if (fault != OK)
        return fault == BAD_INPUT ? cli_usage (cli, "%s", cli->turn->detail) : cli_fail (cli, fault);
    self.called = called_from (cli->turn, self.file);
    called_check (&self.called, self.top.workflow, &findings);
    return findings.errors ? complain (&self, &findings) : plan_loaded (&self);
}

static const flag_t flags[] = {
    {.name = "event",
     .kind = FLAG_TEXT,
     .letter = 'e',
     .metavar = "EVENT",
     .doc = "Required: push, pull_request, schedule, ..."},
    {.name = "payload",
     .kind = FLAG_TEXT,
     .metavar = "FILE.json",
     .doc = "The event's payload (github.event); - reads standard input."},
    {.name = "ref",
     .kind = FLAG_TEXT,
     .metavar = "REF",
     .doc = "The event's ref. Default: the payload's, or refs/heads/main."},
    {.name = "sha",
     .kind = FLAG_TEXT,
     .metavar = "SHA",
     .doc = "The event's commit. Default: the payload's."},
    {.name = "path",
     .kind = FLAG_LIST,
     .metavar = "PATH",
     .doc = "A changed file, for path filters; may be repeated."},
    {.name = "input",
     .kind = FLAG_LIST,
     .letter = 'i',
     .metavar = "NAME=VALUE",
     .doc = "An input of workflow_dispatch; may be repeated."},
    {.name = "result",
     .kind = FLAG_LIST,
     .metavar = "JOB=RESULT",
     .doc = "Assume this result of a job: success, failure, cancelled or skipped."},
    {.name = "output",
     .kind = FLAG_LIST,
     .metavar = "JOB.NAME=VALUE",
     .doc = "Assume this output of a job; may be repeated."},
    {.name = "json", .kind = FLAG_SWITCH, .doc = "Print the plan as JSON."},
    {.name = NULL}};

const command_t command_plan = {
    .name = "plan",
    .group = GROUP_FILES,
    .usage = "--event EVENT [OPTIONS] FILE",
    .summary = "Show which jobs an event would run, and why.",
    .help =
        "Assumes that every job succeeds and has no outputs, unless --result and --output say otherwise. Needs no server.\n",
    .examples =
        "opencicd plan --event push .github/workflows/ci.yml\n"
        "opencicd plan --event push --ref refs/tags/v1.2 --result build=failure .github/workflows/ci.yml\n",
    .flags = flags,
    .min_args = 1,
    .max_args = 1,
    .run = plan};
