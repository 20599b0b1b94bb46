/* fuzz_plan.c - any bytes as a workflow file that is then planned: triggered, run made, every job expanded.
 *
 * Holds: what loads can be planned or says why not; what a job becomes loads on an agent and becomes the same again. */

#include "tests/fuzz/fuzz.h"
#include "workflow/plan/load.h"
#include "workflow/plan/plan.h"

#include <string.h>

static const char *const jobs =
    "{\"a\": {\"result\": \"success\", \"outputs\": {\"x\": \"[1, 2]\"}}, \"b\": {\"result\": \"failure\", \"outputs\": {}}}";

static void plan_job (arena_t *arena, const workflow_t *workflow, const job_t *job,
                      const plan_context_t *context)
{
    findings_t findings;
    plan_expansion_t plan;
    findings_init (&findings, arena, "fuzz.yml");
    fault_t fault = plan_expand (arena, workflow, job, context, &findings, &plan);
    FUZZ_CHECK ((fault == OK) == (findings.errors == 0));
    if (fault != OK || !plan.runs)
        return;
    FUZZ_CHECK (plan.cell_count >= 1 && plan.cell_count <= PLAN_CELLS);
    if (job->uses.text)
        return;
    const job_t *again = NULL;
    FUZZ_CHECK (job_load (arena, plan.definition, strlen (plan.definition), &findings, &again) == OK);
    FUZZ_CHECK (strcmp (plan_definition (arena, again, NULL), plan.definition) == 0);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new ();
    findings_t findings;
    const workflow_t *workflow = NULL;
    const value_t *value = NULL;
    const char *error = NULL;
    findings_init (&findings, arena, "fuzz.yml");
    if (workflow_load (arena, "fuzz.yml", (const char *) data, size, &findings, &workflow) == OK &&
        value_from_json (arena, jobs, strlen (jobs), &value, &error) == OK) {
        const char *const paths[] = {"src/a.c", "docs/b.md"};
        const filter_event_t event = {
            .name = "push", .ref = "refs/heads/main", .paths = paths, .path_count = 2};
        const char *reason = NULL;
        FUZZ_CHECK (workflow_triggered (arena, workflow, &event, &reason) == (reason[0] == '\0'));
        plan_context_t context = {.jobs = value};
        plan_run_t run;
        fault_t fault = plan_run (arena, workflow, &context, &findings, &run);
        FUZZ_CHECK ((fault == OK) == (findings.errors == 0));
        for (size_t i = 0; i < workflow->job_count && i < 20; i++)
            plan_job (arena, workflow, &workflow->jobs[i], &context);
    }
    arena_destroy (&arena);
    return 0;
}
