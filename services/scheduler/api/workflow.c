/* workflow.c - workflow files for who looks at them: those of a project, with what a run by hand can be given, and any text, checked.
 *
 * Nothing is written: a file that cannot be read is shown with what is wrong with it, beside the others. */

#include "common/base/metrics.h"
#include "services/scheduler/api/handlers.h"
#include "services/scheduler/api/workflow_cache.h"
#include "services/scheduler/run/callable.h"
#include "services/scheduler/run/file_reader.h"
#include "services/scheduler/run/planner_look.h"

#include <string.h>

#define NEW_FILE ".github/workflows/new.yml"

static void describe (arena_t *arena, const plan_t *plan, workflow_file_t *file)
{
    const planned_input_t *inputs;
    size_t count = planner_asks (arena, plan, &inputs);
    file->name = planner_name (arena, plan);
    file->dispatch = planner_takes (plan, "workflow_dispatch");
    file->inputs.items = arena_array (arena, count + 1, sizeof *file->inputs.items);
    for (size_t i = 0; i < count; i++)
        file->inputs.items[file->inputs.count++] = (workflow_input_t){.name = inputs[i].name,
                                                                      .type = inputs[i].type,
                                                                      .description = inputs[i].description,
                                                                      .required = inputs[i].required,
                                                                      .default_value = inputs[i].fallback,
                                                                      .options = inputs[i].options,
                                                                      .deprecation = inputs[i].deprecation};
}

// Until environments are things of their own, those that the files name are all that is known of them.
static workflow_file_t show_file (turn_t *turn, planned_file_t *planned, bool with_text, strs_t *environments)
{
    const plan_t *plan;
    const char *path = planner_path (planned);
    workflow_file_t file = {.path = path, .name = path, .problem = "", .text = ""};
    if (planner_file (turn, planned, &plan) == OK) {
        describe (turn->arena, plan, &file);
        planner_environments (turn->arena, plan, environments);
    } else {
        file.problem = turn->detail;
        turn->detail = NULL;
    }
    // What is not text is not for an editor
    if (with_text && strlen (planned->text) == planned->size)
        file.text = planned->text;
    return file;
}

static void offer_environments (workflow_files_t *answer, const strs_t *environments)
{
    for (size_t i = 0; i < answer->items.count; i++)
        for (size_t k = 0; k < answer->items.items[i].inputs.count; k++) {
            workflow_input_t *input = &answer->items.items[i].inputs.items[k];
            if (same (input->type, "environment"))
                input->options = *environments;
        }
}

static fault_t read_all (scheduler_t *self, turn_t *turn, const scm_tree_t *tree, planned_files_t *files,
                         const char *path, workflow_files_t *answer)
{
    strs_t environments = {0};
    TRY (files_read (self, turn, files));
    *answer = (workflow_files_t){.ref = tree->ref, .sha = tree->sha};
    answer->items.items = arena_array (turn->arena, files->count + 1, sizeof *answer->items.items);
    for (size_t i = 0; i < files->count; i++) {
        workflow_file_t file = show_file (turn, &files->items[i], *path, &environments);
        if (!*path || file_is_named (planner_path (&files->items[i]), path))
            answer->items.items[answer->items.count++] = file;
    }
    offer_environments (answer, &environments);
    return OK;
}

HANDLER (workflow_list)
{
    scheduler_t *self = context;
    const workflow_list_t *ask = asked;
    workflow_files_t *answer = answered;
    project_row_t project;
    scm_tree_t tree;
    TRY (project_store_find (self->db, turn, ask->project, &project));
    TRY (fetch_tree (turn, &project, &(scm_fetch_t){.ref = ask->ref, .sha = "", .before = "", .trial = ""},
                     &tree));
    if (!*ask->path && workflow_cache_find (self, turn, &tree, answer))
        return OK;
    planned_files_t files = callable_new (turn, &tree);
    TRY (read_all (self, turn, &tree, &files, ask->path, answer));
    if (!*ask->path)
        workflow_cache_keep (self, answer);
    return *ask->path && answer->items.count == 0
               ? turn_fail (turn, NOT_FOUND, "there is no workflow %s at %s", ask->path, tree.ref)
               : OK;
}

static void show_look (arena_t *arena, const looked_t *looked, lint_report_t *report)
{
    report->findings.items = arena_array (arena, looked->finding_count + 1, sizeof *report->findings.items);
    for (size_t i = 0; i < looked->finding_count; i++) {
        const planned_finding_t *finding = &looked->findings[i];
        report->findings.items[report->findings.count++] = (lint_finding_t){.line = finding->line,
                                                                            .column = finding->column,
                                                                            .error = finding->error,
                                                                            .rule = finding->rule,
                                                                            .message = finding->message};
    }
    report->jobs.items = arena_array (arena, looked->job_count + 1, sizeof *report->jobs.items);
    for (size_t i = 0; i < looked->job_count; i++) {
        const written_job_t *job = &looked->jobs[i];
        report->jobs.items[report->jobs.count++] = (lint_job_t){.key = job->key,
                                                                .name = job->name,
                                                                .needs = job->needs,
                                                                .labels = job->labels,
                                                                .uses = job->uses,
                                                                .steps = job->steps,
                                                                .line = job->line,
                                                                .matrix = job->matrix};
    }
}

HANDLER (lint_check)
{
    (void) context;
    const lint_check_t *ask = asked;
    lint_report_t *report = answered;
    looked_t looked;
    planner_look (turn, *ask->path ? ask->path : NEW_FILE, ask->text, strlen (ask->text), &looked);
    *report = (lint_report_t){0};
    show_look (turn->arena, &looked, report);
    size_t errors = 0;
    for (size_t i = 0; i < looked.finding_count; i++)
        errors += looked.findings[i].error;
    metric_add (metrics_counter ("opencicd_lint_files_total", "result", errors ? "errors" : "good",
                                 "Files that POST /lint looked at, by whether they would run"),
                1);
    return OK;
}
